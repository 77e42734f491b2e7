"""Brings a database to the newest schema; replicas that start together wait for each other."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from orchestrator.backoffice.database import Database
from servicekit.errors import internal, unavailable

# Any number will do as long as nobody else locks it: "sd" and the year of the first schema.
_LOCK = 0x5D_2026


async def migrate(database: Database) -> None:
    """Upgrades to the newest schema, in one transaction; does nothing when it is there.

    Raises:
        ServiceError: BACKOFFICE_UNAVAILABLE, or BACKOFFICE_SCHEMA when a newer version of this software was here.
    """
    try:
        async with database.writer.begin() as connection:
            if not database.embedded:  # SQLite: the transaction holds the write lock already
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(_upgrade)
    except CommandError as error:
        raise internal("BACKOFFICE_SCHEMA", "the database was made by a newer version, update this one") from error
    except (DBAPIError, OSError) as error:
        raise unavailable("BACKOFFICE_UNAVAILABLE", "the shop's database is out of reach") from error


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
