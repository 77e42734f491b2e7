"""What a client hears, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Frame: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Connected:
    """The conversation is open; the replay of what was missed follows.

    Attributes:
        token: The visitor's token, to be kept for the next time.
        resumed: Whether the conversation was there before.
        state: "open", "handed_over" or "closed".
    """

    conversation: str
    token: str
    resumed: bool
    language: str
    state: str


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Everything up to here is replayed; what follows is news."""

    last_seq: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone.

    Attributes:
        code: The close code; 1006 when the network broke.
        retry_in_s: When the client tries again; None when it does not.
    """

    code: int
    reason: str
    retry_in_s: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One durable piece of the journal; each comes once and in order.

    Attributes:
        raw: The whole frame, with stickers, cards, form, citations and what newer servers add.
        replayed: Whether it is history and not news.
    """

    seq: int
    author: str
    text: str
    turn: str
    client_msg_id: str
    replayed: bool
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that is being written.

    Attributes:
        piece: What is new; all of it when the answer began anew (a higher attempt).
        text: All of it so far.
    """

    turn: str
    attempt: int
    piece: str
    text: str


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """An answer is complete: "answered", "stopped" or "failed"."""

    turn: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A message is durable.

    Attributes:
        turn: The turn that answers it; empty when only its entry was seen.
    """

    client_msg_id: str
    seq: int
    duplicate: bool
    turn: str


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody types, or the system thinks."""

    author: str
    active: bool
    turn: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far somebody got."""

    reader: str
    delivered: int
    read: int


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """The place in the line for a person; 0: no longer in it."""

    position: int
    wait_s: float | None


@dataclass(frozen=True, slots=True)
class Service:
    """The service behind the edge is out of reach, or back; messages are kept meanwhile."""

    available: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries that cannot be had any more."""

    from_seq: int
    to_seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reset:
    """Entries after `keep` are void: forget them. What is true follows."""

    reason: str
    keep: int


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of the server; the connection goes on unless `Disconnected` follows."""

    code: int
    reason: str
    message: str
    retryable: bool
    client_msg_id: str
    trace_id: str


Event: TypeAlias = (
    Connected
    | CaughtUp
    | Disconnected
    | Entry
    | Draft
    | TurnEnded
    | Acknowledged
    | Typing
    | Receipt
    | QueuePosition
    | Service
    | Gap
    | Reset
    | Fault
)
