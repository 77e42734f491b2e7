"""The pool of store connections, on the real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from orchestrator.journal.waiting_pool import WaitingPool

pytestmark = pytest.mark.integration

_PLACES = 4
_AT_ONCE = 200


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    pool = WaitingPool.from_url(redis_url, places=_PLACES, in_line_s=5.0)
    made: Redis = Redis.from_pool(pool)
    yield made
    await made.aclose()


async def _ping(client: Redis) -> bool:
    return bool(await client.ping())


async def test_a_burst_waits_in_line(client: Redis) -> None:
    """More commands at once than there are connections are all served, by no more connections than allowed."""
    assert all(await asyncio.gather(*(_ping(client) for _ in range(_AT_ONCE))))
    assert len(client.connection_pool._available_connections) <= _PLACES


async def test_the_first_in_line_is_served_first(client: Redis) -> None:
    """Nobody overtakes: each place that is given back goes to whoever waits longest, and not to a newcomer."""
    pool, served = client.connection_pool, asyncio.Queue[tuple[int, Any]]()

    async def one(number: int) -> None:
        await served.put((number, await pool.get_connection()))

    holders = [asyncio.create_task(one(-1)) for _ in range(_PLACES)]
    await asyncio.gather(*holders)
    held = [(await served.get())[1] for _ in range(_PLACES)]
    line = [asyncio.create_task(one(number)) for number in range(2 * _PLACES)]
    await asyncio.sleep(0)
    for expected in range(2 * _PLACES):
        newcomer = asyncio.create_task(one(2 * _PLACES + expected))
        await pool.release(held.pop(0))
        number, connection = await served.get()
        assert number == expected
        held.append(connection)
        line.append(newcomer)
    for _ in range(2 * _PLACES):
        await pool.release(held.pop(0))
        held.append((await served.get())[1])
    for connection in held:
        await pool.release(connection)
    await asyncio.gather(*line)


async def test_cancelled_commands_give_their_places_back(client: Redis) -> None:
    """Whether they waited in line or for an answer."""
    for _ in range(5):
        tasks = [asyncio.create_task(client.blpop(["none"], timeout=30)) for _ in range(3 * _PLACES)]
        await asyncio.sleep(0.02)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert all(await asyncio.gather(*(_ping(client) for _ in range(_AT_ONCE))))


async def test_who_waits_too_long_is_told(redis_url: str) -> None:
    """As a connection error, which the store turns into UNAVAILABLE."""
    client: Redis = Redis.from_pool(WaitingPool.from_url(redis_url, places=1, in_line_s=0.05))
    holder = asyncio.create_task(client.blpop(["none"], timeout=5))
    await asyncio.sleep(0)
    with pytest.raises(RedisConnectionError, match="became free"):
        await client.ping()
    holder.cancel()
    await asyncio.gather(holder, return_exceptions=True)
    assert await _ping(client)
    await client.aclose()


async def test_a_server_that_is_away_costs_no_place() -> None:
    """Connections that cannot be made leave the line as it was."""
    client: Redis = Redis.from_pool(WaitingPool.from_url("redis://127.0.0.1:1/0", places=1, in_line_s=1.0))
    for _ in range(3):
        with pytest.raises(RedisConnectionError, match="onnect"):
            await client.ping()
    assert not client.connection_pool._places.locked()
    await client.aclose()
