"""What goes up and down a Converse stream, in words of the domain."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.journal.entries import Author, Entry, Head, Image, Outcome, Rating, Receipt, Sticker
from orchestrator.journal.replay import Cursor, Gap


@dataclass(frozen=True)
class Open:
    """A client opens or resumes. `limit` bounds the replay."""

    conversation_id: str
    customer_id: str
    tenant: str
    language: str
    cursor: Cursor
    limit: int


@dataclass(frozen=True)
class Say:
    """A message: text, the id of a sticker, or a picture with a small copy to understand it by."""

    client_msg_id: str
    text: str | None = None
    sticker_id: str | None = None
    image: Image | None = None
    preview: bytes = b""


@dataclass(frozen=True)
class Suggest:
    """Stickers wanted for what is typed."""

    suggest_id: str
    text: str
    limit: int


@dataclass(frozen=True)
class Typing:
    """The customer types or stopped."""

    active: bool


@dataclass(frozen=True)
class Feedback:
    """A sticker was clicked, or dismissed."""

    sticker_id: str
    clicked: bool
    position: int
    text: str


@dataclass(frozen=True)
class Stop:
    """Stop a turn; empty: the current one."""

    turn_id: str


@dataclass(frozen=True)
class Received:
    """How far the customer's client has got."""

    receipt: Receipt


@dataclass(frozen=True)
class Rate:
    """How the customer judges the conversation."""

    rating_id: str
    rating: Rating


Upward = Open | Say | Suggest | Typing | Feedback | Stop | Received | Rate


@dataclass(frozen=True)
class Opened:
    """The conversation is open."""

    head: Head
    resumed: bool


@dataclass(frozen=True)
class Ack:
    """A message is durable."""

    client_msg_id: str
    seq: int
    duplicate: bool
    turn_id: str


@dataclass(frozen=True)
class Delta:
    """A piece of an answer; index counts from 0 within an attempt."""

    turn_id: str
    index: int
    attempt: int
    text: str


@dataclass(frozen=True)
class EntrySeen:
    """A durable entry."""

    entry: Entry


@dataclass(frozen=True)
class Suggestions:
    """Stickers for what was typed."""

    suggest_id: str
    stickers: tuple[Sticker, ...]


@dataclass(frozen=True)
class TypingSeen:
    """Somebody else types, or the assistant thinks."""

    author: Author
    active: bool
    turn_id: str


@dataclass(frozen=True)
class CaughtUp:
    """What follows is live."""

    last_seq: int


@dataclass(frozen=True)
class TurnEnded:
    """A turn is over."""

    turn_id: str
    outcome: Outcome


@dataclass(frozen=True)
class ReceiptSeen:
    """How far one side has got."""

    reader: Author
    receipt: Receipt


@dataclass(frozen=True)
class Queued:
    """The place in the line for a person, from 1; 0: no longer waiting."""

    position: int
    wait_s: float | None


@dataclass(frozen=True)
class Fault:
    """A fault that the stream survives."""

    code: int
    reason: str
    message: str
    retryable: bool
    retry_after_s: float | None
    client_msg_id: str
    trace_id: str


Downward = (
    Opened
    | Ack
    | Delta
    | EntrySeen
    | Suggestions
    | TypingSeen
    | Gap
    | CaughtUp
    | TurnEnded
    | ReceiptSeen
    | Queued
    | Fault
)
