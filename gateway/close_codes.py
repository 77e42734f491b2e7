"""WebSocket close codes of the edge, and what a client does after each."""

from __future__ import annotations

from enum import IntEnum


class CloseCode(IntEnum):
    """Why the edge ends a connection. `reconnects` says whether the client should come back by itself."""

    BYE = 1000
    DRAINING = 1012
    PROTOCOL = 4400
    TOKEN_INVALID = 4401
    FORBIDDEN = 4403
    TIMEOUT = 4408
    REPLACED = 4409
    TOO_SLOW = 4410
    TOO_LARGE = 4413
    RATE_LIMITED = 4429
    UNAVAILABLE = 4503

    @property
    def reconnects(self) -> bool:
        """True: reconnect (with back-off) and resume. False: stop, or get a new token first (4403)."""
        return self in _RECONNECT


_RECONNECT = frozenset(
    {
        CloseCode.DRAINING,
        CloseCode.TIMEOUT,
        CloseCode.REPLACED,
        CloseCode.TOO_SLOW,
        CloseCode.RATE_LIMITED,
        CloseCode.UNAVAILABLE,
    }
)
