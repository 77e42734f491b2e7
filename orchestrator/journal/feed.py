"""Live news of conversations: one bus per process, fan-out to the listeners in it.

The journal is the truth; the feed only makes it arrive fast. A listener that misses something reads the journal.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Protocol

import msgspec

from orchestrator.journal.announcement import Announcement
from orchestrator.journal.entries import Author, Body, Emotion, Entry, Outcome


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    conversation_id: str


class EntryAppended(_Event, frozen=True, kw_only=True, tag="entry"):
    """An entry is durable. Told by the script that appended it."""

    seq: int
    at_ms: int
    body: Body

    @classmethod
    def of(cls, conversation_id: str, entry: Entry) -> EntryAppended:
        """The news of an entry."""
        return cls(conversation_id=conversation_id, seq=entry.seq, at_ms=entry.at_ms, body=entry.body)

    @property
    def entry(self) -> Entry:
        """The entry."""
        return Entry(self.seq, self.at_ms, self.body)


class TurnOver(_Event, frozen=True, kw_only=True, tag="ended"):
    """A turn is over; its entries were told before."""

    turn_id: str
    outcome: Outcome


class TurnReleased(_Event, frozen=True, kw_only=True, tag="released"):
    """A draining process gave a turn back: whoever is free takes it."""


class TextStreamed(_Event, frozen=True, kw_only=True, tag="delta"):
    """A piece of an answer that is being written.

    Attributes:
        offset: Characters of this attempt before it.
    """

    turn_id: str
    attempt: int
    offset: int
    text: str
    origin: str = ""


class TypingChanged(_Event, frozen=True, kw_only=True, tag="typing"):
    """Somebody types or the assistant thinks. `stream_id` names the connection that said so, which need not hear it."""

    author: Author
    active: bool
    turn_id: str = ""
    stream_id: str = ""
    origin: str = ""


class ReceiptMoved(_Event, frozen=True, kw_only=True, tag="receipt"):
    """One side has got further. Told by the script that noted it; `stream_id` names the connection that said so."""

    reader: Author
    delivered: int
    read: int
    stream_id: str = ""


class LineMoved(_Event, frozen=True, kw_only=True, tag="line"):
    """Somebody joined or left a tenant's line for a person. Of no conversation."""

    tenant: str
    origin: str = ""


class StandingChanged(_Event, frozen=True, kw_only=True, tag="standing"):
    """The conversation went from the engine to the line or a person, or back, or ended. Told by the script."""

    tenant: str


class HintMade(_Event, frozen=True, kw_only=True, tag="hint"):
    """What was understood in a message while a person has the conversation."""

    seq: int
    intent: str
    certainty: float
    emotion: Emotion
    reply: str = ""
    article_id: str = ""
    title: str = ""
    origin: str = ""


class ApprovalsMoved(_Event, frozen=True, kw_only=True, tag="approvals"):
    """Something waits for a person's word, or has it. Of no conversation."""

    tenant: str
    origin: str = ""


class PlaceInLine(_Event, frozen=True, kw_only=True, tag="place"):
    """Where a conversation stands in the line; told in this process only. 0: no longer waiting."""

    position: int
    wait_s: float | None = None


class AnnouncementAsked(_Event, frozen=True, kw_only=True, tag="announce"):
    """Every process puts this into the conversations that it has live, and answers. Of no conversation."""

    call: str
    announcement: Announcement


class AnnouncementMade(_Event, frozen=True, kw_only=True, tag="announced"):
    """What one process did about a call. Of no conversation."""

    call: str
    reached: int
    duplicates: int
    failed: int = 0
    origin: str = ""


class StopAsked(_Event, frozen=True, kw_only=True, tag="stop"):
    """The customer wants a turn stopped; empty: the one that runs."""

    turn_id: str = ""
    origin: str = ""


class Erased(_Event, frozen=True, kw_only=True, tag="erased"):
    """The conversation is gone with all that was in it. Told by the script that erased it."""


FeedEvent = (
    EntryAppended
    | TurnOver
    | TurnReleased
    | TextStreamed
    | TypingChanged
    | ReceiptMoved
    | LineMoved
    | StandingChanged
    | HintMade
    | ApprovalsMoved
    | PlaceInLine
    | AnnouncementAsked
    | AnnouncementMade
    | StopAsked
    | Erased
)

