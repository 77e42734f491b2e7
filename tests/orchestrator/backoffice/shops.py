"""Shops to test on: a seeded back office on a database of its own, a clock that stands still, and a belt of tools."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
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

T = TypeVar("T")
TENANT = "default"
_TABLES = [table.name for table in Base.metadata.sorted_tables]
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


async def new_database(server: PostgresServer) -> str:
    """The URL of a new database."""
    name = f"d{uuid4().hex[:12]}"
    await _execute(server.url(), f"CREATE DATABASE {name}")
    return server.url(name)


async def keep(url: str) -> None:
    """Keeps a copy of what a database holds, for `restore`."""
    copies = [f"CREATE TABLE seed.{name} AS SELECT * FROM public.{name}" for name in _TABLES]
    await _execute(url, "CREATE SCHEMA seed", *copies)


async def restore(url: str) -> None:
    """Puts back what was kept: a tenth of the time of a new database. Sequences go on, so ids stay free."""
    copies = [f"INSERT INTO public.{name} SELECT * FROM seed.{name}" for name in _TABLES]
    await _execute(url, f"TRUNCATE {', '.join(_TABLES)} CASCADE", *copies)


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


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


@pytest.fixture(scope="session")
def sqlite_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded SQLite file, to copy."""
    path = tmp_path_factory.mktemp("shop") / "shop.sqlite3"
    _elsewhere(made(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_shop(postgres: PostgresServer) -> str:
    """The URL of a seeded PostgreSQL database, to restore."""
    url = _elsewhere(new_database(postgres))
    _elsewhere(made(url))
    _elsewhere(keep(url))
    return url


def _elsewhere(work: Coroutine[Any, Any, T]) -> T:
    """Runs it on a loop of its own: what lives for the session must not hang on the loop of one test."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(params=["sqlite", "postgresql"])
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shop]:
    """The demo shop, on either server."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("sqlite_shop"), tmp_path / "shop.sqlite3")
        opened = Shop(f"sqlite:///{copy}")
    else:
        url = request.getfixturevalue("postgres_shop")
        await restore(url)
        opened = Shop(url)
    yield opened
    await opened.close()
