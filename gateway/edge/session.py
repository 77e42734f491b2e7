"""One client's connection as pure decisions: no socket, no gRPC, no clock, no task.

The runtime feeds it frames, upstream events and ticks, each with the time, and carries out the actions that come back,
in order. It keeps the promises of the protocol: entries reach the client once and in order, a message is offered to
the orchestrator until it is acknowledged, and whatever goes wrong is told in a typed frame or a close code.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.edge.actions import (
    Action,
    Close,
    Keep,
    Offer,
    Opened,
    OpenRequest,
    OpenUpstream,
    Send,
    TokenDesk,
    UpstreamEvent,
    Visitor,
)
from gateway.edge.cursor import Cursor, Place
from gateway.edge.heartbeat import Heartbeat, Pulse
from gateway.edge.limits import Limits, TokenBucket
from gateway.edge.pending import Admission, Pending
from gateway.errors import close_code_of, error_frame, frame_of, public_reason
from gateway.messages import Language, language_of
from servicekit.errors import Code, ServiceError
from servicekit.resilience import backoff

_MAX_TURNS = 64  # answers awaited at once; they only decide how long a drain waits


class State(Enum):
    """Where a session stands; draining lies over all of them."""

    AWAITING_HELLO = "awaiting_hello"
    OPENING = "opening"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    CLOSED = "closed"


class Session:
    """The edge's side of one connection.

    Args:
        limits: Its bounds.
        tokens: Makes and reads visitor tokens.
        rng: Where jitter comes from.
        trace_id: Named in every error.
        now_s: The moment of the handshake, on the clock that all calls use.
    """

    __slots__ = (
        "_announce",
        "_bucket",
        "_conversation",
        "_cursor",
        "_epoch",
        "_failures",
        "_greet",
        "_heartbeat",
        "_language",
        "_limited",
        "_limits",
        "_locale",
        "_pending",
        "_rng",
        "_since_s",
        "_strikes",
        "_suggest",
        "_token",
        "_tokens",
        "_trace_id",
        "_turns",
        "_visitor",
        "draining",
        "generation",
        "rtt_s",
        "state",
    )

    def __init__(self, limits: Limits, tokens: TokenDesk, rng: random.Random, trace_id: str, now_s: float) -> None:
        self._limits = limits
        self._tokens = tokens
        self._rng = rng
        self._trace_id = trace_id
        self._bucket = TokenBucket(limits.frames_per_s, limits.frame_burst, now_s)
        self._heartbeat = Heartbeat(limits.heartbeat_s, now_s)
        self._cursor = Cursor()
        self._pending = Pending(limits.max_pending)
        self._turns: set[str] = set()
        self._suggest: frames.Suggest | None = None
        self._visitor: Visitor | None = None
        self._token = ""
        self._conversation = ""
        self._epoch = ""
        self._locale = ""
        self._language: Language = "en"
        self._since_s = now_s  # when the state began that has a time limit
        self._strikes = 0
        self._limited = 0
        self._failures = 0
        self._greet = False  # whether the client waits for a welcome
        self._announce = False  # whether the client waits for a caught_up
        self.state = State.AWAITING_HELLO
        self.draining = False
        self.generation = 0
        self.rtt_s: float | None = None

    # ---- what the runtime may ask -------------------------------------------------------------------------------

    @property
    def due_at_s(self) -> float:
        """When `tick` is next of use."""
        limit_s = self._time_limit_s()
        due_s = self._heartbeat.due_at_s
        return due_s if limit_s is None else min(due_s, self._since_s + limit_s)

    @property
    def idle(self) -> bool:
        """Whether nothing of the customer's is in flight."""
        return not self._pending and not self._turns

    @property
    def visitor(self) -> Visitor:
        """Who the client is; known from `hello` on."""
        assert self._visitor is not None, "nothing is asked of the runtime before hello"
        return self._visitor

    def open_request(self) -> OpenRequest:
        """What the next upstream stream begins with: everything up to now is already the client's."""
        visitor = self.visitor
        return OpenRequest(
            conversation=self._conversation,
            customer=visitor.subject,
            tenant=visitor.tenant,
            locale=self._locale,
            last_seq=self._cursor.last_seq,
            epoch=self._epoch,
        )

    # ---- from the client ----------------------------------------------------------------------------------------

    def receive(self, data: str | bytes, now_s: float) -> list[Action]:
        """A text frame arrived."""
        if self.state is State.CLOSED:
            return []
        self._heartbeat.heard(now_s)
        if len(data) > self._limits.max_frame_bytes:
            return [self._error("FRAME_TOO_LARGE"), self._close(CloseCode.TOO_LARGE, "frame too large")]
        wait_s = self._bucket.take(now_s)
        try:
            frame = frames.decode(data)
        except frames.BadFrame as bad:
            return self._strike(
                error_frame(
                    bad.reason,
                    self._language,
                    self._trace_id,
                    client_msg_id=bad.client_msg_id,
                    field=bad.field or None,
                    detail=bad.detail,
                )
            )
        if wait_s > 0.0:
            return self._too_fast(frame, wait_s)
        self._limited = 0
        if self.state is State.AWAITING_HELLO and not isinstance(frame, frames.Hello):
            return [self._error("HELLO_REQUIRED"), self._close(CloseCode.PROTOCOL, "hello required")]
        return _ON_FRAME[type(frame)](self, frame, now_s)

    def kept(self, frame: frames.Message, image: str) -> list[Action]:
        """The picture in a message is kept as `image`: from here on it is a message that names it."""
        if self.state is State.CLOSED:
            return []
        return self._admit_message(frames.Message(client_msg_id=frame.client_msg_id, image=image))

    def refuse(self, client_msg_id: str, error: ServiceError) -> list[Action]:
        """The picture of a message cannot be kept or had: the message is off."""
        if self.state is State.CLOSED:
            return []
        self._pending.settle(client_msg_id)
        return [Send(frame_of(error, self._language, self._trace_id, client_msg_id=client_msg_id))]

    def receive_binary(self, now_s: float) -> list[Action]:
        """A binary frame arrived; this version has no use for them."""
        if self.state is State.CLOSED:
            return []
        self._heartbeat.heard(now_s)
        return self._strike(error_frame("BINARY_NOT_SUPPORTED", self._language, self._trace_id))

    def _on_hello(self, frame: frames.Hello, now_s: float) -> list[Action]:
        if self.state is not State.AWAITING_HELLO:
            detail = "hello was said already; use resume"
            return self._strike(
                error_frame("INVALID_FRAME", self._language, self._trace_id, field="type", detail=detail)
            )
        self._locale = frame.locale or ""
        self._language = language_of(frame.locale)
        try:
            self._admit(frame.token)
        except ServiceError as error:
            code = CloseCode.TOKEN_INVALID if error.code is Code.UNAUTHENTICATED else CloseCode.FORBIDDEN
            return [Send(frame_of(error, self._language, self._trace_id)), self._close(code, public_reason(error))]
        self._conversation = frame.conversation or ""
        self._epoch = frame.epoch or ""
        self._cursor.reset((frame.last_seq or 0) if frame.epoch else 0)
        return self._open_for_client(now_s)

    def _admit(self, token: str | None) -> None:
        if token:
            self._visitor = self._tokens.verify(token)
            self._token = self._tokens.refresh(token, self._visitor)
        else:
            self._token, self._visitor = self._tokens.issue()

    def _on_resume(self, frame: frames.Resume, now_s: float) -> list[Action]:
        if self._conversation and frame.conversation != self._conversation:
            return [self._error("CONVERSATION_FORBIDDEN")]
        if not self._conversation:  # the first open is still under way: it replays all there is
            return [self._error("RECONNECTING", retry_after_ms=1000)]
        self._epoch = frame.epoch
        self._cursor.reset(frame.last_seq)
        return self._open_for_client(now_s)

    def _on_message(self, frame: frames.Message, now_s: float) -> list[Action]:
        if self.draining:
            return [self._error("UNAVAILABLE", client_msg_id=frame.client_msg_id, retry_after_ms=1000)]
        return [Keep(frame)] if frame.picture is not None else self._admit_message(frame)

    def _admit_message(self, frame: frames.Message) -> list[Action]:
        identity = frame.client_msg_id
        admission = self._pending.admit(frame)
        if admission is Admission.CONFLICT:
            return [self._error("MESSAGE_ID_CONFLICT", client_msg_id=identity)]
        if admission is Admission.FULL:
            reason = "TOO_MANY_PENDING" if self.state is State.LIVE else "RECONNECTING"
            return [self._error(reason, client_msg_id=identity, retry_after_ms=1000)]
        if admission is Admission.REPEATED or self.state is not State.LIVE:
            return []
        return [Offer(frame)]

    def _on_suggest(self, frame: frames.Suggest, now_s: float) -> list[Action]:
        if self.state is State.LIVE:
            return [Offer(frame)]
        self._suggest = frame  # the newest supersedes
        return []

    def _on_typing(self, frame: frames.TypingSignal, now_s: float) -> list[Action]:
        return [Offer(frame)] if self.state is State.LIVE else []

    def _on_effect(self, frame: frames.Feedback | frames.Stop, now_s: float) -> list[Action]:
        if self.state is State.LIVE:
            return [Offer(frame)]
        return [self._error("RECONNECTING", retry_after_ms=1000)]

    def _on_ping(self, frame: frames.ClientPing, now_s: float) -> list[Action]:
        return [Send(frames.ServerPong(t=frame.t))]

    def _on_pong(self, frame: frames.ClientPong, now_s: float) -> list[Action]:
        rtt_s = now_s - frame.t / 1000
        self.rtt_s = rtt_s if 0.0 <= rtt_s <= 3600.0 else None
        return []

    def _too_fast(self, frame: frames.AnyClientFrame, wait_s: float) -> list[Action]:
        self._limited += 1
        if self._limited > self._limits.max_limited:
            return [self._error("RATE_LIMITED"), self._close(CloseCode.RATE_LIMITED, "too many frames")]
        identity = frame.client_msg_id if isinstance(frame, frames.Message) else None
        return [self._error("RATE_LIMITED", client_msg_id=identity, retry_after_ms=max(1, round(wait_s * 1000)))]

    def _strike(self, error: frames.Error) -> list[Action]:
        self._strikes += 1
        if self._strikes < self._limits.max_strikes:
            return [Send(error)]
        return [Send(error), self._close(CloseCode.PROTOCOL, "too many bad frames")]

    # ---- from the orchestrator ----------------------------------------------------------------------------------

    def upstream(self, event: UpstreamEvent, generation: int, now_s: float) -> Sequence[Action]:
        """Something came down the upstream stream that was opened as `generation`."""
        if self.state is State.CLOSED or generation != self.generation:
            return []
        actions: list[Action] = _ON_EVENT[type(event)](self, event, now_s)
        if self.draining and self.idle and self.state is State.LIVE:
            actions.append(self._close_drained())
        return actions

    def upstream_lost(self, error: ServiceError, generation: int, now_s: float) -> list[Action]:
        """The upstream stream of `generation` ended or could not be opened."""
        if self.state is State.CLOSED or generation != self.generation:
            return []
        close = close_code_of(error)
        if close is not None:
            return [Send(frame_of(error, self._language, self._trace_id)), self._close(close, public_reason(error))]
        if self.state is State.LIVE:
            self.state, self._since_s = State.RECONNECTING, now_s
        if self.draining and self.idle:
            return [self._close_drained()]
        limits = self._limits
        delay_s = backoff(self._failures, base_s=limits.reconnect_base_s, cap_s=limits.reconnect_cap_s, rng=self._rng)
        self._failures += 1
        self.generation += 1
        return [OpenUpstream(max(delay_s, error.retry_after_s or 0.0))]

    def _on_opened(self, event: Opened, now_s: float) -> list[Action]:
        same_journal = (event.conversation, event.epoch) == (self._conversation, self._epoch)
        if not self._greet and not same_journal:
            # The journal was replaced behind the client's back: a fresh hello tells it in the ordinary way.
            return [self._close(CloseCode.REPLACED, "journal replaced")]
        if self._greet and self._epoch and event.epoch != self._epoch:
            self._cursor.reset(0)  # what the client has is of another journal
        elif self._greet and event.last_seq < self._cursor.last_seq:
            self._cursor.reset(event.last_seq)  # nobody can have more than there is
        self._failures = 0
        self._conversation, self._epoch = event.conversation, event.epoch
        self.state = State.LIVE
        actions: list[Action] = [Send(self._welcome(event))] if self._greet else []
        self._greet = False
        actions.extend(Offer(message) for message in self._pending)
        if self._suggest is not None:
            actions.append(Offer(self._suggest))
            self._suggest = None
        return actions

    def _welcome(self, event: Opened) -> frames.Welcome:
        return frames.Welcome(
            conversation=event.conversation,
            epoch=event.epoch,
            last_seq=event.last_seq,
            heartbeat_s=self._limits.heartbeat_s,
            token=self._token,
            resumed=event.resumed,
            language=event.language,
            state=event.state,
        )

    def _on_ack(self, event: frames.Ack, now_s: float) -> list[Action]:
        self._pending.settle(event.client_msg_id)
        if event.turn and not event.duplicate and len(self._turns) < _MAX_TURNS:
            self._turns.add(event.turn)
        return [Send(event)]

    def _on_delta(self, event: frames.Delta, now_s: float) -> list[Action]:
        return [Send(event)] if self._cursor.delta(event) else []

    def _on_entry(self, event: frames.Entry, now_s: float) -> list[Action]:
        place = self._cursor.entry(event.seq)
        if place is Place.SEEN:
            return []
        if place is Place.BEYOND_HOLE:  # never pass on a hole: ask for the replay from where the client stands
            return self._reopen(State.RECONNECTING, now_s)
        if event.turn and event.author != "customer":
            self._end_turn(event.turn)
        return [Send(event)]

    def _on_gap(self, event: frames.Gap, now_s: float) -> list[Action]:
        return [Send(event)] if self._cursor.gap(event) else []

    def _on_caught_up(self, event: frames.CaughtUp, now_s: float) -> list[Action]:
        announced, self._announce = self._announce, False
        return [Send(event)] if announced else []

    def _on_turn_ended(self, event: frames.TurnEnded, now_s: float) -> list[Action]:
        self._end_turn(event.turn)
        return [Send(event)]

    def _on_error(self, event: frames.Error, now_s: float) -> list[Action]:
        if event.client_msg_id:
            self._pending.settle(event.client_msg_id)
        return [Send(event)]

    def _pass_on(self, event: frames.Suggestions | frames.Typing, now_s: float) -> list[Action]:
        return [Send(event)]

    def _end_turn(self, turn: str) -> None:
        self._turns.discard(turn)
        self._cursor.turn_over(turn)

    # ---- time, drain, end ---------------------------------------------------------------------------------------

    def tick(self, now_s: float) -> list[Action]:
        """Time passed; to be called no later than `due_at_s` and as often as one likes."""
        if self.state is State.CLOSED:
            return []
        limit_s = self._time_limit_s()
        if limit_s is not None and now_s - self._since_s >= limit_s:
            if self.state is State.AWAITING_HELLO:
                return [self._error("HELLO_REQUIRED"), self._close(CloseCode.TIMEOUT, "hello required")]
            return [self._error("UNAVAILABLE"), self._close(CloseCode.UNAVAILABLE, "orchestrator unreachable")]
        pulse = self._heartbeat.beat(now_s)
        if pulse is Pulse.DEAD:
            return [self._close(CloseCode.TIMEOUT, "heartbeat missed")]
        return [Send(frames.ServerPing(t=round(now_s * 1000)))] if pulse is Pulse.ASK else []

    def drain(self) -> list[Action]:
        """The edge is going away: end now if nothing is in flight, else as soon as it is answered."""
        self.draining = True
        if self.state is State.CLOSED:
            return []
        return [self._close_drained()] if self.idle or self.state is not State.LIVE else []

    def end_drain(self) -> list[Action]:
        """The time for draining is over."""
        return [] if self.state is State.CLOSED else [self._close_drained()]

    def gone(self) -> None:
        """The client is gone; nothing more is to be done for it."""
        self.state = State.CLOSED

    def _close_drained(self) -> Close:
        # Spread the return of the crowd: the client waits this long before it reconnects.
        return self._close(CloseCode.DRAINING, f"retry_after_ms={self._rng.randrange(100, 3000)}")

    def _time_limit_s(self) -> float | None:
        return {
            State.AWAITING_HELLO: self._limits.hello_s,
            State.OPENING: self._limits.opening_s,
            State.RECONNECTING: self._limits.patience_s,
        }.get(self.state)

    def _open_for_client(self, now_s: float) -> list[Action]:
        self._greet = self._announce = True
        return self._reopen(State.OPENING, now_s)

    def _reopen(self, state: State, now_s: float) -> list[Action]:
        self.state, self._since_s = state, now_s
        self.generation += 1
        return [OpenUpstream()]

    def _error(self, reason: str, *, client_msg_id: str | None = None, retry_after_ms: int | None = None) -> Send:
        return Send(
            error_frame(
                reason, self._language, self._trace_id, client_msg_id=client_msg_id, retry_after_ms=retry_after_ms
            )
        )

    def _close(self, code: CloseCode, reason: str) -> Close:
        self.state = State.CLOSED
        return Close(code, reason)


_ON_FRAME: dict[type[Any], Callable[[Session, Any, float], list[Action]]] = {
    frames.Hello: Session._on_hello,
    frames.Message: Session._on_message,
    frames.Suggest: Session._on_suggest,
    frames.TypingSignal: Session._on_typing,
    frames.Resume: Session._on_resume,
    frames.Feedback: Session._on_effect,
    frames.Stop: Session._on_effect,
    frames.ClientPing: Session._on_ping,
    frames.ClientPong: Session._on_pong,
}
_ON_EVENT: dict[type[Any], Callable[[Session, Any, float], list[Action]]] = {
    Opened: Session._on_opened,
    frames.Ack: Session._on_ack,
    frames.Delta: Session._on_delta,
    frames.Entry: Session._on_entry,
    frames.Gap: Session._on_gap,
    frames.CaughtUp: Session._on_caught_up,
    frames.TurnEnded: Session._on_turn_ended,
    frames.Error: Session._on_error,
    frames.Suggestions: Session._pass_on,
    frames.Typing: Session._pass_on,
}
