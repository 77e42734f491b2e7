"""Refunds that are asked about."""

from __future__ import annotations

import pytest

from tests.orchestrator.backoffice.shops import Shop
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
