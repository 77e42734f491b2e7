"""Cards and forms inside an `entry`: what an answer shows beside its words. Times are RFC 3339 in UTC."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Money(Struct, frozen=True, gc=False):
    """An amount in minor units of an ISO 4217 currency."""

    minor: int
    currency: str


class CardLine(Struct, frozen=True, kw_only=True):
    """Pieces of one thing; `unit` is the price of one."""

    sku: str
    title: str
    quantity: int
    unit: Money


class CardParcel(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A parcel on its way."""

    tracking_number: str
    carrier: str
    status: str
    progress: str
    last_scan: str | None = None
    last_scan_at: str | None = None


class OrderCard(Struct, frozen=True, kw_only=True, tag="order", tag_field="kind"):
    """An order."""

    number: str
    status: str
    status_text: str
    placed_at: str
    total: Money
    lines: tuple[CardLine, ...]
    parcels: tuple[CardParcel, ...]


class TicketCard(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="ticket", tag_field="kind"):
    """A ticket."""

    number: str
    ticket_kind: str
    status: str
    text: str
    opened_at: str
    reply_by: str | None = None
    order_number: str | None = None


class CouponCard(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="coupon", tag_field="kind"):
    """A coupon."""

    code: str
    amount: Money
    expires_at: str
    minimum: Money | None = None


AnyCard: TypeAlias = OrderCard | TicketCard | CouponCard


class FormChoice(Struct, frozen=True, gc=False):
    """A choice; `value` is sent as an ordinary text message."""

    value: str
    label: str


class FilledSlot(Struct, frozen=True, gc=False):
    """Something that a form knows already."""

    slot: str
    label: str
    value: str


class FormPrompt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The question of a form; `slot` is empty when it asks for confirmation."""

    form: str
    title: str
    slot: str
    input: str
    choices: tuple[FormChoice, ...] | None = None
    filled: tuple[FilledSlot, ...] | None = None
