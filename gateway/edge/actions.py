"""What the session asks the runtime to do, and what the runtime tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.trust.identity import Identity
from gateway.upload_frames import Upload


@dataclass(frozen=True, slots=True)
class Send:
    """Send this frame to the client."""

    frame: frames.AnyServerFrame


Offered: TypeAlias = (
    frames.Message
    | frames.Suggest
    | frames.TypingSignal
    | frames.Feedback
    | frames.Stop
    | frames.ReceiptSignal
    | frames.Rating
)


@dataclass(frozen=True, slots=True)
class Offer:
    """Write this to the upstream stream; what cannot be written is offered again after a reconnect."""

    frame: Offered


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the picture in this message, then tell the session by `kept` or `refuse`."""

    frame: frames.Message


@dataclass(frozen=True, slots=True)
class Fetch:
    """Read a page of the open conversation's journal, then tell the session by `fetched` or `not_fetched`."""

    query: frames.HistoryQuery
    conversation: str
    limit: int


@dataclass(frozen=True, slots=True)
class OpenUpstream:
    """End the upstream stream if there is one, wait, and open the next with `Session.open_request()`."""

    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection, after everything before it is sent."""

    code: CloseCode
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Locate:
    """Find what the store has of this upload; then `located`, `finished` where it is all done, or `failed`."""

    upload: Upload


@dataclass(frozen=True, slots=True)
class AppendPart:
    """Add these bytes to an upload; `failed` when that cannot be."""

    upload_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Finish:
    """All bytes of an upload are there: make a picture of them; then `finished` or `failed`."""

    upload_id: str


@dataclass(frozen=True, slots=True)
class Suspend:
    """Leave what is there of an upload in the store, to go on later."""

    upload_id: str


@dataclass(frozen=True, slots=True)
class Discard:
    """Remove all that is there of an upload, also of one that another connection began."""

    upload_id: str


UploadAction: TypeAlias = Locate | AppendPart | Finish | Suspend | Discard
Action: TypeAlias = Send | Offer | Keep | Fetch | OpenUpstream | Close | UploadAction


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What an upstream stream begins with."""

    conversation: str
    customer: str
    tenant: str
    locale: str
    last_seq: int
    epoch: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The upstream stream is open."""

    conversation: str
    epoch: str
    last_seq: int
    state: str
    language: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Entries of a journal in order of seq, and whether there are older ones."""

    entries: tuple[frames.Entry, ...]
    has_more: bool
    epoch: str


UpstreamEvent: TypeAlias = (
    Opened
    | frames.Ack
    | frames.Delta
    | frames.Entry
    | frames.Suggestions
    | frames.Typing
    | frames.Gap
    | frames.CaughtUp
    | frames.TurnEnded
    | frames.Receipt
    | frames.Queue
    | frames.Error
)


Visitor = Identity
"""Who a connection speaks for: an identity with the scope `customer`."""


class TokenDesk(Protocol):
    """Makes visitor tokens and reads customers' tokens, for one tenant; pure but for its clock."""

    def issue(self) -> tuple[str, Visitor]:
        """A token for a new visitor."""

    def verify(self, token: str) -> Visitor:
        """Reads a token.

        Raises:
            ServiceError: TOKEN_INVALID (401); TOKEN_EXPIRED, TOKEN_REVOKED, SCOPE_MISSING, TENANT_UNKNOWN,
                TENANT_MISMATCH (403); or UNAVAILABLE (503) while an issuer's new key is being fetched.
        """

    def refresh(self, token: str, visitor: Visitor) -> str:
        """The same token, or a new one for the same visitor when half its life is over."""

    def spend(self, visitor: Visitor) -> float:
        """Takes a message off what the visitor may send; 0, or the seconds until there is one more."""

    def renew(self, visitor: Visitor) -> tuple[str, Visitor]:
        """A new token for the same visitor.

        Raises:
            ServiceError: TOKEN_INVALID (401): the token is not the edge's to renew (`visitor.kind`).
        """
