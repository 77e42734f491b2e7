"""Forms end to end: message by message to the row in the books, on both databases."""

from __future__ import annotations

import re
from typing import Any

import pytest

from orchestrator.backoffice.schema import (
    Approval,
    Base,
    Coupon,
    Exchange,
    Invoice,
    Order,
    Refund,
    Return,
    Ticket,
)
from orchestrator.journal.cards import CouponCard, FormInput, OrderCard, TicketCard
from orchestrator.journal.entries import ConversationState
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration

CLOSED: list[tuple[str, str, tuple[str, ...], type[Base], dict[str, Any], str]] = [
    ("demo-harper", "en", ("I want to return both mugs", "they arrived cracked", "yes"), Return,
     {"reason": "damaged", "quantity": 2}, r"RT\w{8}.*20\.60 USD"),
    ("demo-harper", "en", ("I want to return a mug", "it arrived cracked", "yes"), Return,
     {"reason": "damaged", "quantity": 1}, r"RT\w{8}.*10\.30 USD"),
    ("demo-harper", "en", ("my mug arrived broken, I want my money back", "both", "yes"), Refund,
     {"reason": "damaged", "amount_minor": 2060}, r"RF\w{8}.*20\.60 USD"),
    ("demo-harper", "en", ("one of the two mugs is chipped, refund this one", "yes"), Refund,
     {"reason": "damaged", "amount_minor": 1030}, r"RF\w{8}.*10\.30 USD"),
    ("demo-harper", "zh", ("两个杯子里有一个漏水，退我钱", "好的"), Refund,
     {"reason": "damaged", "amount_minor": 1030}, r"10\.30"),
    ("demo-harper", "en", ("my mug arrived broken, I want my money back", "5", "no, only one of them", "yes"), Refund,
     {"reason": "damaged", "amount_minor": 1030}, r"10\.30 USD"),
    ("demo-harper", "en", ("exchange the peach mug for a sage one", "just the one", "ok"), Exchange,
     {"quantity": 1}, r"EX\w{8}.*sage"),
    ("demo-zhao", "zh", ("帮我取消订单", "是的"), Refund, {"reason": "cancelled", "amount_minor": 19600}, r"196 元"),
    ("demo-lin", "zh",
     ("开发票，抬头是上海星辰有限公司，税号 91330106MA2CK8XX1B", "第二个", "cw@example.com", "确认"), Invoice,
     {"title": "上海星辰有限公司", "tax_number": "91330106MA2CK8XX1B", "email": "cw@example.com"}, r"IN\w{8}"),
    ("demo-lin", "zh", ("我要投诉", "快递员把包裹扔在门口就走了，态度很差", "好的"), Ticket, {"kind": "complaint"},
     r"TK\w{8}"),
    ("demo-harper", "en", ("book a table for three tomorrow at 7pm", "make that four", "yes"), Ticket,
     {"summary": "Table for 4, 2026-03-05 19:00"}, r"TK\w{8}.*24 hours"),
    ("demo-harper", "en", ("please give me a compensation coupon", "yes"), Coupon, {"reason": "delay"}, r"PEACH\w{10}"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("customer", "language", "said", "table", "row", "answer"), CLOSED, ids=lambda one: str(one)[:24]
)
async def test_a_form_closes_the_case(
    shop: Shop, customer: str, language: str, said: tuple[str, ...], table: type[Base], row: dict[str, Any], answer: str
) -> None:
    """One row with what was said, and an answer with its number; the same words again change nothing."""
    before = await shop.count(table)
    talk = Talk(shop, customer, language)
    for text in said[:-1]:
        asked = await talk.say(text)
        assert asked.form is not None
        assert await shop.count(table) == before
    done = await talk.say(said[-1])
    assert re.search(answer, words(done), re.S)
    rows = await shop.rows(table)
    assert len(rows) == before + 1
    made = max(rows, key=lambda one: one.id)
    assert {name: getattr(made, name) for name in row} == row
    assert done.cards
    again = await talk.say(said[-1])
    assert await shop.count(table) == before + 1
    assert again.form is None


async def test_a_takeover_repeats_no_effect(shop: Shop) -> None:
    """The turn of the yes run twice answers from its receipt."""
    talk = Talk(shop, "demo-zhao", "zh")
    await talk.say("帮我取消订单")
    before = await shop.count(Refund)
    done = await talk.say("是的", runs=2)
    assert await shop.count(Refund) == before + 1
    assert "已" in words(done)


async def test_the_question_carries_its_choices_and_what_is_known(shop: Shop) -> None:
    """A client can draw it: input, choices, filled slots, and the summary to confirm."""
    talk = Talk(shop, "demo-harper")
    asked = (await talk.say("I want to return something")).form
    assert asked is not None
    assert (asked.form, asked.slot, asked.input) == ("return_request", "item", FormInput.CHOICE)
    assert [choice.label for choice in asked.choices] == ["Dipped mug (peach)", "Market tote (natural)"]
    before = await shop.count(Return)
    confirm = (await talk.all(asked.choices[1].value, "changed my mind")).form
    assert confirm is not None
    assert (confirm.slot, confirm.input) == ("", FormInput.CONFIRM)
    assert [one.slot for one in confirm.filled] == ["order", "item", "reason", "quantity"]
    done = await talk.say(confirm.choices[0].value)
    assert await shop.count(Return) == before + 1
    assert isinstance(done.cards[0], OrderCard)


async def test_a_digression_is_answered_and_the_question_comes_again(shop: Shop) -> None:
    """From knowledge, with its source; then the form goes on where it was."""
    talk = Talk(shop, "demo-harper")
    await talk.say("I want to return the tote")
    aside = await talk.say("how long does a refund take?")
    assert "3–5 working days" in words(aside)
    assert [one.article_id for one in aside.citations] == ["refund-time"]
    assert re.search(r"reason|Why", words(aside))
    assert aside.form is not None
    assert aside.form.slot == "reason"
    assert "RT" in words(await talk.all("changed my mind", "yes"))


async def test_two_wishes_in_one_message_are_both_met(shop: Shop) -> None:
    """The second is noted, and taken up after the first."""
    talk = Talk(shop, "demo-harper")
    first = await talk.say("I want to return the tote and cancel my other order")
    assert "Cancel an order" in words(first)
    second = await talk.all("changed my mind", "yes")
    assert second.form is not None
    assert second.form.form == "cancel_order"
    assert "is cancelled" in words(await talk.say("yes"))


async def test_a_question_beside_a_wish_is_answered_first(shop: Shop) -> None:
    """The parcel is looked up, and the form asks its question."""
    talk = Talk(shop, "demo-harper")
    body = await talk.say("I want to return the tote. Also where is my parcel?")
    assert "HE" in words(body)
    assert body.form is not None
    assert body.form.form == "return_request"


async def test_it_can_be_left(shop: Shop) -> None:
    """Nothing is done, and the next yes does nothing either."""
    talk = Talk(shop, "demo-zhao", "zh")
    left = await talk.all("帮我取消订单", "算了")
    assert "没" in words(left) or "不" in words(left)
    assert talk.state.form is None
    await talk.say("好的")
    (packing,) = await shop.rows(Order, Order.number == order("demo-zhao", "packing"))
    assert packing.status == "packing"


@pytest.mark.parametrize(
    ("customer", "said", "words_of"),
    [
        ("demo-noah", ("I want to return the lamp",), "30 days|no order"),
        ("demo-lin", ("取消订单",), "没有可以取消|已经发货"),
        ("demo-new", ("I want an invoice",), "no paid order"),
        ("demo-chen", ("帮我退掉刻字的那个杯子", "不喜欢"), "定制"),
        ("demo-olivia", ("give me a compensation coupon please",), "48 hours"),
    ],
)
async def test_what_cannot_be_done_is_explained(
    shop: Shop, customer: str, said: tuple[str, ...], words_of: str
) -> None:
    """With the rule, and without a row."""
    before = [await shop.count(table) for table in (Return, Refund, Invoice, Coupon)]
    talk = Talk(shop, customer, "zh" if re.search(r"[\u4e00-\u9fff]", said[0]) else "en")
    assert re.search(words_of, words(await talk.all(*said)))
    assert [await shop.count(table) for table in (Return, Refund, Invoice, Coupon)] == before


async def test_a_large_refund_waits_for_a_person(shop: Shop) -> None:
    """It is said what waits; nothing goes back yet."""
    before = await shop.count(Refund)
    talk = Talk(shop, "demo-zhao", "zh")
    number = order("demo-zhao", "fresh_teapot")
    body = await talk.all(f"订单 {number} 的茶壶收到就碎了，我要退款", "好的")
    (approval,) = await shop.rows(Approval)
    assert approval.id in words(body)
    assert await shop.count(Refund) == before


async def test_somebody_elses_order_stays_unknown(shop: Shop) -> None:
    """Its number is not found, whatever is asked for it."""
    foreign = order("demo-zhao", "packing")
    talk = Talk(shop, "demo-harper")
    body = await talk.say(f"cancel order {foreign}")
    assert "can't find" in words(body) or "no order" in words(body)
    await talk.say("yes")
    (row,) = await shop.rows(Order, Order.number == foreign)
    assert row.status == "packing"


async def test_after_a_silence_it_is_asked_whether_to_go_on(shop: Shop) -> None:
    """What was filled is kept, the mood is not."""
    talk = Talk(shop, "demo-harper")
    await talk.all("this is ridiculous, I hate it", "I want to return the tote")
    talk.wait(900)
    resumed = await talk.say("hello")
    assert "Return" in words(resumed)
    assert talk.state.anger_in_a_row == 0
    asked = await talk.say("yes")
    assert asked.form is not None
    assert asked.form.slot == "reason"
    assert "RT" in words(await talk.all("changed my mind", "yes"))


async def test_a_resumption_is_offered_once(shop: Shop) -> None:
    """Who speaks of something else twice is not asked a third time."""
    talk = Talk(shop, "demo-harper")
    await talk.say("I want to return the tote")
    talk.wait(900)
    await talk.all("hello", "how long does delivery take?")
    assert talk.state.form is None


async def test_what_was_listed_can_be_pointed_at(shop: Shop) -> None:
    """By its place in what was shown."""
    talk = Talk(shop, "demo-harper")
    listed = await talk.say("show me my orders")
    assert len([card for card in listed.cards if isinstance(card, OrderCard)]) == 3
    asked = await talk.say("I need an invoice for the second one, made out to Harper Lee")
    assert talk.state.form is not None
    assert talk.state.form.filled["order"] == talk.state.shown[1]
    assert asked.form is not None
    assert asked.form.slot == "email"


async def test_asking_for_a_person_opens_a_ticket(shop: Shop) -> None:
    """With what was said as its summary, and its card."""
    talk = Talk(shop, "demo-lin", "zh")
    await talk.say("茶壶盖子不见了")
    body = await talk.say("转人工")
    (ticket,) = await shop.rows(Ticket, Ticket.kind == "hand_over")
    assert ticket.number in words(body)
    assert "茶壶盖子不见了" in ticket.summary
    assert isinstance(body.cards[0], TicketCard)
    assert talk.last is not None
    assert talk.last.conversation is ConversationState.HANDED_OVER


async def test_an_angry_customer_is_served_without_stickers(shop: Shop) -> None:
    """The form goes on, with an apology; the third angry message in a row brings a person."""
    talk = Talk(shop, "demo-zhao", "zh")
    first = await talk.say("气死我了，帮我取消订单")
    assert first.form is not None
    assert first.stickers == ()
    assert "抱歉" in words(first)


async def test_the_late_parcels_coupon_is_a_card(shop: Shop) -> None:
    """Order, ticket and coupon are drawn from their rows."""
    body = await Talk(shop, "demo-harper").say("my parcel hasn't moved for three days")
    assert {type(card) for card in body.cards} == {OrderCard, TicketCard, CouponCard}


@pytest.mark.parametrize(
    ("language", "said", "no", "leave"),
    [
        ("en", ("I want to return a mug", "it arrived cracked"), "No, wait", "Never mind"),
        ("zh", ("两个杯子里有一个漏水，退我钱",), "先不要", "算了"),
    ],
)
async def test_a_no_leaves_what_is_filled_in_sight(
    shop: Shop, language: str, said: tuple[str, ...], no: str, leave: str
) -> None:
    """What may be changed is shown, and one word leaves it all; nothing is done by either."""
    before = await shop.count(Return) + await shop.count(Refund)
    talk = Talk(shop, "demo-harper", language)
    for text in said:
        asked = await talk.say(text)
    assert asked.form is not None
    refused = await talk.say(no)
    assert refused.form is not None
    assert (refused.form.input, refused.form.filled) == (FormInput.TEXT, asked.form.filled)
    assert refused.quick_replies[0] == leave
    left = await talk.say(leave)
    assert left.form is None
    assert await shop.count(Return) + await shop.count(Refund) == before
