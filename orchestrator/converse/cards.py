"""Cards and forms for the wire."""

from __future__ import annotations

from google.protobuf.timestamp_pb2 import Timestamp

from orchestrator.journal.cards import Card, CardLine, CardParcel, CouponCard, FormPrompt, Money, OrderCard, TicketCard
from stickerdesk.orchestrator.v1 import cards_pb2 as pb


def card_proto(card: Card) -> pb.Card:
    """A card for the wire."""
    match card:
        case OrderCard():
            return pb.Card(order=_order(card))
        case TicketCard():
            return pb.Card(ticket=_ticket(card))
        case CouponCard():
            return pb.Card(coupon=_coupon(card))


def form_proto(form: FormPrompt) -> pb.FormPrompt:
    """A form's question for the wire."""
    return pb.FormPrompt(
        form=form.form,
        title=form.title,
        slot=form.slot,
        input=pb.FormPrompt.Input.Value(f"INPUT_{form.input.name}"),
        choices=[pb.FormChoice(value=one.value, label=one.label) for one in form.choices],
        filled=[pb.FilledSlot(slot=one.slot, label=one.label, value=one.value) for one in form.filled],
    )


def _order(card: OrderCard) -> pb.OrderCard:
    return pb.OrderCard(
        number=card.number,
        status=card.status,
        status_text=card.status_text,
        placed_at=_moment(card.placed_at),
        total=_money(card.total),
        lines=map(_line, card.lines),
        parcels=map(_parcel, card.parcels),
    )


def _line(line: CardLine) -> pb.CardLine:
    return pb.CardLine(sku=line.sku, title=line.title, quantity=line.quantity, unit=_money(line.unit))


def _parcel(parcel: CardParcel) -> pb.CardParcel:
    return pb.CardParcel(
        tracking_number=parcel.tracking_number,
        carrier=parcel.carrier,
        status=parcel.status,
        progress=parcel.progress,
        last_scan=parcel.last_scan,
        last_scan_at=_moment(parcel.last_scan_at),
    )


def _ticket(card: TicketCard) -> pb.TicketCard:
    return pb.TicketCard(
        number=card.number,
        kind=card.kind,
        status=card.status,
        text=card.text,
        opened_at=_moment(card.opened_at),
        reply_by=_moment(card.reply_by),
        order_number=card.order_number,
    )


def _coupon(card: CouponCard) -> pb.CouponCard:
    minimum = _money(card.minimum) if card.minimum is not None else None
    return pb.CouponCard(
        code=card.code, amount=_money(card.amount), minimum=minimum, expires_at=_moment(card.expires_at)
    )


def _money(amount: Money) -> pb.Money:
    return pb.Money(minor=amount.minor, currency=amount.currency)


def _moment(iso: str) -> Timestamp | None:
    """None for no time, so that the field is absent."""
    if not iso:
        return None
    at = Timestamp()
    at.FromJsonString(iso)
    return at
