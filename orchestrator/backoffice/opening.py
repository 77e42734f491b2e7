"""Opens a back office: finds the database, brings it up to date, and lays out the demo shop where that is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.backoffice.database import Database, database_url
from orchestrator.backoffice.demo.demo_shop import DemoShop
from orchestrator.backoffice.demo.recipes import load_recipe
from orchestrator.backoffice.migrating import migrate
from orchestrator.backoffice.numbers import RandomNumbers
from orchestrator.backoffice.office import BackOffice, plain_welcome
from orchestrator.backoffice.policy import load_policy
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_FIRST_WAIT_S, _LAST_WAIT_S = 1.0, 30.0


def utc_now() -> datetime:
    """The time, aware."""
    return datetime.now(UTC)


async def open_back_office(
    url: str, data_dir: Path, *, tenant: str, demo_shop: bool | None = None, now: Callable[[], datetime] = utc_now
) -> BackOffice:
    """Opens it; close it with `office.database.close()`.

    Args:
        url: SQLAlchemy URL of SQLite or PostgreSQL; empty: a file in `data_dir`.
        data_dir: Where the file goes.
        tenant: Whose demo shop is laid out.
        demo_shop: Whether new visitors become customers of the demo shop; None: only without a `url`.
        now: The clock.

    Raises:
        ValueError: The URL cannot be used.
        ServiceError: BACKOFFICE_UNAVAILABLE, BACKOFFICE_SCHEMA.
    """
    opening = Opening(url, data_dir, tenant=tenant, demo_shop=demo_shop, now=now)
    try:
        await opening.prepare()
    except BaseException:
        await opening.office.database.close()
        raise
    return opening.office


class Opening:
    """A back office that may open later: until it is prepared its tools answer BACKOFFICE_UNAVAILABLE or fail.

    Args and ValueError: see `open_back_office`.

    Attributes:
        office: To be closed with `office.database.close()`.
    """

    def __init__(
        self, url: str, data_dir: Path, *, tenant: str, demo_shop: bool | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        demo = not url if demo_shop is None else demo_shop
        self._shop = DemoShop(load_recipe()) if demo else None
        self._tenant, self._now = tenant, now
        database = Database(database_url(url, data_dir))
        self.office = BackOffice(database, load_policy(), RandomNumbers(), now, self._shop or plain_welcome)

    @property
    def residents(self) -> frozenset[str]:
        """Customers of the demo shop who are always there; empty without one."""
        return self._shop.residents if self._shop is not None else frozenset()

    async def prepare(self) -> None:
        """Brings the database up to date and lays out the demo shop.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE, BACKOFFICE_SCHEMA.
        """
        await migrate(self.office.database)
        if self._shop is not None:
            await self._shop.seed(self.office.database, self._tenant, self._now())

    async def keep_trying(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Prepares, again and again while the database is out of reach. Each failure is in the log."""
        log, wait_s = get_logger("backoffice"), _FIRST_WAIT_S
        while True:
            try:
                await self.prepare()
            except ServiceError as error:
                log.warning("back office not open", reason=error.reason, again_in_s=wait_s)
                await sleep(wait_s)
                wait_s = min(_LAST_WAIT_S, wait_s * 2)
            else:
                log.info("back office open")
                return