_TOLD = TextStreamed | TypingChanged | StopAsked | LineMoved | AnnouncementMade | HintMade | ApprovalsMoved
"""What a process says itself; the rest is told by the store."""

_decoder: msgspec.json.Decoder[FeedEvent] = msgspec.json.Decoder(FeedEvent)
_encoder = msgspec.json.Encoder()


def encode_event(event: FeedEvent) -> bytes:
    """The event as the bus carries it."""
    return _encoder.encode(event)


def decode_event(raw: bytes) -> FeedEvent:
    """The event that `encode_event` or a script wrote."""
    return _decoder.decode(raw)


class Listener(Protocol):
    """Something in this process that follows a conversation."""

    def on_event(self, event: FeedEvent) -> None:
        """Something happened. Must not block."""
        ...

    def on_missed(self) -> None:
        """News may have been lost: look into the journal."""
        ...


class Bus(Protocol):
    """Carries events to the other processes; loses them rather than waits."""

    def publish(self, conversation_id: str, raw: bytes) -> None:
        """Sends when it can."""
        ...


@dataclass(frozen=True)
class Writing:
    """What of an answer has been streamed so far."""

    turn_id: str
    attempt: int
    text: str


class Hub:
    """Fan-out in one process.

    Args:
        bus: To the other processes.
        origin: Names this process, so that it does not hear itself twice.
    """

    def __init__(self, bus: Bus, origin: str) -> None:
        self._bus = bus
        self._origin = origin
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._writing: dict[str, Writing] = {}
        self._watchers: list[Listener] = []

    def watch(self, listener: Listener) -> None:
        """Lets a listener hear everything that this process hears: the turn runner."""
        self._watchers.append(listener)

    def unwatch(self, listener: Listener) -> None:
        """Stops that."""
        self._watchers.remove(listener)

    def join(self, conversation_id: str, listener: Listener) -> None:
        """Begins to tell `listener` about a conversation."""
        self._listeners[conversation_id].add(listener)

    def leave(self, conversation_id: str, listener: Listener) -> None:
        """Stops telling it."""
        listeners = self._listeners.get(conversation_id)
        if listeners is None:
            return
        listeners.discard(listener)
        if not listeners:
            del self._listeners[conversation_id]
            self._writing.pop(conversation_id, None)

    def writing(self, conversation_id: str) -> Writing | None:
        """What is being written now, for a listener that comes in the middle."""
        return self._writing.get(conversation_id)

    def tell(self, event: FeedEvent) -> None:
        """Tells everybody: here at once, elsewhere through the bus (entries are told there by the store itself)."""
        self._deliver(event)
        if isinstance(event, _TOLD):
            named = msgspec.structs.replace(event, origin=self._origin)
            self._bus.publish(event.conversation_id, encode_event(named))

    def on_bus(self, raw: bytes) -> None:
        """An event from another process, or from the store."""
        event = decode_event(raw)
        if getattr(event, "origin", "") != self._origin:
            self._deliver(event)

    def on_bus_restored(self) -> None:
        """The bus was down: nobody knows what was missed."""
        for listener in [*self._watchers, *(one for many in self._listeners.values() for one in many)]:
            listener.on_missed()

    def _deliver(self, event: FeedEvent) -> None:
        for watcher in tuple(self._watchers):
            watcher.on_event(event)
        listeners = self._listeners.get(event.conversation_id)
        if listeners is None:
            return
        self._note(event)
        for listener in tuple(listeners):
            listener.on_event(event)

    def _note(self, event: FeedEvent) -> None:
        if isinstance(event, TextStreamed):
            known = self._writing.get(event.conversation_id)
            same = known is not None and (known.turn_id, known.attempt) == (event.turn_id, event.attempt)
            if event.offset == 0:
                self._writing[event.conversation_id] = Writing(event.turn_id, event.attempt, event.text)
            elif known is not None and same and event.offset == len(known.text):
                self._writing[event.conversation_id] = Writing(event.turn_id, event.attempt, known.text + event.text)
        elif isinstance(event, TurnOver):
            self._writing.pop(event.conversation_id, None)
