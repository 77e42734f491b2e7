"""Money back rather than another thing, and a form that is gone on with."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.consent import said_yes
from orchestrator.dialogue.fitting import same_fault
from orchestrator.dialogue.wishes import WishReader
from orchestrator.understanding.lexicon import Lexicon
from tests.orchestrator.dialogue.worlds import FORMS, heard

pytestmark = pytest.mark.unit
WISHES = WishReader(FORMS)


@pytest.mark.parametrize(
    "text",
    ["The mugs came in the wrong colour. I'd rather have the money back", "rather my money back",
     "wrong colour, I would rather have my money back than the right one",
     "the tote is the wrong colour, just my money back please", "布袋颜色发错了，还是退款吧", "还是退钱给我吧",
     "颜色发错了，直接把钱退我吧", "不如退款给我吧"],
)  # fmt: skip
def test_money_back_wins(text: str) -> None:
    """Whatever was wrong."""
    assert [wish.form for wish in WISHES.of(heard(text)).forms] == ["refund"]


@pytest.mark.parametrize(
    "text",
    ["I'd rather have it in green", "我想把布袋换成天蓝色",
     "不要退款，给我换个新的，布袋破了"],
)  # fmt: skip
def test_an_exchange_stays_one(text: str) -> None:
    """Though money is named."""
    assert [wish.form for wish in WISHES.of(heard(text)).forms] == ["exchange_request"]


def test_what_is_wrong_is_told_once() -> None:
    """The other form knows it; a change of mind is nothing that it may take over."""
    exchange, refund = FORMS["exchange_request"], FORMS["refund"]
    assert same_fault(exchange, refund, {"reason": "wrong_item"}) == {"reason": "wrong_item"}
    assert same_fault(exchange, refund, {"reason": "changed_mind"}) == {}
    assert same_fault(exchange, refund, {}) == {}


@pytest.mark.parametrize(
    "text", ["yes go on", "go on", "carry on", "go on then", "继续吧", "那继续吧", "好，继续", "继续"]
)
def test_to_go_on_is_a_yes_and_no_farewell(text: str) -> None:
    """Where nothing is to be gone on with, it is asked what about."""
    assert said_yes(text) is True
    assert Lexicon().small_talk(text) == "small_talk_listening"
