"""What several things cost together, and what there is for so much money, from the shelf's prices."""

from __future__ import annotations

import pytest

from orchestrator.cases.details import Detail, detail_of
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("en", "what would two mugs and a candle cost?", ("20.60 USD", "19.40 USD", "40 USD")),
        ("en", "how much for 3 totes?", ("40.50 USD",)),
        ("en", "how much are the lamp and the throw together", ("110.40 USD",)),
        ("zh", "两个杯子加一个蜡烛多少钱", ("136 元", "264 元")),
        ("zh", "三个布袋一共多少钱", ("267 元",)),
        ("en", "something for under 20 dollars?", ("10.30 USD", "13.50 USD", "19.40 USD")),
        ("en", "my budget is 15", ("10.30 USD", "13.50 USD")),
        ("zh", "100块以内有什么", ("68 元", "89 元")),
        ("zh", "预算两百", ("128 元",)),
        ("zh", "五块钱以下的有吗", ("68 元",)),
    ],
)
async def test_prices_are_added_up_and_compared_with_a_sum(
    shop: Shop, language: str, text: str, told: tuple[str, ...]
) -> None:
    """In the customer's currency."""
    answer = words(await Talk(shop, "demo-lin" if language == "zh" else "demo-harper", language).say(text))
    assert [one for one in told if one not in answer] == []


@pytest.mark.parametrize("text", ["anything under 100 yuan?", "有没有一百刀以内的"])
async def test_a_sum_in_another_currency_is_not_compared(shop: Shop, text: str) -> None:
    """Nothing is converted."""
    customer, language = ("demo-harper", "en") if text.isascii() else ("demo-lin", "zh")
    answer = words(await Talk(shop, customer, language).say(text))
    assert "399" not in answer
    assert "60.50" not in answer


@pytest.mark.parametrize(
    "text",
    [
        "how much did I pay for two mugs and a candle?", "how much is postage for two mugs?", "what does a mug cost",
        "is delivery free for orders under 20 dollars?", "how long do two weeks and a day take", "一个杯子要多少运费",
        "我付了多少钱", "满一百元以内包邮吗", "退两个杯子多少钱", "最近七天以内的订单",
    ],
)  # fmt: skip
def test_other_questions_with_numbers_are_left_alone(text: str) -> None:
    """Postage, orders and returns have their own answers."""
    assert detail_of(text) not in (Detail.SUM, Detail.BUDGET)
