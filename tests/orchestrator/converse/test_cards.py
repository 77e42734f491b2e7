"""Cards, forms and revisions from the journal to the edge's frames."""

from __future__ import annotations

import msgspec
import pytest

from orchestrator.converse.convert import entry_proto
from orchestrator.journal.cards import (
    CardLine,
    CardParcel,
    CouponCard,
    FilledSlot,
    FormChoice,
    FormInput,
    FormPrompt,
    Money,
    OrderCard,
    TicketCard,
)
from orchestrator.journal.entries import Author, Body, Entry, Revision, RevisionKind, decode_body, encode_body
from stickerdesk.orchestrator.v1 import cards_pb2 as pb

pytestmark = pytest.mark.unit

ORDER = OrderCard(
    number="SD-1001",
    status="shipped",
    status_text="运输中",
    placed_at="2026-06-01T04:00:00Z",
    total=Money(12900, "CNY"),
    lines=(CardLine(sku="cup", title="杯子", quantity=2, unit=Money(6450, "CNY")),),
    parcels=(CardParcel(tracking_number="SF1", carrier="顺丰", status="in_transit", progress="运输中"),),
)
TICKET = TicketCard(number="T-1", kind="return", status="open", text="Return, open", opened_at="2026-06-01T04:00:00Z")
COUPON = CouponCard(code="HI", amount=Money(500, "CNY"), expires_at="2026-07-01T00:00:00Z")
FORM = FormPrompt(
    form="return_request",
    title="Return",
    input=FormInput.CONFIRM,
    choices=(FormChoice("yes", "Yes"),),
    filled=(FilledSlot("item", "What", "cup"),),
)
BODY = Body(author=Author.ASSISTANT, text="so", cards=(ORDER, TICKET, COUPON), form=FORM)


def test_a_body_with_cards_and_a_form_survives_the_store() -> None:
    """What is written is what is read, and a body without any is stored without a word of them."""
    assert decode_body(encode_body(BODY)) == BODY
    assert encode_body(Body(author=Author.ASSISTANT, text="x")) == b'{"author":"assistant","text":"x"}'


def test_cards_and_forms_reach_the_wire() -> None:
    """Each kind under its own name; what is not there is absent."""
    out = entry_proto(Entry(3, 1000, BODY))
    assert [card.WhichOneof("kind") for card in out.cards] == ["order", "ticket", "coupon"]
    order, ticket, coupon = out.cards[0].order, out.cards[1].ticket, out.cards[2].coupon
    assert order.placed_at.ToJsonString() == "2026-06-01T04:00:00Z"
    assert (order.lines[0].unit.minor, order.lines[0].title) == (6450, "杯子")
    assert not order.parcels[0].HasField("last_scan_at")
    assert not ticket.HasField("reply_by")
    assert not coupon.HasField("minimum")
    assert (out.form.input, out.form.slot) == (pb.FormPrompt.INPUT_CONFIRM, "")
    assert out.form.filled[0].value == "cup"
    assert not entry_proto(Entry(4, 1000, msgspec.structs.replace(BODY, form=None))).HasField("form")


def test_a_revision_is_an_entry_of_its_own() -> None:
    """Target, kind and new text."""
    revision = Revision(target_seq=3, kind=RevisionKind.EDITED, text="better")
    out = entry_proto(Entry(4, 1000, Body(author=Author.AGENT, revision=revision)))
    assert out.WhichOneof("content") == "revision"
    assert (out.revision.target_seq, out.revision.text) == (3, "better")
