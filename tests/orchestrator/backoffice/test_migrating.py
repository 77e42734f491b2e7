"""Migrations: from nothing, twice, by several at once, and equal to the declared schema."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from orchestrator.backoffice import migrating
from orchestrator.backoffice.database import Database, database_url
from orchestrator.backoffice.migrating import migrate
from orchestrator.backoffice.schema import Base
from servicekit.errors import Code, ServiceError

pytestmark = pytest.mark.integration

_SCRIPTS = Path(migrating.__file__).with_name("migrations")
_REVISIONS = sorted(path.name.partition("_")[0] for path in (_SCRIPTS / "versions").glob("0*.py"))
_CUSTOMER = """
    INSERT INTO customers (tenant, external_id, name, email, language, currency, tier, demo, created_at)
    VALUES ('shop', 'kim', 'Kim', 'kim@example.com', 'en', 'USD', 'gold', false, '2026-01-01 00:00:00+00:00')
"""


async def test_from_nothing_and_again(empty_url: str) -> None:
    """An empty database gets every table; migrating again changes nothing."""
    database = Database(database_url(empty_url, Path()))
    await migrate(database)
    await migrate(database)
    async with database.engine.connect() as connection:
        tables = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    await database.close()
    assert tables == {*Base.metadata.tables, "alembic_version"}


async def test_schema_is_what_is_declared(empty_url: str) -> None:
    """The migrations leave exactly the tables, columns and constraints that the code declares."""
    database = Database(database_url(empty_url, Path()))
    await migrate(database)

    async with database.engine.connect() as connection:
        found = await connection.run_sync(_differences)
    await database.close()
    assert found == []


@pytest.mark.parametrize("begun", _REVISIONS[:-1])
async def test_from_each_older_schema(empty_url: str, begun: str) -> None:
    """What an older version kept is there afterwards, row by row, and the schema is the newest."""
    database = Database(database_url(empty_url, Path()))
    async with database.writer.begin() as connection:
        await connection.run_sync(_upgrade_to, begun)
        await connection.execute(text(_CUSTOMER))
    await asyncio.gather(migrate(database), migrate(database))
    async with database.engine.connect() as connection:
        kept = (await connection.execute(text("SELECT tenant, external_id, tier FROM customers"))).all()
        version = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
        found = await connection.run_sync(_differences)
    await database.close()
    assert ([tuple(row) for row in kept], version, found) == ([("shop", "kim", "gold")], [_REVISIONS[-1]], [])


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def _upgrade_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def test_replicas_that_start_together(empty_url: str) -> None:
    """Several processes migrate at once: one does it, the others wait, all succeed."""
    databases = [Database(database_url(empty_url, Path())) for _ in range(4)]
    await asyncio.gather(*(migrate(database) for database in databases))
    async with databases[0].engine.connect() as connection:
        versions = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
    for database in databases:
        await database.close()
    assert versions == [_REVISIONS[-1]]


async def test_newer_schema_is_left_alone(empty_url: str) -> None:
    """A database that a newer version made is refused with a sentence, not changed."""
    database = Database(database_url(empty_url, Path()))
    await migrate(database)
    async with database.writer.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ServiceError) as refused:
        await migrate(database)
    await database.close()
    assert refused.value.reason == "BACKOFFICE_SCHEMA"


async def test_unreachable_database_is_said_so() -> None:
    """A server that does not answer is 503, retryable."""
    database = Database(database_url("postgresql://shop@127.0.0.1:9/none", Path()))
    with pytest.raises(ServiceError) as refused:
        await migrate(database)
    await database.close()
    assert (refused.value.code, refused.value.reason) == (Code.UNAVAILABLE, "BACKOFFICE_UNAVAILABLE")
    assert refused.value.retryable
