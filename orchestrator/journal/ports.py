"""What the rest asks of a journal store and a turn log. One contract suite runs against every implementation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Protocol

import msgspec

from orchestrator.journal.announcement import Announcement
from orchestrator.journal.entries import (
    Author,
    Body,
    ConversationState,
    Entry,
    Head,
    Notice,
    Outcome,
    Rating,
    Receipt,
    Revision,
    RevisionKind,
    Summary,
)


@dataclass(frozen=True)
class TurnRef:
    """Names a turn: which message of which conversation waits for an answer.

    Attributes:
        seq: The customer's message.
        log_id: Its place in the turn log of its partition.
        trace_parent: W3C traceparent of the request that brought the message; may be empty.
        preview: For a picture, a small copy to understand it by; it lives as long as the turn.
    """

    conversation_id: str
    turn_id: str
    seq: int
    log_id: str
    trace_parent: str = ""
    preview: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Posted:
    """A message is durable; `entry` and `turn` are None for one that was posted before.

    Attributes:
        begun: Its turn, begun in the same step; None when that was not asked for, or another turn comes first.
    """

    seq: int
    turn_id: str
    duplicate: bool
    entry: Entry | None = None
    turn: TurnRef | None = None
    begun: Begun | None = None


@dataclass(frozen=True)
class Page:
    """Entries in order of seq."""

    entries: tuple[Entry, ...]
    has_more: bool
    epoch: str
    last_seq: int


class Journal(Protocol):
    """Conversations and their entries.

    Every method raises UNAVAILABLE (503) when the store is out of reach. A write that raised it may have happened.
    """

    async def open(self, *, conversation_id: str, tenant: str, customer_id: str, language: str) -> tuple[Head, bool]:
        """The named conversation, else the customer's current one, else a new one; and whether it was there before.

        A named conversation that is gone counts as not named.

        Raises:
            ServiceError: CONVERSATION_FORBIDDEN when it is somebody else's.
        """
        ...

    async def head(self, conversation_id: str) -> Head:
        """The head.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND.
        """
        ...

    async def post(
        self, conversation_id: str, body: Body, *, owner: str, trace_parent: str = "", preview: bytes = b"",
        begin: bool = False,
    ) -> Posted:  # fmt: skip
        """Appends a customer's message and its turn, claimed by `owner`, in one step.

        A picture's `preview` goes into the turn's log, so that whoever takes the turn over has it too. With `begin`
        the turn is begun too, as `TurnLog.begin` does it, if no other comes first: whoever asks for that must run it.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, CONVERSATION_CLOSED, MESSAGE_ID_CONFLICT, TOO_MANY_PENDING.
        """
        ...

    async def read(self, conversation_id: str, *, after_seq: int, limit: int) -> Page:
        """A page of entries after `after_seq`.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND.
        """
        ...

    async def read_before(self, conversation_id: str, *, before_seq: int, limit: int) -> Page:
        """The newest entries before `before_seq`, in order of seq; `has_more` tells of still older ones.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND.
        """
        ...

    async def summarise(self, conversation_id: str, *, epoch: str, summary: Summary) -> bool:
        """Keeps what older entries said in short, with the head; whether it was later than the one that was kept.

        A conversation that is gone or has another epoch keeps nothing. A revision of an entry that is covered drops it.
        """
        ...

    async def close(self, conversation_id: str, notice: Body) -> Head:
        """Ends a conversation with `notice` as its last word; once.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND.
        """
        ...


class Marks(Protocol):
    """What is kept of a conversation beside its entries. Raises UNAVAILABLE (503) when the store is out of reach."""

    async def receive(self, conversation_id: str, *, reader: Author, receipt: Receipt, stream_id: str = "") -> bool:
        """Notes how far a reader has got; what lies beyond the journal's end counts as its end. Whether it rose.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND.
        """
        ...

    async def rate(self, conversation_id: str, *, rating_id: str, rating: Rating) -> bool:
        """Keeps the customer's judgement; the newest replaces. Whether this very one was known.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, MESSAGE_ID_CONFLICT, RATE_LIMITED (after 50 of them).
        """
        ...


class Announced(StrEnum):
    """What came of an announcement in one conversation.

    SAME: this very call has reached it already. OTHER: it is not for its language.
    """

    REACHED = "reached"
    DUPLICATE = "duplicate"
    SAME = "same"
    OTHER = "other"
    CLOSED = "closed"
    MISSING = "missing"


class Amendments(Protocol):
    """What the shop puts into journals from outside a turn. Raises UNAVAILABLE (503) when the store is away."""

    async def say(self, conversation_id: str, *, say_id: str, body: Body) -> Entry:
        """Appends an entry, and every live client gets it; the same id is the same entry. Also to a closed one.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, MESSAGE_ID_CONFLICT.
        """
        ...

    async def revise(self, conversation_id: str, *, revision_id: str, revision: Revision) -> Entry:
        """Changes an entry of the shop by an entry of its own; the same id is the same change.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, ENTRY_NOT_FOUND, ENTRY_NOT_OURS, MESSAGE_ID_CONFLICT.
        """
        ...

    async def announce(
        self, conversation_ids: Sequence[str], *, call: str, announcement: Announcement
    ) -> list[Announced]:
        """Puts an announcement into each of these, once per announcement id. `call` names the caller's try."""
        ...


