"""One conversation as it goes on, for a person who watches it: entries in order without holes, then what is live."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncGenerator, Sequence

from orchestrator.attending.board import Hint, News, hint_seen
from orchestrator.converse.events import Downward, TypingSeen
from orchestrator.converse.outbox import Credit, Outbox
from orchestrator.converse.session import Session
from orchestrator.journal.entries import Author
from orchestrator.journal.feed import Erased, FeedEvent, HintMade, Hub, StandingChanged, decode_event
from orchestrator.journal.ports import Journal
from orchestrator.journal.redis_journal import conversation_missing
from orchestrator.journal.replay import DEFAULT_REPLAY_LIMIT, Cursor
from servicekit.errors import ServiceError, exhausted, internal, unavailable
from servicekit.resilience import backoff
from servicekit.telemetry import get_logger

_PAGE = 100
_READ_TRIES = 6

_log = get_logger("desk")


class Following:
    """One watcher's stream of one conversation.

    Args:
        journal: What was said.
        hub: What happens.
        outgoing: Events that may wait for a reader who is slow.
        rng: For jitter.
    """

    def __init__(self, journal: Journal, hub: Hub, *, outgoing: int, rng: random.Random) -> None:
        self._journal, self._hub, self._rng = journal, hub, rng
        self._session = Session(secrets.token_hex(8))
        self._outbox: Outbox[Downward | Hint] = Outbox(outgoing, Credit())
        self._reading: asyncio.Task[None] | None = None
        self._identity = ""

    async def run(
        self, tenant: str, conversation_id: str, cursor: Cursor
    ) -> AsyncGenerator[News | Downward | Hint, None]:
        """Its events, until it is ended.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, CONVERSATION_ERASED, SLOW_CONSUMER, UNAVAILABLE; what it was ended
                with.
        """
        self._identity = conversation_id
        self._hub.join(conversation_id, self)
        try:
            head = await self._journal.head(conversation_id)
            if head.tenant != tenant:
                raise conversation_missing()
            self._outbox.offer(self._session.open(head, cursor, DEFAULT_REPLAY_LIMIT, resumed=True))
            if head.hint and isinstance(hint := decode_event(head.hint), HintMade):
                self._offer([hint_seen(hint)])
            self._read_on()
            while (event := await self._outbox.get()) is not None:
                yield event
        finally:
            self._hub.leave(conversation_id, self)
            if self._reading is not None:
                self._reading.cancel()

    def end(self, error: ServiceError) -> None:
        """Ends it."""
        self._outbox.end(error)

    def on_event(self, event: FeedEvent) -> None:
        """News of the conversation."""
        if isinstance(event, Erased):
            self.end(unavailable("CONVERSATION_ERASED", "the conversation was erased"))
        elif isinstance(event, HintMade):
            self._offer([hint_seen(event)])
        elif not isinstance(event, StandingChanged):
            self._offer([one for one in self._session.on_event(event) if not _own(one)])
            self._read_on()

    def on_missed(self) -> None:
        """News may be lost."""
        self._session.on_missed()
        self._read_on()

    def _offer(self, events: Sequence[Downward | Hint]) -> None:
        if events and not self._outbox.offer(events):
            self.end(exhausted("SLOW_CONSUMER", "the watcher does not read, watch again from the last seq"))

    def _read_on(self) -> None:
        if self._session.wants_page and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._catch_up(), name="desk-read")

    async def _catch_up(self) -> None:
        try:
            await self._read()
        except Exception as error:  # an end is told, silence is not
            _log.error("a journal cannot be read", conversation=self._identity, exc_info=error)
            self._outbox.end(internal())

    async def _read(self) -> None:
        tries = 0
        while self._session.wants_page:
            try:
                page = await self._journal.read(self._identity, after_seq=self._session.sent_seq, limit=_PAGE)
            except ServiceError as error:
                tries += 1
                if tries >= _READ_TRIES or not error.retryable:
                    self._outbox.end(error)
                    return
                await asyncio.sleep(backoff(tries, base_s=0.1, cap_s=2.0, rng=self._rng))
                continue
            tries, fresh = 0, not self._session.live
            await self._outbox.put(self._session.on_page(page))
            if fresh and self._session.live:
                self._offer(self._session.on_writing(self._hub.writing(self._identity)))


def _own(event: Downward) -> bool:
    """People type at the desk; they need not be told."""
    return isinstance(event, TypingSeen) and event.author is Author.AGENT
