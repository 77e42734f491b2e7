"""Erasure of a customer."""

from __future__ import annotations

import pytest
from sqlalchemy import text, update

from orchestrator.backoffice.forgetting import forget
from orchestrator.backoffice.office import Who
from orchestrator.backoffice.schema import Base, Customer, Invoice, Order, Receipt, Ticket
from orchestrator.tools.tool import Outcome
from tests.orchestrator.backoffice.shops import TENANT, Shop, order

pytestmark = pytest.mark.integration

_WORDS = ("Quartz Street", "quartz@example.com", "my quartz broke", "Harper Lee")


async def _everything(shop: Shop) -> str:
    said = []
    async with shop.office.database.reading() as session:
        for table in Base.metadata.tables.values():
            rows = await session.execute(text(f'SELECT * FROM "{table.name}"'))
            said.extend(str(row) for row in rows)
    return "\n".join(said)


async def test_nothing_that_names_the_person_stays(shop: Shop) -> None:
    """After erasure no table holds name, address, mail or words; orders and invoices are still there."""
    async with shop.office.database.writing() as session:
        await session.execute(update(Customer).values(demo=False))
    paid, cups = order("demo-harper", "paid"), order("demo-harper", "fresh_cups")
    await shop.run("change_address", "demo-harper", {"order": paid, "street": "Quartz Street"})
    await shop.run("request_invoice", "demo-harper", {"order": cups, "title": "H", "email": "quartz@example.com"})
    await shop.run("open_ticket", "demo-harper", {"kind": "question", "summary": "my quartz broke"})
    before = await _everything(shop)
    assert all(word in before for word in _WORDS)
    orders = await shop.count(Order)

    assert await forget(shop.office, Who(TENANT, "demo-harper"))

    after = await _everything(shop)
    assert [word for word in _WORDS if word in after] == []
    assert (await shop.count(Order), await shop.count(Invoice), await shop.count(Ticket)) == (orders, 1, 1)
    assert await shop.count(Receipt) == 0


async def test_whoever_comes_after_is_somebody_new(shop: Shop) -> None:
    """What a customer of the demo shop did is gone, all of it; the same token later begins anew."""
    who = Who(TENANT, "v-leaves", "en")
    orders = await shop.count(Order)
    asked = {"kind": "question", "summary": "my quartz broke"}
    assert (await shop.run("open_ticket", "v-leaves", asked)).outcome is Outcome.DONE
    assert await forget(shop.office, who)
    assert not await forget(shop.office, who)
    assert (await shop.count(Order), await shop.count(Ticket), await shop.count(Receipt)) == (orders, 0, 0)
    assert (await shop.run("open_ticket", "v-leaves", asked)).outcome is Outcome.DONE


async def test_others_are_not_touched(shop: Shop) -> None:
    """Erasing one customer leaves the others as they were."""
    await forget(shop.office, Who(TENANT, "demo-harper"))
    async with shop.office.reading(Who(TENANT, "demo-noah", "en")) as desk:
        assert desk.customer.name == "Noah Kim"
        assert all(one.recipient == "Noah Kim" for one in await desk.orders())
