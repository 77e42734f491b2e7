"""What stands open for a customer: coupons and tickets, told from the books."""

from __future__ import annotations

import pytest

from orchestrator.cases.details import Detail, detail_of
from tests.orchestrator.backoffice.shops import Shop, order
from tests.orchestrator.cases.test_story import answered

pytestmark = pytest.mark.integration

COUPONS = [
    "do I have a coupon?", "which coupons do I have?", "how many vouchers do I have left", "show me my coupons",
    "are there any coupons on my account?", "我有优惠券吗", "我现在有哪些优惠券", "我账户里有几张券", "看看我有几张券",
    "我还有可用的券吗",
]  # fmt: skip
NO_COUPONS = [
    "my coupon doesn't work", "where do I find coupons?", "how do I get a voucher?", "do I get a coupon for the delay?",
    "can I use two coupons on one order?", "我的券用不了", "优惠券在哪里领", "新人有优惠券吗", "券过期了怎么办",
    "延误了有券吗",
]  # fmt: skip
TICKETS = [
    "what's happening with my ticket?", "any news on my complaint?", "do I have any open tickets?",
    "what was my ticket number again", "when will someone answer my ticket", "我的工单处理得怎么样了", "投诉有结果了吗",
    "工单号是多少", "我那个工单到哪一步了", "还有没处理完的工单吗",
]  # fmt: skip
NO_TICKETS = ["I want to complain", "open a ticket please", "no ticket needed", "我要投诉", "帮我开个工单"]


@pytest.mark.parametrize("text", COUPONS)
def test_own_coupons_are_asked_about(text: str) -> None:
    """Whoever asks what they have wants the books."""
    assert detail_of(text) is Detail.COUPONS


@pytest.mark.parametrize("text", NO_COUPONS)
def test_other_questions_about_coupons_are_left_to_the_rules(text: str) -> None:
    """How coupons work stands in the articles."""
    assert detail_of(text) is not Detail.COUPONS


@pytest.mark.parametrize("text", TICKETS)
def test_own_tickets_are_asked_about(text: str) -> None:
    """How a ticket stands is in the books."""
    assert detail_of(text) in (Detail.TICKETS, Detail.WORKED_ON, Detail.CARRIERS_ANSWER)


@pytest.mark.parametrize("text", NO_TICKETS)
def test_a_wish_for_a_ticket_is_no_question(text: str) -> None:
    """A wish is for the forms."""
    assert detail_of(text) is not Detail.TICKETS


@pytest.mark.parametrize(("language", "text"), [("en", "do I have a coupon?"), ("zh", "我有优惠券吗")])
async def test_coupons_are_told_from_the_books(shop: Shop, language: str, text: str) -> None:
    """None at first, said plainly; then the one that was given, with its last day."""
    (body,) = (await answered(shop, text, "demo-lin", language)).bodies
    assert "PEACH" not in (body.text or "")
    wish = {"parcel": order("demo-lin", "stuck"), "reason": "delay"}
    given = await shop.run("issue_coupon", "demo-lin", wish, turn="t-standing")
    (body,) = (await answered(shop, text, "demo-lin", language)).bodies
    assert given.facts["coupon"] in (body.text or "")
    assert given.facts["valid_until"][:4] in (body.text or "")


@pytest.mark.parametrize(("language", "text"), [("en", "any news on my ticket?"), ("zh", "我的工单处理得怎么样了")])
async def test_tickets_are_told_from_the_books(shop: Shop, language: str, text: str) -> None:
    """None at first; then the one that is open, with its number."""
    (body,) = (await answered(shop, text, "demo-lin", language)).bodies
    assert "TK" not in (body.text or "")
    wish = {"kind": "delay", "summary": "no scan", "order": order("demo-lin", "stuck")}
    opened = await shop.run("open_ticket", "demo-lin", wish, turn="t-standing")
    (body,) = (await answered(shop, text, "demo-lin", language)).bodies
    assert opened.facts["ticket"] in (body.text or "")
