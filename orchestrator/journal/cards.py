"""What an answer shows beside its words, as the journal keeps it: cards of real rows, and the form it is filling.

Money is in minor units, times are ISO 8601 in UTC to the second ("2026-06-01T04:00:00Z"), words are in the
conversation's language; an empty string is "none".
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

MAX_CARDS = 6
MAX_CHOICES = 12


class Money(msgspec.Struct, frozen=True):
    """An amount in minor units of an ISO 4217 currency."""

    minor: int
    currency: str


class CardLine(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of one thing on an order card; `unit` is the price of one."""

    sku: str
    title: str
    quantity: int
    unit: Money


class CardParcel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A parcel on an order card."""

    tracking_number: str
    carrier: str
    status: str
    progress: str
    last_scan: str = ""
    last_scan_at: str = ""


class OrderCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="order", tag_field="card"):
    """An order as a client draws it."""

    number: str
    status: str
    status_text: str
    placed_at: str
    total: Money
    lines: tuple[CardLine, ...] = ()
    parcels: tuple[CardParcel, ...] = ()


class TicketCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="ticket", tag_field="card"):
    """A ticket as a client draws it; `text` tells kind and status in words."""

    number: str
    kind: str
    status: str
    text: str
    opened_at: str
    reply_by: str = ""
    order_number: str = ""


class CouponCard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="coupon", tag_field="card"):
    """A coupon as a client draws it; `minimum` is the sum that it asks for."""

    code: str
    amount: Money
    expires_at: str
    minimum: Money | None = None


Card = OrderCard | TicketCard | CouponCard


class FormInput(StrEnum):
    """What kind of input fits a form's question."""

    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    EMAIL = "email"
    PHONE = "phone"
    CONFIRM = "confirm"


class FormChoice(msgspec.Struct, frozen=True):
    """A choice: `value` is what a client sends as a text message, `label` what is read."""

    value: str
    label: str


class FilledSlot(msgspec.Struct, frozen=True):
    """Something that a form knows already, as the customer reads it."""

    slot: str
    label: str
    value: str


class FormPrompt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The question of a form that an answer asks; `slot` is empty when it asks for confirmation."""

    form: str
    title: str
    input: FormInput
    slot: str = ""
    choices: tuple[FormChoice, ...] = ()
    filled: tuple[FilledSlot, ...] = ()
