"""Refunds that are asked about."""

from __future__ import annotations

import pytest

from orchestrator.cases.details import Detail, detail_of
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.test_story import answered

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("language", "text"), [("zh", "我的退款什么时候到"), ("en", "when will my refund arrive?")])
async def test_a_refund_is_told_from_the_books(shop: Shop, language: str, text: str) -> None:
    """Its number and amount stand in the answer; the rule is cited."""
    orders = (await shop.run("find_orders", "demo-zhao", {"limit": 10}, language=language)).facts["orders"]
    (refund,) = [refund for order in orders for refund in order["refunds"]]
    (body,) = (await answered(shop, text, "demo-zhao", language)).bodies
    assert refund["number"] in (body.text or "")
    assert refund["amount"]["text"] in (body.text or "")
    assert [one.article_id for one in body.citations] == ["refund-time"]


@pytest.mark.parametrize(
    ("customer", "text"),
    [("demo-new", "when will my refund arrive?"), ("demo-zhao", "退款要多久")],
)
async def test_without_a_refund_or_for_a_rule_the_article_answers(shop: Shop, customer: str, text: str) -> None:
    """No refund is made up."""
    (body,) = (await answered(shop, text, customer, "en")).bodies
    assert body.citations
    assert "RF" not in (body.text or "")


STATE = [
    "has my money come?", "is my refund through?", "where's my money?", "was the refund sent yet?",
    "my returned teapot, has the money come?", "退款到账了吗", "钱退了没", "退回去的茶壶，钱到了没", "我的退款到哪了",
    "那笔钱还没到账",
]  # fmt: skip
WHEN = [
    "how long does the bank take?", "when will the money be on my card?", "when do I get my money back?",
    "how many days until it is in my account", "after the cancel, when do I have the money?", "银行要几天",
    "钱什么时候退给我", "多久到账", "那笔钱什么时候到我卡里", "退款几天到账",
]  # fmt: skip
OTHER = [
    "I want my money back", "can I get the money on another card?", "did my payment go through?", "refund the mug",
    "how long do I have to return it?", "我要退款", "钱能退到微信吗", "付款什么时候到账", "运费退不退",
    "退货要多久之内",
]  # fmt: skip


@pytest.mark.parametrize("text", STATE)
def test_whether_a_refund_came_is_asked(text: str) -> None:
    """In many words."""
    assert detail_of(text) is Detail.REFUND_STATE


@pytest.mark.parametrize("text", WHEN)
def test_when_the_money_is_there_is_asked(text: str) -> None:
    """In many words."""
    assert detail_of(text) is Detail.REFUND_WHEN


@pytest.mark.parametrize("text", OTHER)
def test_wishes_and_other_questions_about_money_are_left_alone(text: str) -> None:
    """A wish is for the forms, a rule for the articles."""
    assert detail_of(text) not in (Detail.REFUND_STATE, Detail.REFUND_WHEN)


@pytest.mark.parametrize(
    ("language", "text", "days"),
    [
        ("en", "how long does the bank take for my refund?", "1–3 working days"),
        ("zh", "我的退款银行要几天", "1–3 个工作日"),
    ],
)
async def test_the_days_are_told_with_the_refund(shop: Shop, language: str, text: str, days: str) -> None:
    """Not the state alone."""
    (body,) = (await answered(shop, text, "demo-zhao", language)).bodies
    assert days in (body.text or "")
    assert "RF" in (body.text or "")


@pytest.mark.parametrize(
    ("language", "text"), [("en", "has the money for the cancelled lamp come?"), ("zh", "取消的灯钱退了吗")]
)
async def test_of_several_refunds_the_named_one_is_told(shop: Shop, language: str, text: str) -> None:
    """By what it is of."""
    cancelled, other = order("demo-wu", "cancelled"), order("demo-wu", "out_for_delivery")
    (body,) = (await answered(shop, text, "demo-wu", language)).bodies
    assert cancelled in (body.text or "")
    assert other not in (body.text or "")


@pytest.mark.parametrize(
    ("language", "text"), [("en", "has the money for the candles come?"), ("zh", "蜡烛的钱退了吗")]
)
async def test_that_there_is_no_refund_is_said(shop: Shop, language: str, text: str) -> None:
    """Of the thing that is named; none of another is told in its place."""
    (body,) = (await answered(shop, text, "demo-wu", language)).bodies
    assert order("demo-wu", "out_for_delivery") in (body.text or "")
    assert "RF" not in (body.text or "")
