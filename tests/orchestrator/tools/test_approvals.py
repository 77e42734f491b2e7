"""Effects that wait for a person."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from orchestrator.backoffice.schema import Approval, Audit, Coupon, Refund
from orchestrator.tools.catalogue import ShopTools
from orchestrator.tools.tool import Outcome
from servicekit.errors import Code, ServiceError
from tests.orchestrator.backoffice.shops import TENANT, Shop, order

pytestmark = pytest.mark.integration

_CUSTOMER = "demo-zhao"  # of the standard tier: a teapot is more than is refunded without a person


def _wish(**other: Any) -> dict[str, Any]:
    return {"order": order(_CUSTOMER, "fresh_teapot"), "item": "teapot-white", "reason": "damaged", **other}


async def _asked(shop: Shop, **context: Any) -> str:
    result = await shop.run("request_refund", _CUSTOMER, _wish(), **context)
    assert result.outcome is Outcome.APPROVAL_NEEDED
    approval: str = result.facts["approval"]
    return approval


async def _refunds(shop: Shop) -> list[Refund]:
    return await shop.rows(Refund, Refund.reason == "damaged")


async def test_large_refund_waits(shop: Shop) -> None:
    """Over the tier's limit nothing is refunded yet; the wish is kept with what a person needs to decide."""
    approval_id = await _asked(shop, language="zh")
    assert await _refunds(shop) == []
    (waiting,) = await shop.shop_tools.approvals.pending(TENANT)
    assert (waiting.id, waiting.tool, waiting.why) == (approval_id, "request_refund", "refund_over_limit")
    assert (waiting.amount.text("zh"), waiting.conversation_id, waiting.language) == ("238 元", "c-demo-zhao", "zh")


async def test_asked_again_it_is_the_same_wish(shop: Shop) -> None:
    """In the same turn and in later ones the same wish waits once."""
    first = await _asked(shop)
    assert await _asked(shop) == first
    assert await _asked(shop, turn="t2") == first
    assert await shop.count(Approval) == 1


async def test_agreed(shop: Shop) -> None:
    """A person agrees, in another process: it is done, signed and in the audit, and the conversation can be told."""
    approval_id = await _asked(shop)
    desk = ShopTools(shop.another())
    decided = await desk.decide(approval_id, agree=True, by="mei", note="photo seen")
    assert decided.result is not None
    assert (decided.result.outcome, decided.approval.status) == (Outcome.DONE, "approved")
    (refund,) = await _refunds(shop)
    assert (refund.amount_minor, refund.approved_by) == (23800, "mei")
    assert await shop.count(Audit, Audit.actor == "mei", Audit.outcome == "approved") == 1
    assert await desk.approvals.pending(TENANT) == []


async def test_denied(shop: Shop) -> None:
    """A person does not agree: nothing is done, and asking again later asks a person again."""
    approval_id = await _asked(shop)
    decided = await shop.shop_tools.decide(approval_id, agree=False, by="mei")
    assert (decided.approval.status, decided.result) == ("denied", None)
    assert await _refunds(shop) == []
    assert await _asked(shop, turn="t2") != approval_id


async def test_decided_twice(shop: Shop) -> None:
    """The same decision again answers as before and does nothing; another one comes too late."""
    approval_id = await _asked(shop)
    for _ in range(2):
        assert (await shop.shop_tools.decide(approval_id, agree=True, by="mei")).approval.status == "approved"
    with pytest.raises(ServiceError) as late:
        await shop.shop_tools.decide(approval_id, agree=False, by="tan")
    assert (late.value.code, late.value.reason) == (Code.CONFLICT, "APPROVAL_DECIDED")
    assert len(await _refunds(shop)) == 1


async def test_two_people_agree_at_once(shop: Shop) -> None:
    """However many agree at the same moment, it is done once."""
    approval_id = await _asked(shop)
    desks = [shop.shop_tools, ShopTools(shop.another())]
    await asyncio.gather(*(desk.decide(approval_id, agree=True, by="mei") for desk in desks * 3))
    assert len(await _refunds(shop)) == 1


