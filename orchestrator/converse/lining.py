"""The line for a person: who stands in it, and what the waiting customers are told.

The journal says who waits: a hand-over puts a conversation into the line, its end takes it out. Every process hears of
both and keeps the line, which takes no harm from being told twice; one that was forgotten or told wrongly (its process
died in between) is put right when the conversation is opened or comes first in line.
"""

from __future__ import annotations

import asyncio
import contextlib

from orchestrator.journal.entries import Head, NoticeKind
from orchestrator.journal.feed import (
    EntryAppended,
    Erased,
    FeedEvent,
    Hub,
    LineMoved,
    PlaceInLine,
    StandingChanged,
)
from orchestrator.journal.ports import Journal, Line, Place
from servicekit.errors import ServiceError

_CHANNEL = "line"  # stands where a conversation's id would
_TOGETHER_S = 0.2
_CHECKED = 5
_MOVES = (NoticeKind.HANDED_OVER, NoticeKind.CLOSED, NoticeKind.AGENT_JOINED, NoticeKind.AGENT_LEFT)


class LineKeeper:
    """Keeps the line, and tells the conversations that are live here where they stand.

    Args:
        line: Who waits.
        journal: Who really waits.
        hub: Tells of hand-overs and closings, and the streams of their places.
        together_s: Moves within this time are told as one.
    """

    def __init__(self, line: Line, journal: Journal, hub: Hub, *, together_s: float = _TOGETHER_S) -> None:
        self._line, self._journal, self._hub, self._together_s = line, journal, hub, together_s
        self._waiting: dict[str, dict[str, Place | None]] = {}  # tenant: conversation: what it was told
        self._listeners: dict[str, int] = {}
        self._dirty: set[str] = set()
        self._telling: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        hub.watch(self)

    def opened(self, head: Head) -> None:
        """A stream is open; a conversation that waits is told where it stands."""
        self._listeners[head.conversation_id] = self._listeners.get(head.conversation_id, 0) + 1
        if head.waits:
            self._waiting.setdefault(head.tenant, {})[head.conversation_id] = None  # also who was told: tell anew
            self._start(self._join(head))

    def closed(self, head: Head) -> None:
        """A stream is over; who has no other here is told nothing any more, but stays in line."""
        left = self._listeners.get(head.conversation_id, 0) - 1
        if left > 0:
            self._listeners[head.conversation_id] = left
            return
        self._listeners.pop(head.conversation_id, None)
        self._forget(head.tenant, head.conversation_id)

    def on_event(self, event: FeedEvent) -> None:
        """Hand-overs, closings, and moves of the line elsewhere."""
        if isinstance(event, LineMoved):
            self._moved(event.tenant)
        elif isinstance(event, EntryAppended) and event.body.notice is not None:
            if event.body.notice.kind in _MOVES:
                self._start(self._changed(event.conversation_id))
        elif isinstance(event, StandingChanged):
            self._start(self._changed(event.conversation_id))
        elif isinstance(event, Erased):
            for tenant in tuple(self._waiting):
                self._start(self._leave(tenant, event.conversation_id, served=False))

    def on_missed(self) -> None:
        """News may be lost: look again."""
        for tenant in self._waiting:
            self._moved(tenant)

    async def _changed(self, conversation_id: str) -> None:
        head = await self._journal.head(conversation_id)
        if head.waits:
            if conversation_id in self._listeners:
                self._waiting.setdefault(head.tenant, {}).setdefault(conversation_id, None)
            await self._join(head)
        else:
            await self._leave(head.tenant, conversation_id, served=True)

    async def _join(self, head: Head) -> None:
        if await self._line.join(head.tenant, head.conversation_id, head.handed_ms):
            self._hub.tell(LineMoved(conversation_id=_CHANNEL, tenant=head.tenant))
        else:
            self._moved(head.tenant)

    async def _leave(self, tenant: str, conversation_id: str, *, served: bool) -> None:
        if await self._line.leave(tenant, conversation_id, served=served):
            self._hub.tell(LineMoved(conversation_id=_CHANNEL, tenant=tenant))
        else:
            self._moved(tenant)

    def _forget(self, tenant: str, conversation_id: str) -> None:
        waiting = self._waiting.get(tenant)
        if waiting is not None:
            waiting.pop(conversation_id, None)
            if not waiting:
                del self._waiting[tenant]

    def _moved(self, tenant: str) -> None:
        if tenant in self._waiting:
            self._dirty.add(tenant)
            if self._telling is None or self._telling.done():
                self._telling = self._start(self._tell())

    async def _tell(self) -> None:
        while self._dirty:
            await asyncio.sleep(self._together_s)
            dirty, self._dirty = self._dirty, set()
            for tenant in dirty:
                await self._drop_ghosts(tenant)
                await self._tell_tenant(tenant)

    async def _drop_ghosts(self, tenant: str) -> None:
        """Takes off the first in line who do not wait any more."""
        for conversation_id in await self._line.first(tenant, _CHECKED):
            try:
                waits = (await self._journal.head(conversation_id)).waits
            except ServiceError as error:
                if error.retryable:
                    raise
                waits = False
            if not waits:
                await self._leave(tenant, conversation_id, served=False)

    async def _tell_tenant(self, tenant: str) -> None:
        waiting = tuple(self._waiting.get(tenant, ()))
        places = await self._line.places(tenant, waiting)
        for conversation_id in waiting:
            told = self._waiting.get(tenant, {}).get(conversation_id)
            place = places.get(conversation_id, Place(0))
            if place == told or conversation_id not in self._listeners:
                continue
            if place.position:
                self._waiting[tenant][conversation_id] = place
            else:
                self._forget(tenant, conversation_id)
            self._hub.tell(PlaceInLine(conversation_id=conversation_id, position=place.position, wait_s=place.wait_s))

    def _start(self, work: object) -> asyncio.Task[None]:
        task = asyncio.create_task(_quietly(work), name="line")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _quietly(work: object) -> None:
    """A line that cannot be reached now is put right by whoever looks next."""
    with contextlib.suppress(ServiceError):
        await work  # type: ignore[misc]
