"""The bus between orchestrators, on the real server."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from orchestrator.journal.keys import Keys
from orchestrator.journal.redis_feed import RedisBus
from orchestrator.journal.store import open_redis

pytestmark = pytest.mark.integration


async def test_a_listener_that_fails_does_not_deafen_the_process(redis_url: str) -> None:
    """The news after the one that it choked on still arrive."""
    client, subscribed, heard = open_redis(redis_url), asyncio.Event(), asyncio.Queue[bytes]()
    bus = RedisBus(client, Keys(f"t{secrets.token_hex(4)}"))

    def listen(raw: bytes) -> None:
        if raw == b"bad":
            raise KeyError("nobody foresaw it")
        heard.put_nowait(raw)

    await bus.start(listen, subscribed.set)
    try:
        async with asyncio.timeout(20):
            await subscribed.wait()
            for raw in (b"one", b"bad", b"two"):
                bus.publish("c-1", raw)
            assert [await heard.get(), await heard.get()] == [b"one", b"two"]
    finally:
        await bus.stop()
        await client.aclose()