async def test_no_longer_possible(shop: Shop) -> None:
    """When the world has moved on, agreeing does nothing and says so; a person's yes does not bend the other rules."""
    approval_id = await _asked(shop)
    shop.clock.move(days=30)
    decided = await shop.shop_tools.decide(approval_id, agree=True, by="mei")
    assert (decided.approval.status, decided.result) == ("failed", None)
    assert decided.approval.result["facts"]["rule"] == "damage_report"
    assert await _refunds(shop) == []


async def test_conversation_is_told_in_the_end(shop: Shop) -> None:
    """What was decided stays on the list until the conversation has been told, whoever dies in between."""
    approval_id = await _asked(shop)
    assert await shop.shop_tools.approvals.unannounced() == []
    await shop.shop_tools.decide(approval_id, agree=True, by="mei")
    later = ShopTools(shop.another())
    assert [approval.id for approval in await later.approvals.unannounced()] == [approval_id]
    await later.approvals.announced(approval_id)
    await later.approvals.announced(approval_id)
    assert await later.approvals.unannounced() == []


async def test_unknown_approval(shop: Shop) -> None:
    """An approval that does not exist is 404."""
    with pytest.raises(ServiceError) as unknown:
        await shop.shop_tools.decide("APNOTHING", agree=True, by="mei")
    assert (unknown.value.code, unknown.value.reason) == (Code.NOT_FOUND, "APPROVAL_UNKNOWN")


async def test_many_refunds_need_a_person(shop: Shop) -> None:
    """The third refund within a month waits, however small; a month later it does not."""
    teapot = order("demo-lin", "fresh_teapot")
    wishes = [("teapot-white", teapot), ("mug-named", teapot)]
    for item, number in wishes:
        done = await shop.run("request_refund", "demo-lin", {"order": number, "item": item, "reason": "damaged"})
        assert done.outcome is Outcome.DONE
    lost = {"order": order("demo-lin", "lost"), "reason": "lost"}
    third = await shop.run("request_refund", "demo-lin", lost, turn="t3")
    assert (third.outcome, third.facts["why"]) == (Outcome.APPROVAL_NEEDED, "many_refunds")
    shop.clock.move(days=31)
    assert (await shop.run("request_refund", "demo-lin", lost, turn="t4")).outcome is Outcome.DONE


async def test_goodwill_coupon_always_waits(shop: Shop) -> None:
    """A coupon without a confirmed delay is a person's to give, once per parcel."""
    wish = {"parcel": order("demo-chen", "fortnight"), "reason": "goodwill"}
    asked = await shop.run("issue_coupon", "demo-chen", wish)
    assert (asked.outcome, asked.facts["amount"]["minor"]) == (Outcome.APPROVAL_NEEDED, 2000)
    await shop.shop_tools.decide(asked.facts["approval"], agree=True, by="mei")
    again = await shop.run("issue_coupon", "demo-chen", wish, turn="t2")
    assert again.outcome is Outcome.ALREADY
    assert await shop.count(Coupon) == 1


async def test_a_further_piece_of_what_was_refunded_needs_a_person(shop: Shop) -> None:
    """Said again it is the same refund; said to be another piece it waits, and no more goes back than was paid."""
    customer = "demo-harper"
    wish = {"order": order(customer, "fresh_cups"), "item": "mug-peach", "reason": "damaged", "quantity": 1}
    first = await shop.run("request_refund", customer, wish)
    assert (await shop.run("request_refund", customer, wish, turn="t2")).facts["refund"] == first.facts["refund"]
    with pytest.raises(ServiceError) as refused:
        await shop.run("request_refund", customer, wish | {"further": True, "quantity": 2}, turn="t3")
    assert refused.value.metadata["rule"] == "more_than_paid"
    waits = await shop.run("request_refund", customer, wish | {"further": True}, turn="t4")
    assert (waits.outcome, waits.facts["why"]) == (Outcome.APPROVAL_NEEDED, "further_piece")
    decided = await ShopTools(shop.another()).decide(waits.facts["approval"], agree=True, by="mei")
    assert decided.result is not None
    assert decided.result.outcome is Outcome.DONE
    again = await shop.run("request_refund", customer, wish | {"further": True}, turn="t5")
    assert again.outcome is Outcome.ALREADY
