"""How many pieces a message means: what is sure is counted, what is not is asked."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.quantities import pieces_in
from orchestrator.dialogue.runner import Kind
from tests.orchestrator.dialogue.worlds import after, started

pytestmark = pytest.mark.unit

MUG = ("mug", "cup", "dipped", "peach", "杯子", "马克杯")


@pytest.mark.parametrize(
    ("text", "bought", "pieces"),
    [
        ("one of the two mugs is chipped, refund this one", 2, 1),
        ("only 1 of them", 2, 1),
        ("just the one", 2, 1),
        ("I bought two mugs and one came broken", 2, 1),
        ("one mug is fine, the other chipped", 2, 1),
        ("I want my money back for one mug", 2, 1),
        ("the chipped one please", 2, 1),
        ("not both, just one", 2, 1),
        ("both mugs are cracked", 2, 2),
        ("two of the three cups leak", 3, 2),
        ("refund all of them", 3, 3),
        ("其中一个碎了，退这个的钱", 2, 1),
        ("两个里有一个裂了", 2, 1),
        ("有个杯子漏水", 2, 1),
        ("就一个", 2, 1),
        ("退一个就行", 2, 1),
        ("买了三个，坏了两个", 3, 2),
        ("两个都碎了", 2, 2),
        ("俩都裂了", 2, 2),
        ("全退", 3, 3),
    ],
)
def test_pieces_that_are_meant(text: str, bought: int, pieces: int) -> None:
    """A total beside a part does not count; all means what was bought."""
    assert pieces_in(text, bought, MUG) == pieces


@pytest.mark.parametrize(
    "text",
    ["my mug arrived broken", "the mugs", "exchange the peach mug for a sage one", "ordered 2 mugs, they are chipped",
     "给我换一个", "我买了两个杯子，有裂缝", "杯子磕掉一块瓷", "等了一个月", "第一个", ""],
)  # fmt: skip
def test_what_says_no_number(text: str) -> None:
    """Not the thing alone, not what was bought, not what is wished instead, no time and no place."""
    assert pieces_in(text, 2, MUG) is None


def test_a_bare_number_answers_only_the_question() -> None:
    """Else it may be anything."""
    assert (pieces_in("2", 3, asked=True), pieces_in("2", 3)) == (2, None)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("one of the mugs came chipped, I want my money back", "1"), ("两个杯子有一个磕掉一块瓷，要退款", "1"),
     ("refund me, both mugs arrived broken", "2")],
)  # fmt: skip
def test_a_form_takes_what_was_said(text: str, pieces: str) -> None:
    """And goes straight to the confirmation."""
    step = started("refund", text)
    assert (step.kind, step.position.filled["quantity"]) == (Kind.CONFIRM, pieces)


@pytest.mark.parametrize(("answer", "pieces"), [("one", "1"), ("两个", "2"), ("both of them", "2"), ("just 1", "1")])
def test_how_many_is_asked_when_it_is_not_said(answer: str, pieces: str) -> None:
    """Of two mugs; nothing is taken for granted where money moves."""
    asked = started("refund", "my mug arrived broken, I want a refund")
    assert (asked.kind, asked.position.asked) == (Kind.ASK, "quantity")
    assert after(asked, answer).position.filled["quantity"] == pieces


def test_more_than_were_bought_is_asked_again() -> None:
    """With the reason."""
    step = after(started("refund", "my mug arrived broken, I want a refund"), "5")
    assert (step.kind, step.position.asked, step.problem) == (Kind.ASK, "quantity", "refund/wrong/quantity")


def test_another_thing_has_another_number() -> None:
    """What was said of the mugs is not meant of the tote, and the other way round."""
    both = started("return_request", "return both mugs, they are too small")
    assert after(both, "no, the tote").position.filled["quantity"] == "1"
    tote = started("return_request", "return the tote, I don't like it")
    assert after(tote, "no, the mugs").position.asked == "quantity"


def test_the_number_can_be_corrected_before_the_yes() -> None:
    """It is shown again, not done."""
    step = after(started("refund", "refund me, both mugs arrived broken"), "no wait, only one of them is broken")
    assert (step.kind, step.position.filled["quantity"]) == (Kind.CONFIRM, "1")
