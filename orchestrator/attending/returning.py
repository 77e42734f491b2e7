"""Conversations of people who are gone: back into the line, at their old place. And lists that a dead process left."""

from __future__ import annotations

import asyncio
import random

from orchestrator.attending.attendance import Attendance
from orchestrator.journal.entries import Head
from orchestrator.journal.ports import Line
from orchestrator.journal.redis_attending import RedisAttending, RedisDeskLists
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_AT_ONCE = 100


class Returning:
    """Looks after what people have.

    Args:
        attendance: Gives back.
        attending: Reads conversations.
        lists: Tell what people have, and who is there.
        line: Who waits.
        gone_s: A person without a sign of life for so long is gone; the first look is that long after the start, so
            that nobody counts as gone because everything was down.
        rng: For jitter, so that not all processes look at once.
    """

    def __init__(
        self, attendance: Attendance, attending: RedisAttending, lists: RedisDeskLists, line: Line, *, gone_s: float,
        rng: random.Random,
    ) -> None:  # fmt: skip
        self._attendance, self._attending, self._lists, self._line = attendance, attending, lists, line
        self._gone_s, self._rng = gone_s, rng
        self._log = get_logger("desk")

    async def run(self) -> None:
        """Looks for ever."""
        await asyncio.sleep(self._gone_s)
        while True:
            try:
                for tenant in await self._lists.tenants():
                    await self.look(tenant)
            except ServiceError as error:
                self._log.warning("the desk's lists were not looked at", reason=error.reason)
            await asyncio.sleep(self._gone_s / 4 * self._rng.uniform(0.8, 1.2))

    async def look(self, tenant: str) -> int:
        """Looks at one tenant's; how many went back into the line.

        Raises:
            ServiceError: UNAVAILABLE.
        """
        returned = start = 0
        while ids := await self._lists.taken(tenant, start=start, count=_AT_ONCE):
            kept = 0
            heads = {one.head.conversation_id: one.head for one in await self._attending.glance(ids, newest=1)}
            for identity in ids:
                result = await self._one(tenant, identity, heads.get(identity))
                kept, returned = kept + (result == "kept"), returned + (result == "returned")
            start += kept
            if kept == len(ids) < _AT_ONCE:
                break
        return returned

    async def _one(self, tenant: str, identity: str, head: Head | None) -> str:
        if head is None or not head.open or (head.agent is None and not head.waits):
            await self._lists.drop_taken(tenant, identity)
            return "dropped"
        if head.agent is None:  # whoever gave it back died before the line had it
            await self._line.join(tenant, identity, head.handed_ms)
            await self._lists.drop_taken(tenant, identity)
            return "returned"
        if await self._lists.is_here(tenant, head.agent.id):
            return "kept"
        try:
            await self._attendance.return_to_line(head)
        except ServiceError as error:
            if error.retryable:
                raise
            return "kept"  # it changed hands meanwhile: the next look tells
        self._log.info("a person is gone, their conversation waits again", conversation=identity)
        return "returned"
