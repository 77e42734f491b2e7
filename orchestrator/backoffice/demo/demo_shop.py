"""Fills a back office with the demo shop, and gives every new visitor a life as a customer of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.backoffice.database import Database
from orchestrator.backoffice.demo.recipes import OrderRecipe, ShopRecipe, age
from orchestrator.backoffice.money import Money
from orchestrator.backoffice.office import Who
from orchestrator.backoffice.schema import Customer, Order, OrderLine, Parcel, Product, Refund, Return, Scan
from orchestrator.backoffice.words import ParcelStatus

_TRIES = 5
_CURRENCY = {"zh": "CNY", "en": "USD"}


@dataclass(frozen=True)
class _Customer:
    """For whom rows are made: the row, and the seed of everything that is unlike for each customer."""

    row: Customer
    seed: str
    now: datetime

    def digits(self, of: str, count: int) -> str:
        """Digits that depend on the customer and on `of` alone."""
        return _digits(self.seed, of, count)

    def ago(self, text: str) -> datetime | None:
        """The moment of an age; None for none."""
        return self.now - age(text) if text else None


def order_number(tenant: str, customer_id: str, template: str) -> str:
    """The number of a customer's order, by the template that it is made from."""
    return "PW" + _digits(f"{tenant}/{customer_id}", template, 10)


def _digits(seed: str, of: str, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(f"{seed}\0{of}".encode()).digest()[:12], "big")
    return str(number % 10**count).zfill(count)


