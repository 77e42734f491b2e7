"""The demo shop: every state is there, sums are right, and a visitor is always the same customer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from orchestrator.backoffice.demo.recipes import age, load_recipe
from orchestrator.backoffice.office import Who
from orchestrator.backoffice.schema import Customer, Order, Parcel, Product
from orchestrator.backoffice.words import OrderStatus, ParcelStatus
from tests.orchestrator.backoffice.shops import NOW, TENANT, Shop, made

pytestmark = pytest.mark.integration


async def test_every_state_is_there(shop: Shop) -> None:
    """Orders and parcels of every state, customers of every tier in both languages."""
    orders, parcels, customers = await shop.rows(Order), await shop.rows(Parcel), await shop.rows(Customer)
    assert {order.status for order in orders} == {status.value for status in OrderStatus}
    assert {parcel.status for parcel in parcels} == {status.value for status in ParcelStatus}
    assert {customer.tier for customer in customers} == {"standard", "silver", "gold"}
    assert {customer.language for customer in customers} == {"en", "zh"}


async def test_sums_and_times_hold_together(shop: Shop) -> None:
    """An order costs its lines and delivery; its times are in order and in the past; scans end at the status."""
    for order in await shop.rows(Order):
        goods = sum(line.quantity * line.unit_minor for line in order.lines)
        assert order.total_minor == goods + order.shipping_minor
        times = [at for at in (order.placed_at, order.paid_at, order.shipped_at, order.delivered_at) if at]
        assert times == sorted(times)
        assert times[-1] <= NOW
        assert bool(order.parcels) == (order.status in ("shipped", "delivered"))
        for parcel in order.parcels:
            assert [scan.at for scan in parcel.scans] == sorted(scan.at for scan in parcel.scans)
            assert (parcel.status == "delivered") == (order.status == "delivered")


async def test_shelf_is_the_page_s(shop: Shop) -> None:
    """The products cost what the demo page says."""
    products = await shop.rows(Product)
    prices = {product.family: (product.price_cny, product.price_usd) for product in products}
    assert prices == {
        "mug": (6800, 1030),
        "teapot": (23800, 3600),
        "lamp": (32900, 4990),
        "tote": (8900, 1350),
        "candle": (12800, 1940),
        "throw": (39900, 6050),
    }


async def test_seeding_twice_changes_nothing(shop: Shop) -> None:
    """What is there stays as it is."""
    before = {order.number: order.placed_at for order in await shop.rows(Order)}
    await made(shop.url)
    assert {order.number: order.placed_at for order in await shop.rows(Order)} == before


@pytest.mark.parametrize("visitor", ["v-1", "v-2", "v-3", "v-4", "v-5", "v-6"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_visitor_finds_a_late_parcel(shop: Shop, visitor: str, language: str) -> None:
    """Whoever comes has exactly one parcel under way, and its last scan is three days old."""
    async with shop.office.reading(Who(TENANT, visitor, language)) as desk:
        under_way = [parcel for parcel in await desk.parcels() if desk.progress(parcel) != "delivered"]
        assert [desk.progress(parcel) for parcel in under_way] == ["delayed"]
        assert (NOW - under_way[0].scans[-1].at).days == 3
        assert desk.customer.currency == ("CNY" if language == "zh" else "USD")
        statuses = {order.status for order in await desk.orders()}
    assert statuses >= {"shipped", "delivered", "packing"}


async def test_visitor_who_comes_back_is_the_same(shop: Shop) -> None:
    """The second visit finds the first one's orders; another process and another day change nothing."""
    who = Who(TENANT, "v-back", "en")
    async with shop.office.reading(who) as desk:
        first = [order.number for order in await desk.orders()]
    shop.clock.move(days=1)
    async with shop.another().reading(who) as desk:
        assert [order.number for order in await desk.orders()] == first


async def test_first_visits_at_the_same_moment(shop: Shop) -> None:
    """Two processes that see a visitor for the first time at once make one customer."""
    other = shop.another()
    who = Who(TENANT, "v-twice", "en")
    await asyncio.gather(*(office.arrive(who) for office in (shop.office, other) * 4))
    assert await shop.count(Customer, Customer.external_id == "v-twice") == 1


async def test_tenants_do_not_meet(shop: Shop) -> None:
    """The same visitor id with another tenant is somebody else, with other orders."""
    numbers = []
    for tenant in (TENANT, "other"):
        async with shop.office.reading(Who(tenant, "v-1", "en")) as desk:
            numbers.append({order.number for order in await desk.orders()})
    assert numbers[0].isdisjoint(numbers[1])


def test_recipe_names_only_what_exists() -> None:
    """Every order, item and scan that the data names is defined in it."""
    recipe = load_recipe()
    skus = {variant.sku for product in recipe.products for variant in product.variants}
    named = [name for who in (*recipe.profiles, *recipe.customers) for name in who.orders]
    assert set(named) == set(recipe.orders)
    for order in recipe.orders.values():
        assert set(order.lines) <= skus
        assert set(order.parcel or {}) <= set(recipe.scans)


@pytest.mark.parametrize("text", ["", "3", "d", "3x", "3d 2h", "-1d"])
def test_malformed_age_is_refused(text: str) -> None:
    """An age is numbers with units and nothing else."""
    with pytest.raises(ValueError, match="no age"):
        age(text)


def test_age() -> None:
    """Ages add up."""
    assert age("3d2h10m") == timedelta(days=3, hours=2, minutes=10)
