"""The orchestrator's messages as frames."""

from __future__ import annotations

import json

import pytest

from gateway import frames
from gateway.views import event_of
from stickerdesk.orchestrator.v1 import cards_pb2 as cards
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.gateway.client import CONTRACT

pytestmark = pytest.mark.unit


class Addresses:
    """Addresses that say what they were made from."""

    def image(self, image_id: str, variant: str) -> str:
        return f"/{image_id}/{variant}"

    def sticker(self, sticker_id: str, sha256: str) -> str:
        return f"/stickers/{sticker_id}/{sha256[:16]}"


def frame_of(**fields: object) -> dict[str, object]:
    """An entry with these fields as a client gets it, held against the contract."""
    entry = pb.Entry(seq=1, author=pb.AUTHOR_ASSISTANT, **fields)  # type: ignore[arg-type]
    entry.created_at.FromJsonString("2026-06-01T04:00:00Z")
    event = event_of(pb.ConverseResponse(entry=entry), Addresses())
    assert isinstance(event, frames.Entry)
    frame: dict[str, object] = json.loads(frames.encode(event))
    CONTRACT.check("send", frame)
    return frame


def order() -> cards.OrderCard:
    """A full order card."""
    card = cards.OrderCard(
        number="SD-1",
        status="shipped",
        status_text="On its way",
        total=cards.Money(minor=12900, currency="CNY"),
        lines=[cards.CardLine(sku="cup", title="Cup", quantity=2, unit=cards.Money(minor=6450, currency="CNY"))],
        parcels=[
            cards.CardParcel(
                tracking_number="SF1", carrier="SF", status="in_transit", progress="Moving", last_scan="Left the hub"
            )
        ],
    )
    card.placed_at.FromJsonString("2026-05-30T04:00:00Z")
    card.parcels[0].last_scan_at.FromJsonString("2026-05-31T04:00:00Z")
    return card


def test_an_order_card_has_every_field() -> None:
    """Lines, parcels and sums as the contract says."""
    assert frame_of(cards=[cards.Card(order=order())])["cards"] == [
        {
            "kind": "order",
            "number": "SD-1",
            "status": "shipped",
            "status_text": "On its way",
            "placed_at": "2026-05-30T04:00:00Z",
            "total": {"minor": 12900, "currency": "CNY"},
            "lines": [{"sku": "cup", "title": "Cup", "quantity": 2, "unit": {"minor": 6450, "currency": "CNY"}}],
            "parcels": [
                {
                    "tracking_number": "SF1",
                    "carrier": "SF",
                    "status": "in_transit",
                    "progress": "Moving",
                    "last_scan": "Left the hub",
                    "last_scan_at": "2026-05-31T04:00:00Z",
                }
            ],
        }
    ]


def test_tickets_and_coupons_leave_out_what_is_not_there() -> None:
    """No deadline, no order and no minimum: no fields."""
    ticket, coupon = cards.TicketCard(number="T-1", kind="return", status="open", text="Return"), cards.CouponCard()
    ticket.opened_at.FromJsonString("2026-06-01T04:00:00Z")
    coupon.code, coupon.amount.currency = "HI", "CNY"
    shown = frame_of(cards=[cards.Card(ticket=ticket), cards.Card(coupon=coupon), cards.Card()])["cards"]
    assert isinstance(shown, list)
    assert [sorted(card) for card in shown] == [
        ["kind", "number", "opened_at", "status", "text", "ticket_kind"],
        ["amount", "code", "expires_at", "kind"],
    ]


def test_a_form_asks() -> None:
    """Choices and what is known; an input of a newer orchestrator is typed in words."""
    asked = cards.FormPrompt(
        form="return_request",
        title="Return",
        slot="item",
        input=cards.FormPrompt.INPUT_CHOICE,
        choices=[cards.FormChoice(value="the cup", label="Cup")],
        filled=[cards.FilledSlot(slot="order", label="Order", value="SD-1")],
    )
    assert frame_of(form=asked)["form"] == {
        "form": "return_request",
        "title": "Return",
        "slot": "item",
        "input": "choice",
        "choices": [{"value": "the cup", "label": "Cup"}],
        "filled": [{"slot": "order", "label": "Order", "value": "SD-1"}],
    }
    newer = cards.FormPrompt(form="f", title="F", input=cards.FormPrompt.Input.ValueType(99))
    assert frame_of(form=newer)["form"] == {"form": "f", "title": "F", "slot": "", "input": "text"}


def test_revisions_name_their_target() -> None:
    """Edited with the new text, retracted without one."""
    edited = pb.RevisionContent(target_seq=1, kind=pb.RevisionContent.KIND_EDITED, text="better")
    taken_back = pb.RevisionContent(target_seq=1, kind=pb.RevisionContent.KIND_RETRACTED)
    assert frame_of(revision=edited)["revision"] == {"target": 1, "kind": "edited", "text": "better"}
    assert frame_of(revision=taken_back)["revision"] == {"target": 1, "kind": "retracted"}


@pytest.mark.parametrize("seconds", [0, 1, 951_782_400, 1_795_424_611, 4_102_444_799])
@pytest.mark.parametrize("nanos", [0, 1, 1_000, 1_000_000, 500_000_000, 123_000_000, 123_456_000, 123_456_789])
def test_moments_are_as_protobuf_writes_them(seconds: int, nanos: int) -> None:
    """RFC 3339 in UTC."""
    entry = pb.Entry(seq=1)
    entry.created_at.seconds, entry.created_at.nanos = seconds, nanos
    event = event_of(pb.ConverseResponse(entry=entry), Addresses())
    assert isinstance(event, frames.Entry)
    assert event.at == entry.created_at.ToJsonString()
