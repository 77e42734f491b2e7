"""How many pictures one visitor may send: so many a minute, and few at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.edge.actions import Visitor
from servicekit.errors import exhausted

_AT_ONCE = 3


class Quota:
    """What visitors may send.

    Args:
        spend: Takes one picture off a visitor's allowance, which gateways share; the seconds to wait, 0: none.
    """

    def __init__(self, spend: Callable[[Visitor], float]) -> None:
        self._spend = spend
        self._running: dict[tuple[str, str], int] = {}

    def spend(self, visitor: Visitor) -> None:
        """Takes one picture off what the visitor may send.

        Raises:
            ServiceError: RATE_LIMITED (429), with when to try again.
        """
        if (wait_s := self._spend(visitor)) > 0.0:
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
