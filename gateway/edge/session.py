"""One client's connection as pure decisions: no socket, no gRPC, no clock, no task.

The runtime feeds it frames, upstream events and ticks, each with the time, and carries out the actions that come back,
in order. It keeps the promises of the protocol: entries reach the client once and in order, a message is offered to
the orchestrator until it is acknowledged, and whatever goes wrong is told in a typed frame or a close code.

What each frame means is in `from_client`, what each event means in `from_upstream`; here is what holds for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.edge.actions import Action, HistoryPage, OpenUpstream, Send, UpstreamEvent
from gateway.edge.core import SessionCore, State, unix_s
from gateway.edge.from_client import ON_FRAME, admit_message, turned_away, uploads_of
from gateway.edge.from_upstream import ON_EVENT
from gateway.edge.heartbeat import Pulse
from gateway.errors import close_code_of, error_frame, public_reason
from gateway.upload_frames import decode_chunk
from servicekit.errors import ServiceError
from servicekit.resilience import backoff

_NOTICE_S = 60.0  # before its token ends, the client is told
_GRACE_S = 30.0  # after its end, the client may still bring another

__all__ = ["Session", "State"]


class Session(SessionCore):
    """The edge's side of one connection; see `SessionCore` for what it is made from."""

    __slots__ = ()

    @property
    def due_at_s(self) -> float:
        """When `tick` is next of use."""
        limit_s = self.time_limit_s()
        due_s = min(self.heartbeat.due_at_s, self.expires_s + (_GRACE_S if self.warned else -_NOTICE_S))
        if self.uploads is not None:
            due_s = min(due_s, self.uploads.due_at_s)
        due_s = min(due_s, self._told_away_at_s())
        return due_s if limit_s is None else min(due_s, self.since_s + limit_s)

    def _told_away_at_s(self) -> float:
        """When the client is told that the orchestrator is out of reach."""
        if self.away:
            return math.inf
        if self.state is State.RECONNECTING:
            return self.since_s + self.limits.away_s
        return self.unheard_s + self.limits.ack_s if self.pending and self.state is State.LIVE else math.inf

    # ---- from the client ----------------------------------------------------------------------------------------

    def receive(self, data: str | bytes, now_s: float) -> list[Action]:
        """A text frame arrived."""
        if self.state is State.CLOSED:
            return []
        self.heartbeat.heard(now_s)
        if len(data) > self.limits.max_frame_bytes:
            return [self.error("FRAME_TOO_LARGE"), self.close(CloseCode.TOO_LARGE, "frame too large")]
        wait_s = self.bucket.take(now_s)
        try:
            frame = frames.decode(data)
        except frames.BadFrame as bad:
            return self._bad(bad)
        if wait_s > 0.0:
            return self._too_fast(wait_s, *_identity(frame))
        self.limited = 0
        if self.state is State.AWAITING_HELLO and not isinstance(frame, frames.Hello):
            return [self.error("HELLO_REQUIRED"), self.close(CloseCode.PROTOCOL, "hello required")]
        return ON_FRAME[type(frame)](self, frame, now_s)

    def kept(self, frame: frames.Message, image: str, now_s: float) -> list[Action]:
        """The picture in a message is kept as `image`: from here on it is a message that names it."""
        if self.state is State.CLOSED:
            return []
        return admit_message(self, frames.Message(client_msg_id=frame.client_msg_id, image=image), now_s)

    def fetched(self, query: frames.HistoryQuery, page: HistoryPage) -> list[Action]:
        """The page that was asked for is there."""
        if self.state is State.CLOSED:
            return []
        if page.epoch != self.epoch:  # of a journal that has been replaced meanwhile
            return [self.error("RECONNECTING", history_id=query.history_id, retry_after_ms=1000)]
        return [Send(frames.History(history_id=query.history_id, entries=page.entries, has_more=page.has_more))]

    def not_fetched(self, query: frames.HistoryQuery, error: ServiceError) -> list[Action]:
        """The page cannot be had."""
        return [] if self.state is State.CLOSED else [self.fault(error, history_id=query.history_id)]

    def refuse(self, client_msg_id: str, error: ServiceError) -> list[Action]:
        """The picture of a message cannot be kept or had: the message is off."""
        if self.state is State.CLOSED:
            return []
        self.pending.settle(client_msg_id)
        return [self.fault(error, client_msg_id=client_msg_id)]

    def receive_binary(self, data: bytes, now_s: float) -> list[Action]:
        """A binary frame arrived: a piece of an upload."""
        if self.state is State.CLOSED:
            return []
        self.heartbeat.heard(now_s)
        if self.state is State.AWAITING_HELLO:
            return [self.error("HELLO_REQUIRED"), self.close(CloseCode.PROTOCOL, "hello required")]
        chunk = decode_chunk(data)
        if chunk is None:
            return self.strike(error_frame("INVALID_CHUNK", self.language, self.trace_id))
        uploads = uploads_of(self)
        # Whole chunks that an upload waits for are free: their number is bounded by its size, their speed by the store.
        if not uploads.takes(chunk) and (wait_s := self.bucket.take(now_s)) > 0.0:
            return self._too_fast(wait_s, None, chunk.upload_id)
        return uploads.chunk(chunk, now_s)

    def located(self, upload_id: str, offset: int, wall_s: float, now_s: float) -> list[Action]:
        """So much of an upload is in the store; `wall_s` is this moment in seconds since 1970."""
        return [] if self.state is State.CLOSED else uploads_of(self).located(upload_id, offset, wall_s, now_s)

    def upload_finished(self, upload_id: str, image: frames.ImageView) -> list[Action]:
        """An upload has become a picture."""
        return [] if self.state is State.CLOSED else uploads_of(self).finished(upload_id, image)

    def upload_failed(self, upload_id: str, error: ServiceError) -> list[Action]:
        """An upload cannot go on."""
        return [] if self.state is State.CLOSED else uploads_of(self).failed(upload_id, error)

    def _bad(self, bad: frames.BadFrame) -> list[Action]:
        return self.strike(
            error_frame(
                bad.reason,
                self.language,
                self.trace_id,
                client_msg_id=bad.client_msg_id,
                field=bad.field or None,
                detail=bad.detail,
                upload_id=bad.upload_id,
                history_id=bad.history_id,
            )
        )

    def _too_fast(
        self,
        wait_s: float,
        client_msg_id: str | None = None,
        upload_id: str | None = None,
        history_id: str | None = None,
    ) -> list[Action]:
        self.limited += 1
        if self.limited > self.limits.max_limited:
            return [self.error("RATE_LIMITED"), self.close(CloseCode.RATE_LIMITED, "too many frames")]
        retry_after_ms = max(1, round(wait_s * 1000))
        return [
            self.error(
                "RATE_LIMITED",
                client_msg_id=client_msg_id,
                upload_id=upload_id,
                history_id=history_id,
                retry_after_ms=retry_after_ms,
            )
        ]

    # ---- from the orchestrator ----------------------------------------------------------------------------------

    def upstream(self, event: UpstreamEvent, generation: int, now_s: float) -> Sequence[Action]:
        """Something came down the upstream stream that was opened as `generation`."""
        if self.state is State.CLOSED or generation != self.generation:
            return []
        self.unheard_s = now_s
        actions = ON_EVENT[type(event)](self, event, now_s)
        if self.away and self.state is State.LIVE:
            self.away = False
            actions.append(Send(frames.Service(available=True)))
        if self.draining and self.idle and self.state is State.LIVE:
            actions.append(self.close_drained())
        return actions

    def upstream_lost(self, error: ServiceError, generation: int, now_s: float) -> list[Action]:
        """The upstream stream of `generation` ended or could not be opened."""
        if self.state is State.CLOSED or generation != self.generation:
            return []
        close = close_code_of(error)
        if close is not None:
            return [self.fault(error), self.close(close, public_reason(error))]
        if self.state is State.LIVE:
            self.state, self.since_s = State.RECONNECTING, now_s
        if self.draining and self.idle:
            return [self.close_drained()]
        limits = self.limits
        delay_s = backoff(self.failures, base_s=limits.reconnect_base_s, cap_s=limits.reconnect_cap_s, rng=self.rng)
        self.failures += 1
        self.generation += 1
        return [OpenUpstream(max(delay_s, error.retry_after_s or 0.0))]

    # ---- time, drain, end ---------------------------------------------------------------------------------------

    def tick(self, now_s: float) -> list[Action]:
        """Time passed; to be called no later than `due_at_s` and as often as one likes."""
        if self.state is State.CLOSED:
            return []
        limit_s = self.time_limit_s()
        if limit_s is not None and now_s - self.since_s >= limit_s:
            if self.state is State.AWAITING_HELLO:
                return [self.error("HELLO_REQUIRED"), self.close(CloseCode.TIMEOUT, "hello required")]
            return [self.error("UNAVAILABLE"), self.close(CloseCode.UNAVAILABLE, "orchestrator unreachable")]
        if now_s >= self._told_away_at_s():
            self.away = True
            return [Send(frames.Service(available=False))]
        if now_s >= self.expires_s - _NOTICE_S and not self.warned:
            self.warned = True
            return [Send(frames.Expiring(expires_at=unix_s(self.visitor.expires_at_s)))]
        if now_s >= self.expires_s + _GRACE_S:
            return [self.error("TOKEN_EXPIRED"), self.close(CloseCode.FORBIDDEN, "TOKEN_EXPIRED")]
        pulse = self.heartbeat.beat(now_s)
        if pulse is Pulse.DEAD:
            return [self.close(CloseCode.TIMEOUT, "heartbeat missed")]
        told = [] if self.uploads is None else self.uploads.tick(now_s)
        return [*told, Send(frames.ServerPing(t=round(now_s * 1000)))] if pulse is Pulse.ASK else told

    def drain(self) -> list[Action]:
        """The edge is going away: end now if nothing is in flight, else as soon as it is answered."""
        self.draining = True
        if self.state is State.CLOSED:
            return []
        return [self.close_drained()] if self.idle or self.state is not State.LIVE else []

    def end_drain(self) -> list[Action]:
        """The time for draining is over."""
        return [] if self.state is State.CLOSED else [self.close_drained()]

    def expelled(self, error: ServiceError) -> list[Action]:
        """The token that the client came with is taken no more."""
        return [] if self.state is State.CLOSED else turned_away(self, error)

    def gone(self) -> None:
        """The client is gone; nothing more is to be done for it."""
        self.state = State.CLOSED


def _identity(frame: frames.AnyClientFrame) -> tuple[str | None, str | None, str | None]:
    """The ids of message (or rating), upload and page that an error about a frame is told by."""
    message = getattr(frame, "client_msg_id", None) or getattr(frame, "rating_id", None)
    return message, getattr(frame, "upload_id", None), getattr(frame, "history_id", None)
