"""Many streams over one: what waits for the wire, lane by lane.

Both ends of a shared stream put here what they have to say and take out what fits into one message. Lanes take turns,
so that one with a long replay does not stand before a hundred with a word each; within a lane order is kept.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Generic, TypeVar

from servicekit.errors import ServiceError

BATCH_BYTES = 256 * 1024
BATCH_ITEMS = 1024

Item = TypeVar("Item")


class LaneQueue(Generic[Item]):
    """Items of many lanes, for one taker.

    It has no bound of its own: each lane's credit bounds what it may have here.
    """

    __slots__ = ("_behind", "_error", "_over", "_turns", "_waiter")

    def __init__(self) -> None:
        self._turns: deque[tuple[int, Item, int]] = deque()  # of each lane that has something, the first
        self._behind: dict[int, deque[tuple[int, Item, int]]] = {}  # the rest; a key for each lane in `_turns`
        self._waiter: asyncio.Future[None] | None = None
        self._over = False
        self._error: ServiceError | None = None

    def put(self, lane: int, item: Item, size_bytes: int = 0) -> None:
        """Adds an item at the end of its lane; after the end it is dropped."""
        if self._over:
            return
        behind = self._behind.get(lane)
        if behind is None:
            self._behind[lane] = _NOTHING
            self._turns.append((lane, item, size_bytes))
            self._wake()
        elif behind is _NOTHING:
            self._behind[lane] = deque([(lane, item, size_bytes)])
        else:
            behind.append((lane, item, size_bytes))

    def drop(self, lane: int) -> None:
        """Forgets what waits of a lane."""
        if self._behind.pop(lane, None) is not None:
            self._turns = deque(turn for turn in self._turns if turn[0] != lane)

    def end(self, error: ServiceError | None = None) -> None:
        """Nothing follows what waits now; with an error, what waits is dropped."""
        if not self._over:
            self._over, self._error = True, error
            if error is not None:
                self._turns.clear()
                self._behind.clear()
            self._wake()

    async def batch(self) -> list[tuple[int, Item]]:
        """Waits for something, then takes what fits into one message; nothing at the end.

        Raises:
            ServiceError: The error that it ended with.
        """
        while not self._turns:
            if self._over:
                if self._error is not None:
                    raise self._error
                return []
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._take()

    def _take(self) -> list[tuple[int, Item]]:
        taken: list[tuple[int, Item]] = []
        turns, left = self._turns, BATCH_BYTES
        while turns and len(taken) < BATCH_ITEMS:
            lane, item, size_bytes = turns[0]
            left -= size_bytes
            if left < 0 and taken:
                break
            turns.popleft()
            taken.append((lane, item))
            behind = self._behind[lane]
            if behind:
                turns.append(behind.popleft())
            else:
                del self._behind[lane]
        return taken

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


_NOTHING: deque[Any] = deque(maxlen=0)  # stands for "none behind", so that a lone item costs no queue
