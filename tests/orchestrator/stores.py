"""The stores under contract: one in memory, one on the real server, each with its own way to let time pass."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from orchestrator.journal.keys import Keys
from orchestrator.journal.ports import Journal, TurnLog
from orchestrator.journal.redis_journal import RedisJournal
from orchestrator.journal.store import AnyRedis, Limits, Store, open_redis
from orchestrator.turns.redis_turns import RedisTurnLog
from tests.fakes import MemoryStore

LIMITS = Limits(lease_ms=150, max_tries=2, max_pending=3, max_entries=8, state_ms=400, history=6)


@dataclass
class Stores:
    """A journal and a turn log over one store.

    Attributes:
        wait: Lets so many milliseconds pass.
    """

    journal: Journal
    turns: TurnLog
    wait: Callable[[int], Awaitable[None]]


def memory_stores(limits: Limits = LIMITS) -> Stores:
    """In memory; time passes at once."""
    now = [1_000_000]
    store = MemoryStore(limits, lambda: now[0])

    async def wait(milliseconds: int) -> None:
        now[0] += milliseconds

    return Stores(store, store, wait)


def redis_stores(url: str, limits: Limits = LIMITS) -> tuple[Stores, AnyRedis]:
    """On the real server, under a prefix of its own; time passes by itself."""
    client = open_redis(url)
    store = Store(client, Keys("t" + secrets.token_hex(4)), limits)

    async def wait(milliseconds: int) -> None:
        await asyncio.sleep(milliseconds / 1000)

    return Stores(RedisJournal(store), RedisTurnLog(store), wait), client
