"""Which order is meant by when it came or was placed, and by how it stands while a form asks for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from orchestrator.dialogue.days_past import days_past, ordered_or_came
from orchestrator.dialogue.runner import Kind
from orchestrator.dialogue.state import FormPosition
from orchestrator.dialogue.world import Order
from tests.orchestrator.dialogue.worlds import FORMS, WORLD, after, item

pytestmark = pytest.mark.unit

TODAY = date(2026, 11, 23)  # a Monday
NEW, LATELY, LONG, PACKED, PAID = "PW1000000001", "PW1000000002", "PW1000000003", "PW1000000004", "PW1000000005"
_CAN = frozenset(("send_back", "refund", "invoice"))
_OPEN = frozenset(("cancel", "change_address", "invoice"))
DATED = replace(
    WORLD,
    orders=(
        Order(PAID, "paid", (item("tote-sky", "Market tote (sky)", "买菜布袋（天蓝）", PAID),), _OPEN,
              placed_at="2026-11-23T06:00:00Z"),
        Order(PACKED, "packing", (item("candle", "Peach candle", "蜜桃蜡烛", PACKED),), _OPEN,
              placed_at="2026-11-22T06:00:00Z"),
        Order(NEW, "delivered", (item("mug-sage", "Dipped mug (sage)", "浸釉马克杯（鼠尾草绿）", NEW),), _CAN,
              placed_at="2026-11-15T06:00:00Z", delivered_at="2026-11-19T06:00:00Z"),
        Order(LATELY, "delivered", (item("lamp-ash", "Paper lamp (ash)", "纸灯（白蜡木）", LATELY),), _CAN,
              placed_at="2026-10-28T06:00:00Z", delivered_at="2026-11-03T06:00:00Z"),
        Order(LONG, "delivered", (item("candle", "Peach candle", "蜜桃蜡烛", LONG),), _CAN,
              placed_at="2026-06-01T06:00:00Z", delivered_at="2026-06-05T06:00:00Z"),
    ),
    products=FORMS.products,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("it came yesterday", (1, 1)),
        ("four days ago", (3, 5)),
        ("on Thursday", (4, 4)),
        ("上周四", (4, 4)),
        ("前天", (2, 2)),
        ("三天前", (2, 4)),
        ("two weeks ago", (11, 17)),
        ("tomorrow", None),
        ("the day after tomorrow", None),
        ("下周", None),
        ("三天后", None),
        ("the last one", None),
    ],
)
def test_days_gone_by(text: str, span: tuple[int, int] | None) -> None:
    """As the fewest and the most days; what is to come is none."""
    assert days_past(text, TODAY) == span


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("the one that came last week", NEW),
        ("上周收到的那个", NEW),
        ("what I got on Thursday", NEW),
        ("the one I ordered yesterday", PACKED),
        ("今天下的那单", PAID),
        ("三周前收到的", LATELY),
        ("delivered three weeks ago", LATELY),
    ],
)
def test_an_order_is_known_by_its_day(text: str, number: str) -> None:
    """By when it came, or by when it was placed where that is said."""
    assert [one.number for one in ordered_or_came(text, DATED.orders, TODAY)] == [number]


@pytest.mark.parametrize(
    ("form", "text", "number"),
    [
        ("return_request", "就是上周收到的那个", NEW),
        ("return_request", "the one that arrived last week", NEW),
        ("invoice_request", "for the one delivered last week", NEW),
        ("cancel_order", "the one you're already packing", PACKED),
        ("cancel_order", "备货的那单", PACKED),
        ("cancel_order", "the one I placed today", PAID),
        ("refund", "三周前收到的那个", LATELY),
    ],
)
def test_every_form_takes_the_order_by_day_and_state(form: str, text: str, number: str) -> None:
    """While it asks for the order."""
    assert after(FormPosition(form, "order"), text, DATED).position.filled["order"] == number


@pytest.mark.parametrize("text", ["the delivered one", "已签收的", "delivered", "the one I got"])
def test_of_several_that_stand_so_it_is_asked(text: str) -> None:
    """Among those alone."""
    step = after(FormPosition("return_request", "order"), text, DATED)
    assert step.kind is Kind.ASK
    assert set(step.position.among) == {NEW, LATELY, LONG}


@pytest.mark.parametrize("text", ["没收到的那个", "the one that has not arrived", "not delivered yet"])
def test_what_did_not_come_is_no_delivered_one(text: str) -> None:
    """A no before it turns it around."""
    assert "order" not in after(FormPosition("return_request", "order"), text, DATED).position.filled


def test_what_answers_another_question_is_no_failed_answer() -> None:
    """The title, its kind and the e-mail may come while the order is asked for; nothing is held against them."""
    position = FormPosition("invoice_request", "order")
    for text in ("a company invoice: Blue Fern GmbH", "DE812345678", "billing@bluefern.de"):
        step = after(position, text, DATED)
        assert (step.kind, step.problem) == (Kind.ASK, "")
        position = step.position
    filled = after(position, "the one from last week", DATED).position.filled
    assert filled["title"] == "Blue Fern GmbH"
    assert (filled["tax_number"], filled["email"], filled["order"]) == ("DE812345678", "billing@bluefern.de", NEW)


@pytest.mark.parametrize(("text", "title"), [("陈小雨", "陈小雨"), ("Ada Byron", "Ada Byron")])
def test_a_name_by_itself_is_the_title(text: str, title: str) -> None:
    """Whatever was asked."""
    filled = after(FormPosition("invoice_request", "order", {"kind": "person"}), text, DATED).position.filled
    assert filled["title"] == title


@pytest.mark.parametrize("text", ["Peach Candle", "蜡烛", "Thank You", "好的", "Paper Lamp", "the second one"])
def test_not_every_word_or_two_is_a_name(text: str) -> None:
    """A thing is none, nor is thanks."""
    filled = after(FormPosition("invoice_request", "order", {"kind": "person"}), text, DATED).position.filled
    assert "title" not in filled
