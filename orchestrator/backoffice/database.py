"""Transactions on SQLite or PostgreSQL, with one error when the database is out of reach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from servicekit.errors import ServiceError, unavailable

_WRITES = "stickerdesk_writes"
_BUSY_MS = 2_000
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
# Serialisation failure, deadlock, shutting down, too many connections: the same transaction may succeed later.
_PASSING = ("40001", "40P01", "57P01", "57P02", "57P03", "53300")


def database_url(given: str, data_dir: Path) -> URL:
    """The URL with the driver that this process has; a file in the data folder when none is given.

    Raises:
        ValueError: It is no URL of SQLite or PostgreSQL.
    """
    if not given:
        return URL.create(_DRIVERS["sqlite"], database=str(data_dir / "orchestrator" / "backoffice.sqlite3"))
    try:
        url = make_url(given)
    except ArgumentError as error:
        raise ValueError("the database URL cannot be read") from error
    driver = _DRIVERS.get(url.drivername.split("+")[0])
    if driver is None:
        raise ValueError(f"the database must be SQLite or PostgreSQL, not {url.drivername}")
    return url.set(drivername=driver)


class Database:
    """Opens transactions.

    Args:
        url: From `database_url`.
        pool: Connections that are kept open.
    """

    def __init__(self, url: URL, *, pool: int = 8) -> None:
        self.embedded = url.get_backend_name() == "sqlite"
        if self.embedded and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        limits: dict[str, Any] = {"pool_size": pool, "max_overflow": pool, "pool_timeout": 5.0}
        # Errors go to the log and must not carry what a statement was about: names, addresses, what was written.
        self.engine: AsyncEngine = create_async_engine(
            url, pool_pre_ping=not self.embedded, hide_parameters=True, **limits
        )
        if self.embedded:
            event.listen(self.engine.sync_engine, "connect", _on_sqlite_connect)
            event.listen(self.engine.sync_engine, "begin", _on_sqlite_begin)
        self._reading = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writing = async_sessionmaker(self.writer, expire_on_commit=False)
        # SQLite has one writer at a time: in this process they queue here instead of polling its lock.
        self._turnstile = asyncio.Lock() if self.embedded else None

    @property
    def writer(self) -> AsyncEngine:
        """The engine whose transactions take the write lock when they begin (SQLite)."""
        return self.engine.execution_options(**{_WRITES: True})

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction that only reads.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        async with _typed_errors(), self._reading() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A transaction: everything or, on any exception, nothing.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE; what was to be written may then have been.
        """
        async with AsyncExitStack() as stack:
            if self._turnstile is not None:
                await stack.enter_async_context(self._turnstile)
            await stack.enter_async_context(_typed_errors())
            yield await stack.enter_async_context(self._writing.begin())

    async def ping(self) -> None:
        """Whether it answers.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Closes the connections."""
        await self.engine.dispose()


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own; `_on_sqlite_begin` does
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    # A transaction that reads first and writes later could not get the lock any more once another one wrote.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@asynccontextmanager
async def _typed_errors() -> AsyncIterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
        raise _out_of_reach() from error
    except DBAPIError as error:
        if error.connection_invalidated or getattr(error.orig, "sqlstate", "") in _PASSING:
            raise _out_of_reach() from error
        raise


def _out_of_reach() -> ServiceError:
    return unavailable("BACKOFFICE_UNAVAILABLE", "the shop's records are out of reach, try again shortly")
