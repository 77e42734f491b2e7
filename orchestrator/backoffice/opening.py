"""Opens a back office: finds the database, brings it up to date, and lays out the demo shop where that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from orchestrator.backoffice.database import Database, database_url
from orchestrator.backoffice.demo.demo_shop import DemoShop
from orchestrator.backoffice.demo.recipes import load_recipe
from orchestrator.backoffice.migrating import migrate
from orchestrator.backoffice.numbers import RandomNumbers
from orchestrator.backoffice.office import BackOffice, plain_welcome
from orchestrator.backoffice.policy import load_policy


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
    database = Database(database_url(url, data_dir))
    try:
        await migrate(database)
        demo = not url if demo_shop is None else demo_shop
        shop = DemoShop(load_recipe()) if demo else None
        if shop is not None:
            await shop.seed(database, tenant, now())
    except BaseException:
        await database.close()
        raise
    return BackOffice(database, load_policy(), RandomNumbers(), now, shop or plain_welcome)
