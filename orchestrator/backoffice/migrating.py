"""Brings a database to the newest schema; replicas that start together wait for each other."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from orchestrator.backoffice.database import Database
from servicekit.errors import internal, unavailable
from servicekit.resilience import backoff

# Any number will do as long as nobody else locks it: "sd" and the year of the first schema.
_LOCK = 0x5D_2026
_TRIES = 20
_RNG = random.Random()


async def migrate(database: Database) -> None:
    """Upgrades to the newest schema, in one transaction; does nothing when it is there.

    Raises:
        ServiceError: BACKOFFICE_UNAVAILABLE, or BACKOFFICE_SCHEMA when a newer version of this software was here.
    """
    for attempt in range(_TRIES):
        try:
            return await _upgraded(database)
        except CommandError as error:
            raise internal("BACKOFFICE_SCHEMA", "the database was made by a newer version, update this one") from error
        except (DBAPIError, OSError) as error:
            if attempt + 1 == _TRIES or not _held_by_another(error):
                raise unavailable("BACKOFFICE_UNAVAILABLE", "the shop's database is out of reach") from error
        await asyncio.sleep(backoff(attempt, base_s=0.05, cap_s=1.0, rng=_RNG))


async def _upgraded(database: Database) -> None:
    async with database.writer.begin() as connection:
        if not database.embedded:  # SQLite: the transaction holds the write lock already
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(_upgrade)


def _held_by_another(error: Exception) -> bool:
    """Whether SQLite found its file locked: changing to WAL fails at once then, whatever the busy timeout says."""
    return isinstance(error, DBAPIError) and "locked" in str(error.orig)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
