"""A tenant's lists as they change: what one watching agent is told, from the news that this process hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from orchestrator.attending.summaries import Shelf, Summaries, Summary
from orchestrator.converse.events import Downward
from orchestrator.journal.entries import Emotion
from orchestrator.journal.feed import (
    ApprovalsMoved,
    EntryAppended,
    Erased,
    FeedEvent,
    HintMade,
    Hub,
    LineMoved,
    StandingChanged,
)
from servicekit.errors import ServiceError

_MOST = 200
_TOGETHER_S = 0.15
_RETRY_S = 1.0


@dataclass(frozen=True)
class Listed:
    """The lists as they stand."""

    summaries: tuple[Summary, ...]


@dataclass(frozen=True)
class Changed:
    """A conversation of a list changed, came, or moved to another list."""

    summary: Summary


@dataclass(frozen=True)
class Removed:
    """A conversation is in no list any more."""

    conversation_id: str


@dataclass(frozen=True)
class Approvals:
    """What waits for approval changed."""


@dataclass(frozen=True)
class Hint:
    """What was understood in a message."""

    seq: int
    intent: str
    certainty: float
    emotion: Emotion
    reply: str
    article_id: str
    title: str


def hint_seen(event: HintMade) -> Hint:
    """The hint as watchers get it."""
    return Hint(event.seq, event.intent, event.certainty, event.emotion, event.reply, event.article_id, event.title)


News = Listed | Changed | Removed | Approvals


class Board:
    """One agent's view of the lists, bounded by what the lists hold: what changed twice is told once.

    Args:
        tenant: Whose lists.
        agent_id: Who watches.
        summaries: Reads them.
        hub: Tells what happens.
        together_s: Changes within this time are told as one.
    """

    def __init__(
        self, tenant: str, agent_id: str, summaries: Summaries, hub: Hub, *, together_s: float = _TOGETHER_S
    ) -> None:
        self._tenant, self._agent_id, self._summaries, self._hub = tenant, agent_id, summaries, hub
        self._together_s = together_s
        self._known: dict[str, Summary] = {}
        self._dirty: dict[str, None] = {}
        self._all = True
        self._approvals = False
        self._wake = asyncio.Event()
        self._error: ServiceError | None = None

    def end(self, error: ServiceError) -> None:
        """Ends the view."""
        self._error = error
        self._wake.set()

    async def run(self) -> AsyncGenerator[News | Downward | Hint, None]:
        """The news, until it is ended.

        Raises:
            ServiceError: What it was ended with.
        """
        self._hub.watch(self)
        try:
            self._wake.set()
            while True:
                await self._wake.wait()
                if self._error is not None:
                    raise self._error
                self._wake.clear()
                for one in await self._news():
                    yield one
                await asyncio.sleep(self._together_s)
        finally:
            self._hub.unwatch(self)

    def on_event(self, event: FeedEvent) -> None:
        """Notes what is to be looked at."""
        match event:
            case ApprovalsMoved(tenant=self._tenant):
                self._approvals = True
            case LineMoved(tenant=self._tenant):
                self._all = True
            case StandingChanged(tenant=self._tenant):
                self._dirty[event.conversation_id] = None
            case EntryAppended() | Erased() if event.conversation_id in self._known:
                self._dirty[event.conversation_id] = None
            case _:
                return
        self._wake.set()

    def on_missed(self) -> None:
        """News may be lost: look at everything."""
        self._all = True
        self._wake.set()

    async def _news(self) -> list[News]:
        news: list[News] = []
        if self._approvals:
            self._approvals = False
            news.append(Approvals())
        everything, self._all = self._all, False
        dirty, self._dirty = list(self._dirty), {}
        try:
            return news + (await self._whole() if everything else await self._some(dirty))
        except ServiceError as error:
            if not error.retryable:
                raise
            self._all = True
            asyncio.get_running_loop().call_later(_RETRY_S, self._wake.set)
            return news

    async def _whole(self) -> list[News]:
        waiting, _ = await self._summaries.page(
            self._tenant, Shelf.WAITING, agent_id=self._agent_id, start=0, count=_MOST
        )
        taken, _ = await self._summaries.page(self._tenant, Shelf.TAKEN, agent_id=self._agent_id, start=0, count=_MOST)
        self._known = {one.head.conversation_id: one for one in (*waiting, *taken)}
        return [Listed(tuple(self._known.values()))]

    async def _some(self, dirty: list[str]) -> list[News]:
        if not dirty:
            return []
        found = {one.head.conversation_id: one for one in await self._summaries.of(self._tenant, dirty)}
        news: list[News] = []
        for identity in dirty:
            summary = found.get(identity)
            if summary is not None and (summary.head.waits or (summary.head.open and summary.head.agent is not None)):
                if identity not in self._known and summary.head.waits:
                    self._all = True  # its place is the line's to tell, which moves at any moment
                    self._wake.set()
                self._known[identity] = summary
                news.append(Changed(summary))
            elif self._known.pop(identity, None) is not None:
                news.append(Removed(identity))
        return news
