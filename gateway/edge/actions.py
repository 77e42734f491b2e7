"""What the session asks the runtime to do, and what the runtime tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from gateway import frames
from gateway.close_codes import CloseCode


@dataclass(frozen=True, slots=True)
class Send:
    """Send this frame to the client."""

    frame: frames.AnyServerFrame


@dataclass(frozen=True, slots=True)
class Offer:
    """Write this to the upstream stream; what cannot be written is offered again after a reconnect."""

    frame: frames.Message | frames.Suggest | frames.TypingSignal | frames.Feedback | frames.Stop


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the picture in this message, then tell the session by `kept` or `refuse`."""

    frame: frames.Message


@dataclass(frozen=True, slots=True)
class OpenUpstream:
    """End the upstream stream if there is one, wait, and open the next with `Session.open_request()`."""

    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection, after everything before it is sent."""

    code: CloseCode
    reason: str = ""


Action: TypeAlias = Send | Offer | Keep | OpenUpstream | Close


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
    | frames.Error
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a token speaks for."""

    subject: str
    tenant: str
    issued_at_s: float
    expires_at_s: float


class TokenDesk(Protocol):
    """Makes and reads visitor tokens; pure but for its clock."""

    def issue(self) -> tuple[str, Visitor]:
        """A token for a new visitor."""

    def verify(self, token: str) -> Visitor:
        """Reads a token.

        Raises:
            ServiceError: TOKEN_INVALID (401) or TOKEN_EXPIRED (403).
        """

    def refresh(self, token: str, visitor: Visitor) -> str:
        """The same token, or a new one for the same visitor when half its life is over."""
