"""What all parts of one edge session share: its state, and the few moves that each of them makes."""

from __future__ import annotations

import math
import random
from enum import Enum

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.edge.actions import Action, Close, OpenRequest, OpenUpstream, Send, TokenDesk, Visitor
from gateway.edge.cursor import Cursor
from gateway.edge.heartbeat import Heartbeat
from gateway.edge.limits import Limits, TokenBucket
from gateway.edge.pending import Pending
from gateway.edge.uploads import Uploads
from gateway.errors import error_frame, frame_of
from gateway.messages import Language
from gateway.service_frames import MAX_SEQ
from servicekit.errors import ServiceError


class State(Enum):
    """Where a session stands; draining lies over all of them."""

    AWAITING_HELLO = "awaiting_hello"
    OPENING = "opening"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


def unix_s(moment_s: float) -> int:
    """A moment as frames carry it; one that never comes is the largest number that they can."""
    return int(min(moment_s, MAX_SEQ))


class SessionCore:
    """State of one connection; `from_client` and `from_upstream` decide over it, `session` is what the runtime calls.

    Args:
        limits: Its bounds.
        tokens: Makes and reads visitor tokens.
        rng: Where jitter comes from.
        trace_id: Named in every error.
        now_s: The moment of the handshake, on the clock that all calls use.
        wall_ahead_s: What to add to that clock for seconds since 1970, in which tokens end.

    Attributes:
        token: What the client is told to keep; `visitor` is who it speaks for.
        turns: Answers that are awaited; they only decide how long a drain waits.
        suggest: The newest request for suggestions that could not be offered yet.
        since_s: When the state began that has a time limit.
        rating: The newest judgement that is not acknowledged.
        receipt: How far the client says it has got: delivered, read.
        expires_s: When the token ends, on the session's clock; `warned` whether the client was told.
        uploads: What the client uploads over this connection; made when it begins.
        greet: Whether the client waits for a welcome.
        announce: Whether the client waits for a caught_up.
        away: Whether the client was told that the orchestrator is out of reach.
        unheard_s: Since when nothing was heard of the orchestrator; counts while messages wait for it.
        failures: Tries in a row that did not reach the orchestrator.
        rtt_s: The last round trip, until it is taken.
    """

    __slots__ = (
        "announce",
        "away",
        "bucket",
        "conversation",
        "cursor",
        "draining",
        "epoch",
        "expires_s",
        "failures",
        "generation",
        "greet",
        "heartbeat",
        "language",
        "limited",
        "limits",
        "locale",
        "pending",
        "rating",
        "receipt",
        "rng",
        "rtt_s",
        "since_s",
        "state",
        "strikes",
        "suggest",
        "token",
        "tokens",
        "trace_id",
        "turns",
        "unheard_s",
        "uploads",
        "wall_ahead_s",
        "warned",
        "who",
    )

    def __init__(
        self,
        limits: Limits,
        tokens: TokenDesk,
        rng: random.Random,
        trace_id: str,
        now_s: float,
        wall_ahead_s: float = 0.0,
    ) -> None:
        self.limits = limits
        self.tokens = tokens
        self.rng = rng
        self.trace_id = trace_id
        self.bucket = TokenBucket(limits.frames_per_s, limits.frame_burst, now_s)
        self.heartbeat = Heartbeat(limits.heartbeat_s, now_s)
        self.cursor = Cursor()
        self.pending = Pending(limits.max_pending)
        self.turns: set[str] = set()
        self.suggest: frames.Suggest | None = None
        self.rating: frames.Rating | None = None
        self.receipt = (0, 0)
        self.wall_ahead_s = wall_ahead_s
        self.expires_s = math.inf
        self.warned = False
        self.uploads: Uploads | None = None
        self.who: Visitor | None = None
        self.token = ""
        self.conversation = ""
        self.epoch = ""
        self.locale = ""
        self.language: Language = "en"
        self.since_s = now_s
        self.strikes = 0
        self.limited = 0
        self.failures = 0
        self.greet = False
        self.announce = False
        self.away = False
        self.unheard_s = now_s
        self.state = State.AWAITING_HELLO
        self.draining = False
        self.generation = 0
        self.rtt_s: float | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing of the customer's is in flight."""
        return not self.pending and not self.turns

    @property
    def visitor(self) -> Visitor:
        """Who the client is; known from `hello` on."""
        assert self.who is not None, "nothing is asked of the runtime before hello"
        return self.who

    def admit(self, token: str, visitor: Visitor) -> None:
        """The client is this visitor, as long as the token is good."""
        self.token, self.who = token, visitor
        self.expires_s, self.warned = visitor.expires_at_s - self.wall_ahead_s, False

    def open_request(self) -> OpenRequest:
        """What the next upstream stream begins with: everything up to now is already the client's."""
        visitor = self.visitor
        return OpenRequest(
            conversation=self.conversation,
            customer=visitor.subject,
            tenant=visitor.tenant,
            locale=self.locale,
            last_seq=self.cursor.last_seq,
            epoch=self.epoch,
        )

    def time_limit_s(self) -> float | None:
        """How long the state may last."""
        return {
            State.AWAITING_HELLO: self.limits.hello_s,
            State.OPENING: self.limits.opening_s,
            State.RECONNECTING: self.limits.patience_s,
        }.get(self.state)

    def open_for_client(self, now_s: float) -> list[Action]:
        """Opens what the client asked for; it waits for welcome and caught_up."""
        self.greet = self.announce = True
        return self.reopen(State.OPENING, now_s)

    def reopen(self, state: State, now_s: float) -> list[Action]:
        """Begins another upstream stream; what the former still sends is void."""
        self.state, self.since_s = state, now_s
        self.generation += 1
        return [OpenUpstream()]

    def error(
        self,
        reason: str,
        *,
        client_msg_id: str | None = None,
        upload_id: str | None = None,
        history_id: str | None = None,
        retry_after_ms: int | None = None,
    ) -> Send:
        """An error of the edge's own."""
        return Send(
            error_frame(
                reason,
                self.language,
                self.trace_id,
                client_msg_id=client_msg_id,
                upload_id=upload_id,
                history_id=history_id,
                retry_after_ms=retry_after_ms,
            )
        )

    def fault(self, error: ServiceError, *, client_msg_id: str | None = None, history_id: str | None = None) -> Send:
        """An error that a service raised."""
        return Send(frame_of(error, self.language, self.trace_id, client_msg_id=client_msg_id, history_id=history_id))

    def strike(self, error: frames.Error) -> list[Action]:
        """Answers a bad frame; too many of them end the connection."""
        self.strikes += 1
        if self.strikes < self.limits.max_strikes:
            return [Send(error)]
        return [Send(error), self.close(CloseCode.PROTOCOL, "too many bad frames")]

    def close(self, code: CloseCode, reason: str) -> Close:
        """Ends the session."""
        self.state = State.CLOSED
        return Close(code, reason)

    def close_drained(self) -> Close:
        """Ends it for a drain: the client waits this long before it returns, which spreads the crowd."""
        return self.close(CloseCode.DRAINING, f"retry_after_ms={self.rng.randrange(100, 3000)}")
