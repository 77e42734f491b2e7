"""Frames beside the talk itself: receipts, history, rating, the life of a token, the line for a person."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

from gateway.frame_base import ClientFrame, ServerFrame

MAX_SEQ = 2**53 - 1  # what a JavaScript number holds exactly
MAX_COMMENT_CHARS = 1000
MAX_HISTORY = 100
DEFAULT_HISTORY = 50

_Seq: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_SEQ)]

HistoryId: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64)]


class ReceiptSignal(ClientFrame, tag="receipt", frozen=True, kw_only=True, gc=False):
    """How far the client has got: what arrived, what was on screen; at least one, and both only ever rise."""

    delivered: _Seq | None = None
    read: _Seq | None = None


class HistoryQuery(ClientFrame, tag="history", frozen=True, kw_only=True, gc=False):
    """Asks for the newest entries before `before_seq`."""

    history_id: HistoryId
    before_seq: Annotated[int, Meta(ge=1, le=MAX_SEQ)]
    limit: Annotated[int, Meta(ge=1, le=MAX_HISTORY)] | None = None


class Rating(ClientFrame, tag="rating", frozen=True, kw_only=True, gc=False):
    """How the customer judges the conversation; answered by an `ack` with seq 0."""

    rating_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]
    score: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(max_length=MAX_COMMENT_CHARS)] | None = None


class Refresh(ClientFrame, tag="refresh", frozen=True, kw_only=True, gc=False):
    """Replaces the session's token; without one, the edge makes a visitor's fresh token itself."""

    token: Annotated[str, Meta(max_length=4096)] | None = None


class Receipt(ServerFrame, tag="receipt", frozen=True, kw_only=True):
    """How far one side has got; told when it rises and, when known, after `welcome`."""

    reader: str
    delivered: int
    read: int


class Queue(ServerFrame, tag="queue", frozen=True, kw_only=True):
    """The place in the line for a person, from 1; 0: no longer waiting."""

    position: int
    wait_s: float | None = None


class Service(ServerFrame, tag="service", frozen=True, kw_only=True):
    """Whether the service behind the edge can be reached; told when it was away for a moment, and when it is back."""

    available: bool


class Refreshed(ServerFrame, tag="refreshed", frozen=True, kw_only=True):
    """The session goes on with this token; `expires_at` is in seconds since 1970."""

    token: str
    expires_at: int


class Expiring(ServerFrame, tag="expiring", frozen=True, kw_only=True):
    """The session's token is about to end: send `refresh`. In seconds since 1970."""

    expires_at: int
