"""One Converse stream at work: requests in, events out, news of the conversation in between."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field

from orchestrator.converse.announcing import Announcer
from orchestrator.converse.events import (
    Ack,
    Downward,
    Fault,
    Feedback,
    Open,
    Rate,
    Received,
    Say,
    Stop,
    Suggest,
    TurnEnded,
    Typing,
    Upward,
)
from orchestrator.converse.lining import LineKeeper
from orchestrator.converse.live import LiveStreams
from orchestrator.converse.marking import Marking
from orchestrator.converse.outbox import Credit, Outbox
from orchestrator.converse.session import Session
from orchestrator.converse.suggesting import Suggesting
from orchestrator.journal.entries import Author, Body, Head
from orchestrator.journal.feed import EntryAppended, Erased, FeedEvent, Hub, StopAsked, TurnOver, TypingChanged
from orchestrator.journal.ports import Amendments, Journal, Marks
from orchestrator.messages import Messages
from orchestrator.metrics import Metrics
from orchestrator.recommender import Recommender
from orchestrator.steps import trace_parent
from orchestrator.turns.runner import TurnRunner
from orchestrator.understanding.lexicon import Lexicon
from servicekit.errors import ServiceError, exhausted, internal, unavailable
from servicekit.resilience import backoff
from servicekit.telemetry import get_logger, trace_id

_PAGE = 100
_READ_TRIES = 6


@dataclass(frozen=True)
class Parts:
    """What every stream of a process shares.

    Attributes:
        outgoing: Events that may wait for a slow client.
        unbroken: What goes on when its stream is over.
        linger_s: After the client has half-closed, how long its unanswered turns are waited for.
    """

    journal: Journal
    marks: Marks
    amendments: Amendments
    hub: Hub
    live: LiveStreams
    line: LineKeeper
    announcer: Announcer
    runner: TurnRunner
    recommender: Recommender
    lexicon: Lexicon
    messages: Messages
    metrics: Metrics
    outgoing: int
    suggest_per_s: float
    linger_s: float
    rng: random.Random
    unbroken: set[asyncio.Task[None]] = field(default_factory=set)


class ConverseStream:
    """One client's stream.

    Args:
        parts: Shared.
        credit: How many events the client welcomes.

    Attributes:
        conversation_id: Empty until it is open; so are `tenant` and `customer_id`.
    """

    def __init__(self, parts: Parts, credit: Credit) -> None:
        self._parts = parts
        self._id = secrets.token_hex(8)
        self._session = Session(self._id)
        self._outbox: Outbox[Downward] = Outbox(parts.outgoing, credit)
        self._suggesting = Suggesting(parts.recommender, self._send, per_s=parts.suggest_per_s)
        self._marking = Marking(parts.marks, parts.metrics, self._id)
        self._language = "en"
        self.conversation_id = self.tenant = self.customer_id = ""
        self._reading: asyncio.Task[None] | None = None
        self._awaited: set[str] = set()
        self._answered = asyncio.Event()
        self._log = get_logger("converse")

    async def run(self, opening: Open, requests: AsyncIterator[Upward | ServiceError]) -> AsyncIterator[Downward]:
        """The events for the client, until one of both ends it.

        Args:
            opening: The first request.
            requests: The rest; a request that breaks the contract comes as its error.

        Raises:
            ServiceError: As the contract of the RPC says.
        """
        head, resumed = await self._parts.journal.open(
            conversation_id=opening.conversation_id,
            tenant=opening.tenant,
            customer_id=opening.customer_id,
            language=opening.language,
        )
        self.conversation_id, self._language = head.conversation_id, head.language
        self.tenant, self.customer_id = head.tenant, head.customer_id
        self._parts.hub.join(self.conversation_id, self)
        listening: asyncio.Task[None] | None = None
        try:
            # Read again: what was appended before this stream joined the feed must be in the head it starts from.
            head = await self._parts.journal.head(head.conversation_id)
            self._outbox.offer(self._session.open(head, opening.cursor, opening.limit, resumed=resumed))
            self._read_on()
            self._come_live(head)
            listening = asyncio.create_task(self._listen(requests), name="converse-listen")
            while (event := await self._outbox.get()) is not None:
                yield event
        finally:
            self._parts.hub.leave(self.conversation_id, self)
            self._parts.live.discard(self)
            self._parts.line.closed(head)
            self._suggesting.close()
            self._marking.close()
            for task in (listening, self._reading):
                if task is not None:
                    task.cancel()

    def _come_live(self, head: Head) -> None:
        self._parts.live.add(self)
        self._parts.line.opened(head)
        self._parts.announcer.joined(self)

    def end(self, error: ServiceError) -> None:
        """Ends the stream: the process is draining."""
        self._outbox.end(error)

    def on_event(self, event: FeedEvent) -> None:
        """News of the conversation."""
        if isinstance(event, Erased):
            self.end(unavailable("CONVERSATION_ERASED", "the conversation was erased, open a new one"))
            return
        if isinstance(event, TurnOver) or (isinstance(event, EntryAppended) and event.body.outcome is not None):
            self._awaited.discard(event.turn_id if isinstance(event, TurnOver) else event.body.turn_id)
            self._answered.set()
        self._offer(self._session.on_event(event))
        self._read_on()

    def on_missed(self) -> None:
        """News may be lost."""
        self._session.on_missed()
        self._read_on()

    def _send(self, event: Downward) -> None:
        self._offer([event])

    def _offer(self, events: list[Downward]) -> None:
        if events and not self._outbox.offer(events):
            self._parts.metrics.slow_readers.inc()
            self._outbox.end(exhausted("SLOW_CONSUMER", "the client does not read, reconnect and resume"))

    def _read_on(self) -> None:
        if self._session.wants_page and (self._reading is None or self._reading.done()):
            self._reading = asyncio.create_task(self._catch_up(), name="converse-read")

    async def _catch_up(self) -> None:
        try:
            await self._read_journal()
        except Exception as error:  # an entry of another version, for example: an end is told, silence is not
            self._log.error("a journal cannot be read", conversation=self.conversation_id, exc_info=error)
            self._outbox.end(internal())

    async def _read_journal(self) -> None:
        """Brings the client up to the journal's end."""
        tries = 0
        while self._session.wants_page:
            try:
                page = await self._parts.journal.read(
                    self.conversation_id, after_seq=self._session.sent_seq, limit=_PAGE
                )
            except ServiceError as error:
                tries += 1
                if tries >= _READ_TRIES or not error.retryable:
                    self._outbox.end(error)
                    return
                await asyncio.sleep(backoff(tries, base_s=0.1, cap_s=2.0, rng=self._parts.rng))
                continue
            fresh = not self._session.live
            events = self._session.on_page(page)
            if self._session.wants_page and not page.entries:  # older than the news: the next one will not be
                tries += 1
                if tries >= _READ_TRIES:
                    self._outbox.end(unavailable("JOURNAL_BEHIND", "the journal lacks what was told, reconnect"))
                    return
                await asyncio.sleep(backoff(tries, base_s=0.01, cap_s=0.5, rng=self._parts.rng))
                continue
            tries = 0
            await self._outbox.put(events)
            self._note_ended(events)
            if fresh and self._session.live:
                self._offer(self._session.on_writing(self._parts.hub.writing(self.conversation_id)))

    def _note_ended(self, events: list[Downward]) -> None:
        for event in events:
            if isinstance(event, TurnEnded):
                self._awaited.discard(event.turn_id)
                self._answered.set()

    async def _listen(self, requests: AsyncIterator[Upward | ServiceError]) -> None:
        try:
            async for request in requests:
                await self._take(request)
            await self._last_answers()
            self._outbox.end()
        except ServiceError as error:
            self._outbox.end(error)
        except Exception as error:
            self._log.error("stream failed", exc_info=error)
            self._outbox.end(internal())

    async def _last_answers(self) -> None:
        """After the client has half-closed: its answers still come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._parts.linger_s):
                while self._awaited:
                    self._answered.clear()
                    await self._answered.wait()
                while self._session.wants_page:
                    self._answered.clear()
                    await asyncio.sleep(0.01)

    async def _take(self, request: Upward | ServiceError) -> None:
        match request:
            case Say():
                await self._unbroken(self._say(request))
            case Suggest():
                self._suggesting.ask(request, self._language, self.tenant)
            case Typing():
                self._parts.hub.tell(
                    TypingChanged(
                        conversation_id=self.conversation_id,
                        author=Author.CUSTOMER,
                        active=request.active,
                        stream_id=self._id,
                    )
                )
            case Stop():
                self._parts.hub.tell(StopAsked(conversation_id=self.conversation_id, turn_id=request.turn_id))
            case Received():
                self._marking.received(self.conversation_id, request.receipt)
            case Rate():
                await self._rate(request)
            case Feedback():
                await self._feedback(request)
            case ServiceError() if request.reason == "SECOND_OPEN":
                raise request
            case ServiceError():
                self._fault(request, request.metadata.get("client_msg_id", ""))

    async def _rate(self, request: Rate) -> None:
        try:
            self._send(await self._marking.rated(self.conversation_id, request))
        except ServiceError as error:
            self._fault(error, request.rating_id)

    async def _unbroken(self, work: Coroutine[None, None, None]) -> None:
        """Does it to its end though the stream be over: a message posted but not submitted waits for a lease."""
        task = asyncio.create_task(work, name="converse-say")
        self._parts.unbroken.add(task)
        task.add_done_callback(self._parts.unbroken.discard)
        await asyncio.shield(task)

    async def _say(self, request: Say) -> None:
        try:
            posted = await self._parts.journal.post(
                self.conversation_id,
                await self._body(request),
                owner=self._parts.runner.owner,
                trace_parent=trace_parent(),
                preview=request.preview,
                begin=self._parts.runner.idle(self.conversation_id),
            )
        except ServiceError as error:
            self._parts.metrics.messages.labels(error.reason).inc()
            self._fault(error, request.client_msg_id)
            return
        self._parts.metrics.messages.labels("duplicate" if posted.duplicate else "posted").inc()
        self._send(Ack(request.client_msg_id, posted.seq, posted.duplicate, posted.turn_id))
        if posted.entry is not None and posted.turn is not None:
            self._awaited.add(posted.turn_id)
            self._parts.hub.tell(EntryAppended.of(self.conversation_id, posted.entry))
            self._parts.runner.submit(posted.turn, posted.begun)

    async def _body(self, request: Say) -> Body:
        if request.sticker_id is not None:
            sticker = await self._parts.recommender.get(request.sticker_id, tenant=self.tenant)
            return Body(
                author=Author.CUSTOMER, client_msg_id=request.client_msg_id, sticker=sticker, emotion=sticker.emotion
            )
        if request.image is not None:
            return Body(author=Author.CUSTOMER, client_msg_id=request.client_msg_id, image=request.image)
        text = request.text or ""
        emotion = self._parts.lexicon.feeling(text).emotion
        return Body(author=Author.CUSTOMER, client_msg_id=request.client_msg_id, text=text, emotion=emotion)

    async def _feedback(self, request: Feedback) -> None:
        """Best effort: a lost click is not worth an error to a customer."""
        with contextlib.suppress(ServiceError):
            await self._parts.recommender.feedback(request)

    def _fault(self, error: ServiceError, client_msg_id: str) -> None:
        self._send(
            Fault(
                code=int(error.code),
                reason=error.reason,
                message=self._parts.messages.of(error, self._language),
                retryable=error.retryable,
                retry_after_s=error.retry_after_s,
                client_msg_id=client_msg_id,
                trace_id=trace_id(),
            )
        )
