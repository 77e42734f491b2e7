"""A database that goes away and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from orchestrator.backoffice.office import Who
from orchestrator.backoffice.opening import open_back_office
from orchestrator.backoffice.schema import Ticket
from servicekit.errors import ServiceError
from tests.orchestrator.backoffice.postgres import ABSENT, PostgresServer, binaries
from tests.orchestrator.backoffice.shops import NOW, Shop, made, new_database

pytestmark = pytest.mark.integration

_WISH = {"kind": "question", "summary": "is it dishwasher safe?"}


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that a test may stop."""
    folder = binaries()
    if folder is None:
        pytest.skip(ABSENT)
    server = PostgresServer(folder)
    yield server
    server.stop()


async def test_server_goes_and_comes_back(own_server: PostgresServer) -> None:
    """Without its server every tool is 503, retryable; when it is back, the same process goes on, nothing twice."""
    url = await new_database(own_server)
    await made(url)
    shop = Shop(url)
    await shop.run("open_ticket", "demo-lin", _WISH)
    own_server.halt()
    for name, arguments in (("find_orders", {}), ("open_ticket", _WISH)):
        with pytest.raises(ServiceError) as gone:
            await shop.run(name, "demo-lin", arguments)
        assert (gone.value.reason, gone.value.retryable) == ("BACKOFFICE_UNAVAILABLE", True)
    own_server.start()
    assert (await shop.run("open_ticket", "demo-lin", _WISH)).duplicate
    assert await shop.count(Ticket) == 1
    await shop.close()


async def test_opens_on_nothing_but_a_folder(tmp_path: Path) -> None:
    """Without a URL there is a file in the data folder with the demo shop; opened again it is the same shop."""
    for _ in range(2):
        office = await open_back_office("", tmp_path / "data", tenant="default", now=lambda: NOW)
        await office.database.ping()
        await office.database.close()
    assert (tmp_path / "data" / "orchestrator" / "backoffice.sqlite3").exists()


async def test_no_demo_shop_where_there_is_a_real_one(tmp_path: Path) -> None:
    """With a URL visitors are customers without orders, unless the demo shop is asked for."""
    for demo, orders in ((None, 0), (True, 6)):
        url = f"sqlite:///{tmp_path / f'{demo}.sqlite3'}"
        office = await open_back_office(url, tmp_path, tenant="default", demo_shop=demo, now=lambda: NOW)
        async with office.reading(Who("default", "v-1", "en")) as desk:
            assert len(await desk.orders()) == orders
        await office.database.close()


async def test_an_error_of_the_database_does_not_say_what_it_was_about(tmp_path: Path) -> None:
    """It goes to the log, where no name and no address of a customer has a place."""
    office = await open_back_office("", tmp_path / "data", tenant="default", now=lambda: NOW)
    with pytest.raises(IntegrityError) as refused:
        async with office.database.writing() as session:
            await session.execute(text("INSERT INTO tickets (number, summary) VALUES (:a, :b)"), {"a": "1", "b": "Kim"})
    assert "Kim" not in str(refused.value)
    await office.database.close()
