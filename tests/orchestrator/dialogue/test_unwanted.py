"""What is said not to be wanted asks for nothing, and stops what is open."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.wishes import WishReader
from tests.orchestrator.dialogue.worlds import FORMS, heard

pytestmark = pytest.mark.unit

READER = WishReader(FORMS)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("算了不取消了", "cancel_order"),
        ("别取消我的订单", "cancel_order"),
        ("不要取消订单，我还要的", "cancel_order"),
        ("don't cancel my order", "cancel_order"),
        ("I've decided not to cancel", "cancel_order"),
        ("不用退了", "return_request"),
        ("我不想等补发了", "exchange_request"),
        ("我不想退货了", "return_request"),
        ("I no longer want to return the tote", "return_request"),
        ("please don't send it back", "return_request"),
        ("no need to refund any more", "refund"),
        ("不用退款了", "refund"),
        ("refund is no longer needed", "refund"),
        ("先别改地址", "address_change"),
        ("I don't want to change the address any more", "address_change"),
        ("发票不用开了", "invoice_request"),
        ("I don't need an invoice", "invoice_request"),
        ("no invoice needed", "invoice_request"),
        ("不换了", "exchange_request"),
        ("no need to exchange it", "exchange_request"),
        ("不投诉了", "complaint"),
        ("forget the complaint", "complaint"),
    ],
)
def test_what_is_not_wanted_opens_nothing(text: str, form: str) -> None:
    """In both languages, before and behind the word."""
    assert READER.of(heard(text)).forms == ()
    assert form in READER.declined(heard(text), alone=True)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("I don't want to cancel, I want to change the address", "address_change"),
        ("不取消了，改一下收货地址吧", "address_change"),
        ("don't refund me, exchange the tote for sky instead", "exchange_request"),
        ("不要退款，给我换个新的，布袋破了", "exchange_request"),
        ("I don't want a refund, I want a new one. the tote is torn", "exchange_request"),
        ("杯子碎了一个，不用补发，直接退钱", "refund"),
        ("I do not want a replacement for the cracked candle, money back please", "refund"),
        ("the candle arrived smashed, don't want a new one, just my money", "refund"),
        ("exchange it instead of a refund please, I want to exchange the mug", "exchange_request"),
    ],
)
def test_what_is_wanted_instead_is_heard(text: str, form: str) -> None:
    """And it alone."""
    assert [wish.form for wish in READER.of(heard(text)).forms] == [form]


@pytest.mark.parametrize(
    "text",
    [
        "why don't you refund me",
        "if you don't refund me I'll complain",
        "你们不退款了吗",
        "为什么不退钱",
        "怎么不给我退款",
        "what if I don't send it back?",
        "要不要取消订单呢",
        "能不能退",
        "you don't want to refund me, do you",
        "I still have no refund!",
        "",
    ],
)
def test_a_question_or_a_reproach_declines_nothing(text: str) -> None:
    """What the shop does not do is not what the customer does not want."""
    assert READER.declined(heard(text), alone=True) == frozenset()


def test_one_thing_is_kept_and_another_sent_back() -> None:
    """A thing that is set against another is no form that is declined."""
    assert READER.declined(heard("I don't want to return the mug, just the tote")) == frozenset()
