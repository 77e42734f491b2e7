"""The bounds of one edge session, and its token bucket."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.frames import MAX_FRAME_BYTES


@dataclass(frozen=True)
class Limits:
    """What one connection may do and how long the edge waits for it.

    Attributes:
        heartbeat_s: Silence after which the edge asks; two unanswered asks end the connection.
        hello_s: Time for the first `hello`.
        opening_s: Time for the orchestrator to open the conversation after `hello`.
        away_s: Time that an orchestrator may be out of reach before the client of a live connection is told.
        ack_s: Time that a message may go unheard before the client is told the same: an orchestrator that hangs keeps
            its stream, and says nothing.
        patience_s: Time that a live connection outlasts an orchestrator that is out of reach.
        max_frame_bytes: Largest frame.
        max_pending: Messages without an ack.
        max_strikes: Bad frames before the connection is given up.
        frames_per_s: Frames a second in the long run.
        frame_burst: Frames at once.
        max_limited: Frames refused for speed, in a row, before the connection is closed.
        upload_life_s: Time that an upload may rest before what there is of it is dropped.
        reconnect_base_s: First back-off towards the orchestrator.
        reconnect_cap_s: Longest back-off towards the orchestrator.
    """

    heartbeat_s: float = 25.0
    hello_s: float = 10.0
    opening_s: float = 10.0
    away_s: float = 3.0
    ack_s: float = 5.0
    patience_s: float = 60.0
    max_frame_bytes: int = MAX_FRAME_BYTES
    max_pending: int = 32
    max_strikes: int = 20
    frames_per_s: float = 20.0
    frame_burst: int = 60
    max_limited: int = 200
    upload_life_s: float = 3600.0
    reconnect_base_s: float = 0.1
    reconnect_cap_s: float = 3.0


class TokenBucket:
    """Lets `rate_per_s` through in the long run and `burst` at once."""

    __slots__ = ("_burst", "_filled_at_s", "_rate_per_s", "_tokens")

    def __init__(self, rate_per_s: float, burst: int, now_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._burst = float(burst)
        self._tokens = float(burst)
        self._filled_at_s = now_s

    def take(self, now_s: float) -> float:
        """Takes one token.

        Returns:
            0 when there was one, else the seconds until there will be.
        """
        elapsed_s = max(0.0, now_s - self._filled_at_s)
        self._tokens = min(self._burst, self._tokens + elapsed_s * self._rate_per_s)
        self._filled_at_s = now_s
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._rate_per_s
