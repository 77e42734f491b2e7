"""The shop that scenarios are played in: one made-up customer per play, and what is in their books afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.backoffice.database import Database, database_url
from orchestrator.backoffice.demo.demo_shop import DemoShop, order_number
from orchestrator.backoffice.demo.recipes import Profile, load_recipe
from orchestrator.backoffice.migrating import migrate
from orchestrator.backoffice.office import Who
from orchestrator.backoffice.schema import (
    Approval,
    Base,
    Coupon,
    Exchange,
    Invoice,
    Order,
    OrderLine,
    Parcel,
    Product,
    Refund,
    Return,
    Ticket,
)
from orchestrator.backoffice.schema import Customer as CustomerRow
from tests.scenarios.scenario import Customer

TENANT = "demo"
TABLES: dict[str, type[Base]] = {
    "tickets": Ticket, "coupons": Coupon, "returns": Return, "exchanges": Exchange, "refunds": Refund,
    "invoices": Invoice, "approvals": Approval,
}  # fmt: skip
_KEPT = ("status", "recipient", "phone", "street", "city", "postcode")
_REFERENCE = re.compile(r"\{(neighbour\.)?([a-z_]+)(?::([a-z_]+))?(?:/(\d+))?\}")

Row = dict[str, Any]


@dataclass
class Person:
    """A customer with their books as they were when the play began.

    Attributes:
        facts: What references mean: `order:NAME`, `tracking:NAME`, `total:NAME`, `item:NAME/0`, `name`, `street`.
        seen: Ids of the rows that were there, by table.
        orders: Columns of the orders that were there, by template.
    """

    external_id: str
    row_id: int
    facts: dict[str, str]
    seen: dict[str, frozenset[Any]] = field(default_factory=dict)
    orders: dict[str, dict[str, str]] = field(default_factory=dict)
    templates: dict[int, str] = field(default_factory=dict)


class Books:
    """The database that the orchestrators under test share.

    Args:
        path: The SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self._database = Database(database_url(self.url, Path()), pool=4)
        self._recipe = load_recipe()

    async def open(self) -> None:
        """Lays the shop out."""
        await migrate(self._database)
        await DemoShop(self._recipe).seed(self._database, TENANT, datetime.now(UTC))

    async def close(self) -> None:
        """Closes the file."""
        await self._database.close()

    async def arrive(self, external_id: str, language: str, tier: str, orders: tuple[str, ...]) -> Person:
        """Makes a customer with these orders; the same id has the same numbers in every run."""
        name = {"en": f"Robin {external_id[-4:]}", "zh": f"小桃{external_id[-4:]}"}
        profile = Profile(tier=tier, name=name, orders=orders)
        shop = DemoShop(msgspec.structs.replace(self._recipe, profiles=(profile,)))
        who = Who(TENANT, external_id, language)
        async with self._database.writing() as session:
            await shop(session, who, datetime.now(UTC))
        async with self._database.reading() as session:
            query = select(CustomerRow).where(CustomerRow.tenant == TENANT, CustomerRow.external_id == external_id)
            row = (await session.scalars(query)).one()
            person = Person(external_id, row.id, {"name": row.name})
            for template in orders:
                await self._know(session, person, template, language)
            person.seen = {name: frozenset(await self._ids(session, name, row.id)) for name in TABLES}
        person.orders = await self.orders(person)
        return person

    async def _know(self, session: AsyncSession, person: Person, template: str, language: str) -> None:
        number = order_number(TENANT, person.external_id, template)
        order = (await session.scalars(select(Order).where(Order.number == number))).one()
        person.templates[order.id] = template
        person.facts |= {
            f"order:{template}": number,
            f"total:{template}": order.total.text(language),
            "street": order.street,
            "phone": order.phone,
        }
        if order.parcels:
            person.facts[f"tracking:{template}"] = order.parcels[0].tracking
            last = order.parcels[0].scans[-1] if order.parcels[0].scans else None
            person.facts[f"scan:{template}"] = (last.text_zh if language == "zh" else last.text_en) if last else ""
        for place, line in enumerate(order.lines):
            person.facts[f"item:{template}/{place}"] = (
                line.product.name_zh if language == "zh" else line.product.name_en
            )
        for refund in (await session.scalars(select(Refund).where(Refund.order_id == order.id))).all():
            person.facts |= {f"refund:{template}": refund.number, f"refunded:{template}": refund.amount.text(language)}

    async def orders(self, person: Person) -> dict[str, dict[str, str]]:
        """Status and address of each order, by template."""
        async with self._database.reading() as session:
            query = select(Order).where(Order.customer_id == person.row_id)
            rows = (await session.scalars(query)).all()
        return {person.templates[row.id]: {name: str(getattr(row, name)) for name in _KEPT} for row in rows}

    async def rows(self, person: Person) -> dict[str, list[Row]]:
        """The rows that came since the play began, with `order` (template), `item` and `wanted` (sku) beside columns.

        A hand-over's own ticket is left to `escalated`.
        """
        found: dict[str, list[Row]] = {}
        async with self._database.reading() as session:
            for name, table in TABLES.items():
                query = select(table).where(table.__table__.c.customer_id == person.row_id)
                rows = [row for row in (await session.scalars(query)).all() if row.id not in person.seen[name]]  # type: ignore[attr-defined]
                plain = [await self._plain(session, person, row) for row in rows]
                found[name] = [row for row in plain if row.get("kind") != "hand_over"]
        return found

    async def _plain(self, session: AsyncSession, person: Person, row: Any) -> Row:
        plain: Row = {column.key: getattr(row, column.key) for column in row.__table__.columns}
        order_id = plain.get("order_id")
        if plain.get("order_line_id"):
            line = await session.get_one(OrderLine, plain["order_line_id"])
            order_id, plain["item"] = line.order_id, line.product.sku
        if plain.get("parcel_id"):
            order_id = (await session.get_one(Parcel, plain["parcel_id"])).order_id
        if plain.get("wanted_id"):
            plain["wanted"] = (await session.get_one(Product, plain["wanted_id"])).sku
        plain["order"] = person.templates.get(order_id, "") if order_id else ""
        return plain

    async def _ids(self, session: AsyncSession, name: str, customer_id: int) -> list[Any]:
        columns = TABLES[name].__table__.c
        return list((await session.execute(select(columns.id).where(columns.customer_id == customer_id))).scalars())


def rendered(text: str, facts: Mapping[str, str]) -> str:
    """The text with its references put in.

    Raises:
        KeyError: A reference names nothing.
    """

    def put(found: re.Match[str]) -> str:
        whose, what, template, place = found.groups()
        name = what + (f":{template}" if template else "") + (f"/{place}" if place else "")
        return facts[(whose or "") + name]

    return _REFERENCE.sub(put, text)


async def arrive(books: Books, external_id: str, customer: Customer, language: str) -> Person:
    """The scenario's customer, and their neighbour whose facts bear `neighbour.` before their names."""
    person = await books.arrive(external_id, language, customer.tier, customer.orders)
    if customer.neighbour:
        other = await books.arrive(external_id + "-nb", language, "gold", customer.neighbour)
        person.facts |= {f"neighbour.{name}": value for name, value in other.facts.items()}
    return person
