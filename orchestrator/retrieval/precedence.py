"""Customers first: work that can wait gives way to questions that cannot, where both need the same model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from servicekit.resilience import Clock

_PATIENCE_S = 2.0
_LATELY_S = 5.0


class Precedence:
    """Who uses a model now.

    Args:
        patience_s: So long at most waits what gives way: it gets on, however busy the model is.
        clock: In seconds, monotonic.
        sleep: Passes the time.
    """

    def __init__(
        self, *, patience_s: float = _PATIENCE_S, clock: Clock = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._patience_s, self._clock, self._sleep = patience_s, clock, sleep
        self._asking = 0
        self._last_s: float | None = None
        self._free = asyncio.Event()
        self._free.set()

    @contextmanager
    def customer(self) -> Iterator[None]:
        """While a customer's question is with the model."""
        self._asking += 1
        self._free.clear()
        try:
            yield
        finally:
            self._asking -= 1
            self._last_s = self._clock()
            if not self._asking:
                self._free.set()

    async def give_way(self, used_s: float) -> None:
        """Before the next piece of work that can wait.

        While customers come it leaves the model alone for as long as its last piece had it, so that a question meets
        it half of the time at most, and then waits for one piece.

        Args:
            used_s: How long the last piece took.
        """
        if self._last_s is not None and self._clock() - self._last_s < _LATELY_S:
            await self._sleep(min(used_s, self._patience_s))
        try:
            async with asyncio.timeout(self._patience_s):
                await self._free.wait()
        except TimeoutError:
            return
