"""A store in memory for tests that need to break it or to turn its clock; the store's contract runs against it too."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable

from gateway.pictures.store import Listed, checked_name, checked_prefix, missing, out_of_reach


class MemoryStore:
    """Objects in a dictionary; `down` makes every call fail."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.objects: dict[str, tuple[bytes, float]] = {}
        self.down = False
        self._clock = clock

    def _up(self) -> None:
        if self.down:
            raise out_of_reach()

    async def put(self, name: str, data: bytes) -> None:
        self._up()
        self.objects[checked_name(name)] = (data, self._clock())

    async def get(self, name: str) -> bytes:
        self._up()
        if checked_name(name) not in self.objects:
            raise missing()
        return self.objects[name][0]

    async def delete(self, name: str) -> None:
        self._up()
        self.objects.pop(checked_name(name), None)

    async def list(self, prefix: str) -> AsyncIterator[Listed]:
        self._up()
        checked_prefix(prefix)
        for name, (data, changed_at_s) in tuple(self.objects.items()):
            if name.startswith(prefix):
                yield Listed(name, len(data), changed_at_s)
