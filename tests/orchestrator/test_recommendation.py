"""A sticker beside an answer never says what may not be so."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.phrases import PHRASES
from tests.orchestrator.harness import knowledge

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "words",
    [
        "Opening hours", "Open Mon-Sat", "Next-day delivery", "Free shipping", "The refund is done", "Delivered",
        "Your order has shipped", "It is on sale", "Cash back", "Confirmed", "We will call you back",
        "The address is updated", "工作时间", "次日达", "包邮", "退款成功", "已发货", "打折啦", "正在转人工",
        "地址已修改",
    ],
)  # fmt: skip
def test_what_states_a_fact(words: str) -> None:
    """It may be wrong here."""
    assert PHRASES.has("states_fact", words)


@pytest.mark.parametrize(
    "words",
    ["Hello", "Leave it to me", "Rest assured", "Where is my refund?", "Please be patient", "Thank you", "A big hug",
     "我看看", "请放心", "我的退款呢", "请耐心等待", "抱抱你", "感谢支持"],
)  # fmt: skip
def test_what_states_none(words: str) -> None:
    """A kind word is always true."""
    assert not PHRASES.has("states_fact", words)


def test_no_article_asks_for_one() -> None:
    """An article tells a rule; whether it is so for this customer is not known, but for a parcel that was looked up."""
    for article in knowledge().articles.values():
        stated = any(PHRASES.has("states_fact", hint) for hint in article.sticker_hint.values())
        assert not stated or article.id.startswith(("order-status", "shipping-")), article.id
