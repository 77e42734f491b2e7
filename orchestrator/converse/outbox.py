"""What waits to be sent to one client, bounded."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from servicekit.errors import ServiceError

EventT = TypeVar("EventT")


class Credit:
    """How many more events the other side welcomes.

    Args:
        events: So many at first; None: any number at all times, the transport below holds them back.
    """

    __slots__ = ("_left", "on_added")

    def __init__(self, events: int | None = None) -> None:
        self._left = events
        self.on_added: Callable[[], None] = lambda: None

    def __bool__(self) -> bool:
        """Whether one more is welcome."""
        return self._left is None or self._left > 0

    def add(self, events: int) -> None:
        """So many more are."""
        if self._left is not None:
            self._left += events
            self.on_added()

    def spend(self) -> None:
        """One is on its way."""
        if self._left is not None:
            self._left -= 1


class Outbox(Generic[EventT]):
    """A bounded queue with an end: either all was said, or an error.

    Args:
        limit: Events that may wait.
        credit: How many may be taken.
    """

    def __init__(self, limit: int, credit: Credit) -> None:
        self._limit = limit
        self._credit = credit
        self._waiting: deque[EventT] = deque()
        self._changed = asyncio.Event()
        credit.on_added = self._changed.set
        self._room = asyncio.Event()
        self._room.set()
        self._over = False
        self._error: ServiceError | None = None

    def offer(self, events: Iterable[EventT]) -> bool:
        """Adds live events; False when they do not fit, and then none of the rest is added."""
        for event in events:
            if self._over:
                return True
            if len(self._waiting) >= self._limit:
                return False
            self._add(event)
        return True

    async def put(self, events: Iterable[EventT]) -> None:
        """Adds replayed events, at the pace at which the client reads."""
        for event in events:
            while len(self._waiting) >= self._limit // 2 and not self._over:
                self._room.clear()
                await self._room.wait()
            self._add(event)

    def _add(self, event: EventT) -> None:
        self._waiting.append(event)
        self._changed.set()

    def end(self, error: ServiceError | None = None) -> None:
        """Nothing follows what waits now; with an error, what waits is dropped."""
        if not self._over:
            self._over, self._error = True, error
            if error is not None:
                self._waiting.clear()
            self._changed.set()
            self._room.set()

    async def get(self) -> EventT | None:
        """The next event; None at the end.

        Raises:
            ServiceError: The error that it ended with.
        """
        while not (self._waiting and self._credit):
            if self._over and not self._waiting:
                if self._error is not None:
                    raise self._error
                return None
            self._changed.clear()
            await self._changed.wait()
        event = self._waiting.popleft()
        self._credit.spend()
        self._room.set()
        return event
