"""What a close code means, and how long to stay away."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum


class Verdict(Enum):
    """What a client does after a close."""

    RECONNECT = "reconnect"
    RENEW = "renew"
    STOP = "stop"


_VERDICTS = {
    1000: Verdict.STOP,
    1002: Verdict.STOP,
    1007: Verdict.STOP,
    1009: Verdict.STOP,
    4400: Verdict.STOP,
    4401: Verdict.STOP,
    4403: Verdict.RENEW,
    4413: Verdict.STOP,
}
_TOO_FAST = 4429
_TOO_FAST_S = 5.0
_BASE_S = 0.5
_CAP_S = 20.0
_HINT = re.compile(r"retry_after_ms=(\d{1,6})")


def verdict_of(code: int) -> Verdict:
    """The meaning of a close code; an unknown one (1006: the network broke) means to come back."""
    return _VERDICTS.get(code, Verdict.RECONNECT)


def delay_s(failures: int, code: int, reason: str, random: Callable[[], float]) -> float:
    """Exponential back-off with full jitter, on top of what the server asks for.

    M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
    """
    hint = _HINT.search(reason)
    floor = _TOO_FAST_S if code == _TOO_FAST else int(hint[1]) / 1000 if hint else 0.0
    backoff: float = random() * min(_CAP_S, _BASE_S * 2.0 ** min(failures, 30))
    return floor + backoff
