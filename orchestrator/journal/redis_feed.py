"""The bus between orchestrators: sharded pub/sub, one subscription per process and partition."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from redis.exceptions import RedisError

from orchestrator.journal.keys import PARTITIONS, Keys, partition_of
from orchestrator.journal.store import AnyRedis, reaching_store
from servicekit.background import keep_running
from servicekit.resilience import backoff
from servicekit.telemetry import get_logger

_POLL_S = 5.0
_MOST_WAITING = 2_000


class RedisBus:
    """Hears every partition's channel and publishes in batches while an earlier batch is under way.

    Args:
        client: Its connections; the subscription takes one of its own.
        keys: Channel names.
    """

    def __init__(self, client: AnyRedis, keys: Keys) -> None:
        self._client: Any = client
        self._keys = keys
        self._waiting: list[tuple[str, bytes]] = []
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._log = get_logger("bus")

    def publish(self, conversation_id: str, raw: bytes) -> None:
        """See the port: over the limit the oldest is lost, for the journal still has what matters."""
        if len(self._waiting) >= _MOST_WAITING:
            del self._waiting[0]
        self._waiting.append((self._keys.feed(partition_of(conversation_id)), raw))
        self._wake.set()

    async def ask(self, conversation_id: str, raw: bytes) -> int:
        """Sends at once, ahead of what waits; how many processes hear it.

        Raises:
            ServiceError: UNAVAILABLE.
        """
        with reaching_store():
            channel = self._keys.feed(partition_of(conversation_id))
            return int(await self._client.execute_command("SPUBLISH", channel, raw))

    async def start(self, on_message: Callable[[bytes], None], on_restored: Callable[[], None]) -> None:
        """Begins to hear and to publish. Returns at once; the first subscription counts as restored."""
        self._tasks = [
            asyncio.create_task(keep_running(partial(self._hear, on_message, on_restored), name="bus-hear")),
            asyncio.create_task(keep_running(self._send, name="bus-send")),
        ]

    async def stop(self) -> None:
        """Ends both."""
        self._stopping = True  # a cancellation alone may be lost inside the client
        self._wake.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self) -> None:
        while not self._stopping:
            await self._wake.wait()
            self._wake.clear()
            batch, self._waiting = self._waiting, []
            with contextlib.suppress(RedisError, OSError):
                async with self._client.pipeline(transaction=False) as pipe:
                    for channel, raw in batch:
                        pipe.execute_command("SPUBLISH", channel, raw)
                    await pipe.execute(raise_on_error=False)

    async def _hear(self, on_message: Callable[[bytes], None], on_restored: Callable[[], None]) -> None:
        attempt, rng = 0, random.Random()
        while not self._stopping:
            pubsub = self._client.pubsub()
            try:
                await self._client.initialize()  # a cluster's pub/sub does not look for its nodes by itself
                await pubsub.ssubscribe(*(self._keys.feed(partition) for partition in range(PARTITIONS)))
                confirmed = 0
                while not self._stopping:
                    message = await self._next(pubsub)
                    if message is None:
                        await pubsub.ping()  # a dead peer that never closed its socket is noticed here
                    elif message["type"] == "ssubscribe":
                        confirmed += 1
                        if confirmed == PARTITIONS:
                            attempt = 0
                            on_restored()
                    elif message["type"] == "smessage":
                        self._pass_on(message["data"], on_message)
            except (RedisError, OSError, TimeoutError) as error:
                self._log.warning("live news are interrupted", error=type(error).__name__)
                await asyncio.sleep(backoff(attempt, base_s=0.1, cap_s=2.0, rng=rng))
                attempt += 1
            finally:
                with contextlib.suppress(RedisError, OSError):
                    await pubsub.aclose()

    async def _next(self, pubsub: Any) -> Any:
        if hasattr(pubsub, "get_sharded_message"):
            return await pubsub.get_sharded_message(timeout=_POLL_S)
        return await pubsub.get_message(timeout=_POLL_S)

    def _pass_on(self, raw: bytes, on_message: Callable[[bytes], None]) -> None:
        try:
            on_message(raw)
        except msgspec.DecodeError:
            self._log.warning("an unknown kind of news was skipped")
        except Exception:  # of one listener: the others still want the news that follow
            self._log.exception("news could not be passed on")
