"""Cards and forms from the orchestrator's protobuf messages; conversion only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from gateway import card_frames as frames
from stickerdesk.orchestrator.v1 import cards_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2

_INPUTS = {
    pb.FormPrompt.INPUT_TEXT: "text",
    pb.FormPrompt.INPUT_CHOICE: "choice",
    pb.FormPrompt.INPUT_DATE: "date",
    pb.FormPrompt.INPUT_TIME: "time",
    pb.FormPrompt.INPUT_NUMBER: "number",
    pb.FormPrompt.INPUT_EMAIL: "email",
    pb.FormPrompt.INPUT_PHONE: "phone",
    pb.FormPrompt.INPUT_CONFIRM: "confirm",
}


def card_views(entry: orchestrator_pb2.Entry) -> tuple[frames.AnyCard, ...]:
    """The cards of an entry, less those that this edge does not know yet."""
    known = ((card, card.WhichOneof("kind")) for card in entry.cards)
    return tuple(_CARDS[kind](getattr(card, kind)) for card, kind in known if kind is not None)


def form_view(entry: orchestrator_pb2.Entry) -> frames.FormPrompt | None:
    """The question of a form; an input that this edge does not know is typed in words."""
    if not entry.HasField("form"):
        return None
    form = entry.form
    return frames.FormPrompt(
        form=form.form,
        title=form.title,
        slot=form.slot,
        input=_INPUTS.get(form.input, "text"),
        choices=tuple(frames.FormChoice(one.value, one.label) for one in form.choices) or None,
        filled=tuple(frames.FilledSlot(one.slot, one.label, one.value) for one in form.filled) or None,
    )


def _order(card: pb.OrderCard) -> frames.OrderCard:
    return frames.OrderCard(
        number=card.number,
        status=card.status,
        status_text=card.status_text,
        placed_at=card.placed_at.ToJsonString(),
        total=_money(card.total),
        lines=tuple(map(_line, card.lines)),
        parcels=tuple(map(_parcel, card.parcels)),
    )


def _line(line: pb.CardLine) -> frames.CardLine:
    return frames.CardLine(sku=line.sku, title=line.title, quantity=line.quantity, unit=_money(line.unit))


def _parcel(parcel: pb.CardParcel) -> frames.CardParcel:
    return frames.CardParcel(
        tracking_number=parcel.tracking_number,
        carrier=parcel.carrier,
        status=parcel.status,
        progress=parcel.progress,
        last_scan=parcel.last_scan or None,
        last_scan_at=_moment(parcel, "last_scan_at"),
    )


def _ticket(card: pb.TicketCard) -> frames.TicketCard:
    return frames.TicketCard(
        number=card.number,
        ticket_kind=card.kind,
        status=card.status,
        text=card.text,
        opened_at=card.opened_at.ToJsonString(),
        reply_by=_moment(card, "reply_by"),
        order_number=card.order_number or None,
    )


def _coupon(card: pb.CouponCard) -> frames.CouponCard:
    return frames.CouponCard(
        code=card.code,
        amount=_money(card.amount),
        expires_at=card.expires_at.ToJsonString(),
        minimum=_money(card.minimum) if card.HasField("minimum") else None,
    )


def _money(amount: pb.Money) -> frames.Money:
    return frames.Money(amount.minor, amount.currency)


def _moment(message: Message, name: str) -> str | None:
    at: Timestamp = getattr(message, name)
    return at.ToJsonString() if message.HasField(name) else None


_CARDS: dict[str, Callable[[Any], frames.AnyCard]] = {"order": _order, "ticket": _ticket, "coupon": _coupon}
