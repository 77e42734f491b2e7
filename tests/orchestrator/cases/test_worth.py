"""What a return would bring is told before one is begun, and can be agreed to."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.schema import Return
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("language", "asks", "agrees"),
    [
        ("en", "What would I get back if I returned the tote?", "let's do that"),
        ("zh", "如果我把布袋退了能退多少钱", "那就退吧"),
    ],
)
async def test_what_was_paid_comes_back_and_the_return_is_offered(
    shop: Shop, language: str, asks: str, agrees: str
) -> None:
    """The thing named before the offer need not be named again; nothing is done yet."""
    talk, before = Talk(shop, "demo-harper", language), await shop.count(Return)
    answer = words(await talk.say(asks))
    assert order("demo-harper", "fresh_cups") in answer
    assert ("13.50" in answer, "1.80" in answer or "12" in answer) == (True, True)
    await talk.say(agrees)
    assert talk.state.form is not None
    assert (talk.state.form.name, talk.state.form.filled["item"]) == ("return_request", "tote-natural")
    assert await shop.count(Return) == before


@pytest.mark.parametrize("text", ["What would I get back if I returned the lamp?", "如果我把灯退了能退多少钱"])
async def test_of_what_was_not_bought_only_the_rule_is_told(shop: Shop, text: str) -> None:
    """No order is named for it."""
    talk = Talk(shop, "demo-harper", "en" if text.isascii() else "zh")
    assert "PW" not in words(await talk.say(text))