@dataclass(frozen=True)
class Place:
    """Where a conversation stands in a line, from 1, and how long it is likely to take, where that is known."""

    position: int
    wait_s: float | None = None


class Line(Protocol):
    """Conversations of a tenant that wait for a person. Raises UNAVAILABLE (503) when the store is out of reach."""

    async def join(self, tenant: str, conversation_id: str, since_ms: int = 0) -> bool:
        """Puts it where who waits since then belongs (0: at the end), unless it is in line; whether the line moved."""
        ...

    async def leave(self, tenant: str, conversation_id: str, *, served: bool) -> bool:
        """Takes it off; `served` lets the pace count. Whether the line moved."""
        ...

    async def first(self, tenant: str, count: int) -> list[str]:
        """Who is next."""
        ...

    async def places(self, tenant: str, conversation_ids: Sequence[str]) -> dict[str, Place]:
        """Where they stand; who does not wait is left out."""
        ...


class BeginStatus(Enum):
    """What came of trying to begin a turn."""

    RUN = "run"
    WAIT = "wait"
    DONE = "done"
    LOST = "lost"
    POISON = "poison"


@dataclass(frozen=True)
class Begun:
    """Answer to `begin`.

    Attributes:
        status: RUN: answer it. WAIT: an earlier turn of the conversation is not over, or another process holds the
            lock. DONE: answered or gone. LOST: another process owns it now. POISON: tried too often: bury it.
        fence: The token that `finish` needs; 0 unless RUN or POISON.
        attempt: From 1, rising with every try and restart.
        head: The conversation; None unless RUN or POISON.
        history: The last entries before the turn and, last, the message it answers; see `seen_by`.
        state: The dialogue's state as stored; empty when there is none or its life is over.
    """

    status: BeginStatus
    fence: int = 0
    attempt: int = 0
    head: Head | None = None
    history: tuple[Entry, ...] = ()
    state: bytes = b""


def seen_by(turn: TurnRef, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """What a turn may know: everything but messages that the customer sent after its own, which comes last."""
    own = [entry for entry in entries if entry.seq == turn.seq]
    others = [entry for entry in entries if entry.seq != turn.seq]
    known = [entry for entry in others if entry.seq < turn.seq or entry.body.author is not Author.CUSTOMER]
    return (*revised(known), *own)


def revised(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries as they read now: edited ones with their new words, without those taken back and without the changes."""
    changes = {entry.body.revision.target_seq: entry.body.revision for entry in entries if entry.body.revision}
    return tuple(
        _changed(entry, changes.get(entry.seq))
        for entry in entries
        if entry.body.revision is None
        and ((change := changes.get(entry.seq)) is None or change.kind is RevisionKind.EDITED)
    )


def _changed(entry: Entry, change: Revision | None) -> Entry:
    if change is None:
        return entry
    body, notice = entry.body, entry.body.notice
    if notice is not None:
        body = msgspec.structs.replace(body, notice=Notice(notice.kind, change.text))
    else:
        body = msgspec.structs.replace(body, text=change.text)
    return Entry(entry.seq, entry.at_ms, body)


@dataclass(frozen=True)
class Result:
    """What a turn leaves behind, written in one step.

    Attributes:
        bodies: Entries to append, in order; may be empty for a turn that was stopped before it said anything.
        language: The conversation's language from now on; empty: as it was.
        conversation: Its state from now on; None: as it was.
        state: The dialogue's state; None: as it was.
        dead_letter: Why the turn is kept as undeliverable; empty when it is not.
    """

    outcome: Outcome
    bodies: tuple[Body, ...] = ()
    language: str = ""
    conversation: ConversationState | None = None
    state: bytes | None = None
    dead_letter: str = ""


class TurnLog(Protocol):
    """Who answers which turn. Raises UNAVAILABLE (503) when the store is out of reach."""

    async def begin(self, turn: TurnRef, *, owner: str) -> Begun:
        """Takes the conversation's lock for a turn that `owner` has claimed."""
        ...

    async def restart(self, turn: TurnRef) -> int:
        """A new attempt of a running turn, which replaces what it streamed so far; not counted as a failure."""
        ...

    async def finish(self, turn: TurnRef, *, owner: str, fence: int, result: Result) -> tuple[Entry, ...] | None:
        """Ends a turn: appends, marks it done, frees the lock. None when it was done before.

        Raises:
            ServiceError: STALE_FENCE (409) when another process runs or ran it.
        """
        ...

    async def renew(self, turns: Sequence[TurnRef], *, owner: str) -> list[bool]:
        """Prolongs claims and locks; False for each that belongs to another now."""
        ...

    async def release(self, turns: Sequence[TurnRef], *, owner: str) -> None:
        """Gives claims back, so that another process takes them at once."""
        ...

    async def take_over(self, *, owner: str) -> list[TurnRef]:
        """Claims turns whose owner has not renewed them for the lease."""
        ...
