"""The story of the design, tool by tool, in both languages: a parcel that has not moved for three days."""

from __future__ import annotations

import pytest

from orchestrator.backoffice.schema import Coupon, Product, Ticket
from orchestrator.tools.tool import OrderCard, Outcome, TicketCard
from servicekit.errors import ServiceError
from tests.orchestrator.backoffice.shops import Shop, order

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("language", "coupon"), [("zh", "10 元"), ("en", "1.50 USD")])
async def test_late_parcel(shop: Shop, language: str, coupon: str) -> None:
    """A visitor whom nobody has seen before: parcel found, delay confirmed, ticket, coupon; the second time nothing."""
    for turn, expected in (("t1", Outcome.DONE), ("t2", Outcome.ALREADY)):
        found = await shop.run("track_parcel", "v-story", {}, turn=turn, language=language)
        parcel = found.facts["parcels"][0]
        assert (parcel["progress"], parcel["quiet_days"]) == ("delayed", 3)
        assert isinstance(found.card, OrderCard)
        wish = {"kind": "delay", "order": parcel["tracking"], "summary": "no scan for days"}
        ticket = await shop.run("open_ticket", "v-story", wish, turn=turn, language=language)
        assert ticket.outcome is expected
        assert isinstance(ticket.card, TicketCard)
        gift = await shop.run("issue_coupon", "v-story", {"parcel": parcel["tracking"]}, turn=turn, language=language)
        assert (gift.outcome, gift.facts["amount"]["text"]) == (expected, coupon)
    assert (await shop.count(Coupon), await shop.count(Ticket)) == (1, 1)


async def test_order_tells_what_became_of_it(shop: Shop) -> None:
    """After a return is started and an order cancelled, the list of orders says so and what is still possible."""
    orders = (await shop.run("find_orders", "v-after", {"limit": 10})).facts["orders"]
    fresh = next(one for one in orders if one["can"]["return_until"])
    unsent = next(one for one in orders if one["can"]["cancel"])
    wish = {"order": fresh["number"], "item": fresh["items"][-1]["item"], "reason": "damaged"}
    started = await shop.run("start_return", "v-after", wish)
    assert started.facts["fee"]["minor"] == 0
    await shop.run("cancel_order", "v-after", {"order": unsent["number"]})
    orders = (await shop.run("find_orders", "v-after", {"limit": 10})).facts["orders"]
    later = {one["number"]: one for one in orders}
    (told,) = later[fresh["number"]]["returns"]
    assert (told["number"], told["status"], told["fee"]) == (started.facts["return"], "requested", started.facts["fee"])
    assert told["item"] == fresh["items"][-1]["name"]
    assert (later[unsent["number"]]["status"], later[unsent["number"]]["can"]["cancel"]) == ("cancelled", False)
    assert later[unsent["number"]]["refunds"][0]["amount"] == unsent["total"]


@pytest.mark.parametrize(("query", "count"), [("teapot", 2), ("茶壶", 2), ("peach candle", 2), ("zebra", 0), ("", 4)])
async def test_search_by_words(shop: Shop, query: str, count: int) -> None:
    """Orders are found by the words of what is in them, in either language."""
    assert (await shop.run("find_orders", "demo-lin", {"query": query})).facts["count"] == count


async def test_last_pieces_are_not_given_twice(shop: Shop) -> None:
    """An exchange reserves its pieces: who comes when the rest is too small is told that it is sold out."""
    (mug,) = await shop.rows(Product, Product.sku == "mug-sage")
    async with shop.office.database.writing() as session:
        (await session.get_one(Product, mug.id)).stock = 2
    cups = {"order": order("demo-harper", "fresh_cups"), "item": "mug-peach", "wanted": "mug-sage"}
    assert (await shop.run("exchange_item", "demo-harper", cups)).outcome is Outcome.DONE
    named = {"order": order("demo-zhao", "fresh_teapot"), "item": "mug-named", "wanted": "mug-sage"}
    with pytest.raises(ServiceError) as refused:
        await shop.run("exchange_item", "demo-zhao", {**named, "reason": "not_as_described"})
    assert refused.value.metadata["rule"] == "out_of_stock"
