"""What of the shop's records goes by itself, and what does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from orchestrator.backoffice.demo.demo_shop import DemoShop
from orchestrator.backoffice.demo.recipes import load_recipe
from orchestrator.backoffice.expiring import Lives, expire
from orchestrator.backoffice.memory import SqlMemory
from orchestrator.backoffice.schema import Approval, Audit, Coupon, Customer, Memory, Order, Receipt, Ticket
from orchestrator.tools.tool import Outcome
from tests.orchestrator.backoffice.shops import TENANT, Shop, order

pytestmark = pytest.mark.integration

LIVES = Lives(records=timedelta(days=30), audit=timedelta(days=300))


async def swept(shop: Shop) -> dict[str, int]:
    """One run at the shop's time; all customers of the recipe are residents."""
    return await expire(shop.office.database, shop.clock(), LIVES, residents=DemoShop(load_recipe()).residents)


async def test_young_records_stay(shop: Shop) -> None:
    """Nothing is old enough, so nothing goes; twice the same."""
    await shop.run("open_ticket", "demo-harper", {"kind": "question", "summary": "quartz"})
    shop.clock.move(days=29)
    assert await swept(shop) == {}
    assert await swept(shop) == {}
    assert await shop.count(Receipt) == 1


async def test_what_turns_left_goes_with_conversations(shop: Shop) -> None:
    """Receipts and decided approvals go; a pending approval waits for its person; orders and coupons stay."""
    stuck = order("demo-harper", "stuck_throw")
    await shop.run("issue_coupon", "demo-harper", {"parcel": stuck, "reason": "delay"}, turn="t1")
    goodwill = {"parcel": stuck, "reason": "goodwill"}
    assert (await shop.run("issue_coupon", "demo-harper", goodwill, turn="t4")).outcome is Outcome.APPROVAL_NEEDED
    orders, audit = await shop.count(Order), await shop.count(Audit)
    async with shop.office.database.writing() as session:
        await session.execute(update(Approval).values(status="pending"))
    shop.clock.move(days=31)
    gone = await swept(shop)
    assert gone["receipts"] == 2
    assert "approvals" not in gone
    assert (await shop.count(Receipt), await shop.count(Order), await shop.count(Audit)) == (0, orders, audit)
    assert await shop.count(Coupon) == 1
    async with shop.office.database.writing() as session:
        await session.execute(update(Approval).values(status="denied", decided_at=shop.clock() - timedelta(days=31)))
    assert (await swept(shop))["approvals"] == 1


async def test_words_of_tickets_go_when_they_are_closed(shop: Shop) -> None:
    """An open ticket keeps its summary however old it is; a closed one keeps kind and times."""
    await shop.run("open_ticket", "demo-harper", {"kind": "question", "summary": "my quartz broke"})
    shop.clock.move(days=40)
    await swept(shop)
    (ticket,) = await shop.rows(Ticket)
    assert ticket.summary == "my quartz broke"
    async with shop.office.database.writing() as session:
        await session.execute(update(Ticket).values(status="closed"))
    assert (await swept(shop))["tickets"] == 1
    (ticket,) = await shop.rows(Ticket)
    assert (ticket.summary, ticket.conversation_id, ticket.kind) == ("", "", "question")


async def test_visitors_of_the_demo_shop_go_and_residents_stay(shop: Shop) -> None:
    """With all that was made up for them; who did something lately stays."""
    customers = await shop.count(Customer)
    for visitor in ("v-gone", "v-back"):
        await shop.run("find_orders", visitor, {})
    shop.clock.move(days=31)
    await shop.run("open_ticket", "v-back", {"kind": "question", "summary": "hello"})
    assert (await swept(shop))["customers"] == 1
    left = {row.external_id for row in await shop.rows(Customer)}
    assert "v-back" in left
    assert "v-gone" not in left
    assert len(left) == customers + 1


async def test_customers_who_bought_something_are_never_swept(shop: Shop) -> None:
    """Only visitors of a made-up shop are."""
    await shop.run("find_orders", "v-real", {})
    async with shop.office.database.writing() as session:
        await session.execute(update(Customer).where(Customer.external_id == "v-real").values(demo=False))
    shop.clock.move(days=400)
    await swept(shop)
    assert await shop.count(Customer, Customer.external_id == "v-real") == 1


async def test_the_audit_lives_longer(shop: Shop) -> None:
    """Its lines go when their own time is over."""
    await shop.run("open_ticket", "demo-harper", {"kind": "question", "summary": "quartz"})
    shop.clock.move(days=299)
    await swept(shop)
    assert await shop.count(Audit) == 1
    shop.clock.move(days=2)
    assert (await swept(shop))["audit"] == 1


async def test_what_is_remembered_of_cases_fades_and_facts_stay(shop: Shop) -> None:
    """A line about a closed case goes after half a year; what the customer let us keep stays."""
    memory = SqlMemory(shop.office)
    await memory.note_case(TENANT, "demo-harper", "c-1", "t1", "returned a mug")
    await memory.remember(TENANT, "demo-harper", "email", "harper@example.com")
    shop.clock.move(days=181)
    assert (await swept(shop))["memories"] == 1
    assert [row.name for row in await shop.rows(Memory)] == ["email"]
