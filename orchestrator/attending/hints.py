"""Tells people what was understood in a message, those who watch at once and those who come later too."""

from __future__ import annotations

import asyncio
import contextlib

from orchestrator.journal.feed import HintMade, Hub, encode_event
from orchestrator.journal.redis_attending import RedisAttending
from servicekit.errors import ServiceError


class Hints:
    """Where a turn's hints go.

    Args:
        attending: Keeps the newest.
        hub: Tells it.
    """

    def __init__(self, attending: RedisAttending, hub: Hub) -> None:
        self._attending, self._hub = attending, hub
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, hint: HintMade) -> None:
        """Tells a hint; the turn does not wait for its being kept."""
        self._hub.tell(hint)
        task = asyncio.create_task(self._keep(hint), name="desk-hint")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, hint: HintMade) -> None:
        with contextlib.suppress(ServiceError):
            await self._attending.keep_hint(hint.conversation_id, encode_event(hint))
