"""Whether the client is still there."""

from __future__ import annotations

from enum import Enum

_MAX_MISSED = 2


class Pulse(Enum):
    """What the heartbeat wants now."""

    QUIET = "quiet"
    ASK = "ask"
    DEAD = "dead"


class Heartbeat:
    """Asks after `interval_s` of silence, and gives up after two asks without any frame in answer."""

    __slots__ = ("_interval_s", "_missed", "_next_at_s")

    def __init__(self, interval_s: float, now_s: float) -> None:
        self._interval_s = interval_s
        self._next_at_s = now_s + interval_s
        self._missed = 0

    @property
    def due_at_s(self) -> float:
        """When `beat` is next of use."""
        return self._next_at_s

    def heard(self, now_s: float) -> None:
        """A frame of the client arrived."""
        self._next_at_s = now_s + self._interval_s
        self._missed = 0

    def beat(self, now_s: float) -> Pulse:
        """What to do at this moment."""
        if now_s < self._next_at_s:
            return Pulse.QUIET
        if self._missed >= _MAX_MISSED:
            return Pulse.DEAD
        self._missed += 1
        self._next_at_s = now_s + self._interval_s
        return Pulse.ASK
