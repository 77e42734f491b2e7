"""Thanks and questions beforehand open no form; what is wanted for one thing opens nothing for another."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.schema import Coupon, Ticket
from orchestrator.understanding.lexicon import Lexicon
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.cases.conversations import Talk

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "text",
    [
        "thanks for refunding me", "thank you for cancelling my order", "cheers for the refund",
        "thanks for your help with the return", "many thanks for sorting out the refund so quickly",
        "谢谢你帮我退款", "感谢帮我退货", "多谢您帮我取消了订单", "谢谢你们这么快给我退款", "谢谢帮我退好了",
    ],
)  # fmt: skip
async def test_thanks_for_what_was_done(shop: Shop, text: str) -> None:
    """It wants nothing."""
    assert Lexicon().intent(text) == "thanks"
    talk = Talk(shop, "pressing", "en" if text.isascii() else "zh")
    await talk.say(text)
    assert talk.state.form is None


@pytest.mark.parametrize(
    "text",
    [
        "thanks, please refund the candle", "thanks for the refund, now cancel my other order", "谢谢，帮我退款",
        "谢谢你帮我退一下蜡烛", "thanks for your help, can you cancel my order?",
    ],
)  # fmt: skip
def test_thanks_with_a_wish(text: str) -> None:
    """It is a wish."""
    assert Lexicon().intent(text) != "thanks"


@pytest.mark.parametrize(
    "text",
    [
        "if my mum doesn't like it, how long has she got to send it back",
        "I'd buy a teapot as a gift. If she doesn't like it, can she return it?",
        "what would I get back if I returned the candle?", "how long do I have to send it back if it doesn't fit?",
        "我想买个茶壶送妈妈，如果她不喜欢，多久内可以退？", "要是我把蜡烛退了能退多少钱", "万一不合适能退货吗",
        "如果不满意怎么退掉",
    ],
)  # fmt: skip
async def test_a_question_beforehand(shop: Shop, text: str) -> None:
    """It is answered, and nothing is begun."""
    talk = Talk(shop, "pressing", "en" if text.isascii() else "zh")
    await talk.say(text)
    assert talk.state.form is None


@pytest.mark.parametrize(
    "text",
    ["I want my money back for the teapot, the teapot never came", "I want to return the tote, it never arrived"],
)  # fmt: skip
async def test_why_a_thing_is_wanted_back_is_no_other_parcel(shop: Shop, text: str) -> None:
    """Nothing is opened for what is late, unless another thing is named."""
    await Talk(shop, "pressing").say(text)
    assert await shop.rows(Ticket) == await shop.rows(Coupon) == []
