"""How many pictures one visitor may send: a token bucket each, and few at once."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.edge.actions import Visitor
from gateway.edge.limits import TokenBucket
from servicekit.errors import exhausted

_MAX_VISITORS = 10_000
_AT_ONCE = 3


class Quota:
    """Buckets of the visitors seen lately, in this process.

    Args:
        per_minute: Pictures a minute in the long run.
        burst: Pictures at once.
        clock: Monotonic seconds.
    """

    def __init__(self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s, self._burst, self._clock = per_minute / 60.0, burst, clock
        self._buckets: OrderedDict[tuple[str, str], TokenBucket] = OrderedDict()
        self._running: dict[tuple[str, str], int] = {}

    def spend(self, visitor: Visitor) -> None:
        """Takes one picture off what the visitor may send.

        Raises:
            ServiceError: RATE_LIMITED (429), with when to try again.
        """
        who, now_s = (visitor.tenant, visitor.subject), self._clock()
        bucket = self._buckets.pop(who, None) or TokenBucket(self._per_s, self._burst, now_s)
        self._buckets[who] = bucket
        if len(self._buckets) > _MAX_VISITORS:
            self._buckets.popitem(last=False)
        if (wait_s := bucket.take(now_s)) > 0.0:
            raise exhausted("RATE_LIMITED", "too many pictures, wait a moment", retry_after_s=wait_s)

    @contextmanager
    def place(self, visitor: Visitor) -> Iterator[None]:
        """Holds one of the visitor's few places for an upload that is being read.

        Raises:
            ServiceError: RATE_LIMITED (429).
        """
        who = (visitor.tenant, visitor.subject)
        if self._running.get(who, 0) >= _AT_ONCE:
            raise exhausted("RATE_LIMITED", "too many pictures at once, wait for one", retry_after_s=1.0)
        self._running[who] = self._running.get(who, 0) + 1
        try:
            yield
        finally:
            self._running[who] -= 1
            if not self._running[who]:
                del self._running[who]
