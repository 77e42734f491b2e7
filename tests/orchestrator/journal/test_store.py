"""The client of the store, on the real server."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator.journal.store import open_redis

pytestmark = pytest.mark.integration

_AT_ONCE = 600


async def test_a_burst_waits_in_line(redis_url: str) -> None:
    """More commands at once than there are connections are all served, not refused."""
    client = open_redis(redis_url)
    try:
        assert all(await asyncio.gather(*(client.ping() for _ in range(_AT_ONCE))))
    finally:
        await client.aclose()
