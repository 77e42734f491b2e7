"""Questions about what the shop sells are answered from its rows."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from orchestrator.backoffice.schema import Product
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.cases.conversations import Talk, words

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("en", "how much is the teapot?", ("36 USD", "celadon", "white")),
        ("en", "what does a candle cost", ("19.40 USD",)),
        ("en", "do you have the lamp in walnut?", ("49.90 USD", "few")),
        ("en", "is the sand mug in stock", ("sold out", "peach")),
        ("en", "what colours does the throw come in", ("undyed", "madder")),
        ("zh", "晨间茶壶多少钱", ("238 元", "青瓷")),
        ("zh", "沙色的马克杯还有吗", ("缺货", "桃色")),
        ("zh", "布袋有哪些颜色", ("89 元", "天蓝", "原色")),
        ("zh", "毯子还有茜草红的吗", ("399 元", "茜草红")),
    ],
)
async def test_price_and_stock_come_from_the_shelf(shop: Shop, language: str, text: str, told: tuple[str, ...]) -> None:
    """Price, variants and what is sold out, in the customer's currency and language."""
    customer = "demo-lin" if language == "zh" else "demo-harper"
    answer = words(await Talk(shop, customer, language).say(text))
    assert [one for one in told if one not in answer and one not in answer.replace("没货", "缺货")] == []


async def test_a_question_further_is_about_the_same_product(shop: Shop) -> None:
    """Half a question after an answer from the shelf asks about a variant of it."""
    talk = Talk(shop, "demo-harper")
    await talk.say("how much is the paper lamp?")
    answer = words(await talk.say("and in walnut?"))
    assert "Paper lamp (walnut)" in answer


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "how much is shipping?"),
        ("en", "how much do I get back for the teapot"),
        ("en", "do you have my order"),
        ("zh", "退货运费多少钱"),
        ("zh", "有优惠券吗"),
        ("en", "what does wrapping paper cost"),
    ],
)
async def test_other_amounts_are_none_of_the_shelf(shop: Shop, language: str, text: str) -> None:
    """What is asked about money, sending or an order is not answered with a price tag."""
    customer = "demo-lin" if language == "zh" else "demo-harper"
    talk = Talk(shop, customer, language)
    await talk.say(text)
    assert talk.state.last_case != "shelf"


async def test_what_is_sold_out_altogether_is_said_so(shop: Shop) -> None:
    """Nothing of it left: no variant is promised."""
    async with shop.office.database.writing() as session:
        await session.execute(update(Product).where(Product.family == "candle").values(stock=0))
    answer = words(await Talk(shop, "demo-harper").say("is the peach candle in stock?"))
    assert "sold out" in answer


async def test_another_shops_shelf_is_not_seen(shop: Shop) -> None:
    """Products belong to a tenant."""
    async with shop.office.database.writing() as session:
        await session.execute(update(Product).where(Product.family == "teapot").values(tenant="other"))
    found = await shop.run("find_products", "demo-harper", {"query": "teapot"})
    assert found.facts["count"] == 0
