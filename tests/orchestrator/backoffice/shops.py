"""Shops to test on: a seeded back office on a database of its own, a clock that stands still, and a belt of tools."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import func, select

from orchestrator.backoffice.database import Database, database_url
from orchestrator.backoffice.demo.demo_shop import DemoShop, order_number
from orchestrator.backoffice.demo.recipes import load_recipe
from orchestrator.backoffice.migrating import migrate
from orchestrator.backoffice.numbers import RandomNumbers
from orchestrator.backoffice.office import BackOffice
from orchestrator.backoffice.policy import load_policy
from orchestrator.backoffice.schema import Base
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.catalogue import ShopTools
from orchestrator.tools.tool import ToolCall, ToolContext, ToolResult
from servicekit.resilience import Deadline
from tests.orchestrator.backoffice.postgres import ABSENT, PostgresServer, binaries

TENANT = "default"
NOW = datetime(2026, 3, 4, 4, 5, 6, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Shop:
    """A seeded shop; `another` is a second process on the same database."""

    url: str
    clock: Clock = field(default_factory=Clock)
    _open: list[Database] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.office = self.another()
        self.shop_tools = ShopTools(self.office)
        self.belt = ToolBelt(self.shop_tools.tools())

    def another(self) -> BackOffice:
        database = Database(database_url(self.url, Path()), pool=4)
        self._open.append(database)
        return BackOffice(database, load_policy(), RandomNumbers(), self.clock, DemoShop(load_recipe()))

    async def run(self, name: str, customer: str, arguments: dict[str, Any], **context: Any) -> ToolResult:
        return await self.belt.run(ToolCall(name, arguments), talk(customer, **context))

    async def count(self, table: type[Base], *conditions: Any) -> int:
        async with self.office.database.reading() as session:
            query = select(func.count()).select_from(table).where(*conditions)
            return (await session.scalars(query)).one()

    async def rows(self, table: type[Base], *conditions: Any) -> list[Any]:
        async with self.office.database.reading() as session:
            return list((await session.scalars(select(table).where(*conditions))).all())

    async def close(self) -> None:
        for database in self._open:
            await database.close()


def talk(customer: str, *, turn: str = "t1", language: str = "en", deadline: Deadline | None = None) -> ToolContext:
    """A turn of a customer's conversation."""
    return ToolContext(TENANT, customer, f"c-{customer}", turn, language, deadline)


def order(customer: str, template: str) -> str:
    """The number of a seeded order."""
    return order_number(TENANT, customer, template)


async def made(url: str) -> None:
    """Migrates and seeds a database."""
    database = Database(database_url(url, Path()))
    await migrate(database)
    await DemoShop(load_recipe()).seed(database, TENANT, NOW)
    await database.close()


async def new_database(server: PostgresServer, template: str = "template1") -> str:
    """The URL of a new database."""
    name = f"d{uuid4().hex[:12]}"
    admin = await asyncpg.connect(server.url())
    await admin.execute(f'CREATE DATABASE {name} TEMPLATE "{template}"')
    await admin.close()
    return server.url(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's PostgreSQL."""
    folder = binaries()
    if folder is None:
        pytest.skip(ABSENT)
    server = PostgresServer(folder)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, on either server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    return await new_database(request.getfixturevalue("postgres"))


@pytest.fixture
async def shop(empty_url: str) -> AsyncIterator[Shop]:
    """The demo shop, on either server."""
    await made(empty_url)
    opened = Shop(empty_url)
    yield opened
    await opened.close()