class DemoShop:
    """The demo shop of one or more tenants.

    Args:
        recipe: What is in it.
    """

    def __init__(self, recipe: ShopRecipe) -> None:
        self._recipe = recipe

    @property
    def residents(self) -> frozenset[str]:
        """Ids of the customers that are always there."""
        return frozenset(person.id for person in self._recipe.customers)

    async def seed(self, database: Database, tenant: str, now: datetime) -> None:
        """Products and the customers that are always there; what is there already stays as it is."""
        for _ in range(_TRIES):
            try:
                async with database.writing() as session:
                    await self._seed(session, tenant, now)
                return
            except IntegrityError:  # another replica began with the same row: look again at what there is
                continue

    async def _seed(self, session: AsyncSession, tenant: str, now: datetime) -> None:
        products = await self._products(session, tenant)
        there = set(await session.scalars(select(Customer.external_id).where(Customer.tenant == tenant)))
        for person in self._recipe.customers:
            if person.id not in there:
                row = Customer(
                    tenant=tenant, external_id=person.id, name=person.name, email=person.email, created_at=now,
                    language=person.language, currency=_CURRENCY[person.language], tier=person.tier, demo=True,
                )  # fmt: skip
                await self._fill(session, _Customer(row, f"{tenant}/{person.id}", now), person.orders, products)

    async def __call__(self, session: AsyncSession, who: Who, now: datetime) -> None:
        """A profile for a visitor, always the same for the same visitor."""
        products = await self._products(session, who.tenant)
        seed = f"{who.tenant}/{who.customer_id}"
        place = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") % len(self._recipe.profiles)
        profile, language = self._recipe.profiles[place], "zh" if who.language == "zh" else "en"
        row = Customer(
            tenant=who.tenant, external_id=who.customer_id, name=profile.name[language], created_at=now,
            language=language, currency=_CURRENCY[language], tier=profile.tier, demo=True,
        )  # fmt: skip
        await self._fill(session, _Customer(row, seed, now), profile.orders, products)

    async def _products(self, session: AsyncSession, tenant: str) -> Mapping[str, Product]:
        known = await session.scalars(select(Product).where(Product.tenant == tenant))
        there = {product.sku: product for product in known}
        for recipe in self._recipe.products:
            for variant in recipe.variants:
                if variant.sku not in there:
                    there[variant.sku] = product = Product(
                        tenant=tenant, sku=variant.sku, family=recipe.family, name_en=recipe.en, name_zh=recipe.zh,
                        variant_en=variant.en, variant_zh=variant.zh, price_cny=Money.of(recipe.cny, "CNY").minor,
                        price_usd=Money.of(recipe.usd, "USD").minor, stock=variant.stock, returnable=variant.returnable,
                    )  # fmt: skip
                    session.add(product)
        await session.flush()
        return there

    async def _fill(
        self, session: AsyncSession, customer: _Customer, orders: tuple[str, ...], products: Mapping[str, Product]
    ) -> None:
        session.add(customer.row)
        await session.flush()
        recipes = {name: self._recipe.orders[name] for name in orders}
        made = {name: self._order(customer, name, recipe, products) for name, recipe in recipes.items()}
        session.add_all(made.values())
        await session.flush()  # all at once: a statement per table, however many orders there are
        for name, order in made.items():
            session.add_all(_happened(customer, name, recipes[name], order))

    def _order(self, customer: _Customer, name: str, recipe: OrderRecipe, products: Mapping[str, Product]) -> Order:
        row = customer.row
        lines = [
            OrderLine(product=products[sku], quantity=count, unit_minor=products[sku].price(row.currency).minor)
            for sku, count in recipe.lines.items()
        ]
        goods = Money(row.currency, sum(line.unit_minor * line.quantity for line in lines))
        free = goods >= Money.of(self._recipe.shipping.free_from[row.currency], row.currency)
        fee = Money.of(self._recipe.shipping.standard[row.currency], row.currency).minor * (not free)
        address = {**self._recipe.addresses[row.language], "recipient": row.name}
        return Order(
            tenant=row.tenant, customer_id=row.id, number=order_number(row.tenant, row.external_id, name),
            status=recipe.status, currency=row.currency, shipping_minor=fee, total_minor=goods.minor + fee, lines=lines,
            placed_at=customer.ago(recipe.placed), paid_at=customer.ago(recipe.paid),
            shipped_at=customer.ago(recipe.shipped), delivered_at=customer.ago(recipe.delivered),
            cancelled_at=customer.ago(recipe.cancelled), parcels=self._parcels(customer, name, recipe), **address,
        )  # fmt: skip

    def _parcels(self, customer: _Customer, name: str, recipe: OrderRecipe) -> list[Parcel]:
        if recipe.parcel is None:
            return []
        scans = [
            Scan(at=customer.ago(ago), event=event, text_en=said.en, text_zh=said.zh)
            for event, ago in recipe.parcel.items()
            for said in (self._recipe.scans[event],)
        ]
        status = self._recipe.scans[scans[-1].event].status if scans else ParcelStatus.ANNOUNCED.value
        carrier = self._recipe.carrier
        return [
            Parcel(
                tracking="HE" + customer.digits(f"{name}/parcel", 12), carrier_en=carrier["en"],
                carrier_zh=carrier["zh"], status=status, created_at=customer.ago(recipe.shipped), scans=scans,
            )
        ]  # fmt: skip


def _happened(customer: _Customer, name: str, recipe: OrderRecipe, order: Order) -> list[Return | Refund]:
    made: list[Return | Refund] = []
    if recipe.returned is not None:
        at = customer.now - age(recipe.returned.age)
        line = order.lines[0]
        made.append(
            Return(
                customer_id=customer.row.id, order_line_id=line.id, number="RT" + customer.digits(f"{name}/return", 10),
                quantity=line.quantity, reason=recipe.returned.reason, status=recipe.returned.status,
                currency=order.currency, label_until=at + age("14d"), created_at=at,
            )
        )  # fmt: skip
    if recipe.refund is not None:
        made.append(
            Refund(
                customer_id=customer.row.id, order_id=order.id, number="RF" + customer.digits(f"{name}/refund", 10),
                reason=recipe.refund.reason, status=recipe.refund.status, amount_minor=order.total_minor,
                currency=order.currency, created_at=customer.now - age(recipe.refund.age),
            )
        )  # fmt: skip
    return made
