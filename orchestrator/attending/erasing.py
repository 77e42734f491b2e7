"""Takes erased conversations out of the desk's lists."""

from __future__ import annotations

import asyncio
import contextlib

from orchestrator.journal.feed import Erased, FeedEvent
from orchestrator.journal.redis_attending import RedisDeskLists
from servicekit.errors import ServiceError


class DeskErasing:
    """Hears of every erasure. What it misses is dropped when the lists are looked at: they hold ids alone.

    Args:
        lists: The lists.
    """

    def __init__(self, lists: RedisDeskLists) -> None:
        self._lists = lists
        self._tasks: set[asyncio.Task[None]] = set()

    def on_event(self, event: FeedEvent) -> None:
        """An erasure."""
        if isinstance(event, Erased):
            task = asyncio.create_task(self._forget(event.conversation_id), name="desk-forget")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def on_missed(self) -> None:
        """Nothing to do: a look at the lists finds it."""

    async def _forget(self, conversation_id: str) -> None:
        with contextlib.suppress(ServiceError):
            for tenant in await self._lists.tenants():
                await self._lists.forget(tenant, conversation_id)
