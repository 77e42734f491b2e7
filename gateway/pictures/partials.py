"""Uploads that are not complete yet: the last bytes in memory, the rest in the store.

Parts lie in the object store under their visitor, so that an upload goes on at any gateway after its connection broke.
A part's name says whose upload it is of, where in it it belongs and who wrote it, so parts are never written over: two
gateways that hold the same upload for a moment cannot spoil each other's.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gateway.edge.actions import Visitor
from gateway.edge.uploads import unknown
from gateway.pictures.names import prefixes_of
from gateway.pictures.store import Listed, ObjectStore, erase
from gateway.upload_frames import Upload
from servicekit.errors import Code, ServiceError, exhausted

PART_BYTES = 256 * 1024  # what a gateway holds in memory of one upload
MEMORY_BYTES = 64 * 1024 * 1024  # what it holds of all of them; beyond, parts are as small as they come
MAX_UNFINISHED = 6
MAX_UNFINISHED_BYTES = 20 * 1024 * 1024
_RETRY_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class _Part:
    """`<prefix of the upload>/<mark>-<offset>-<size>-<writer>`."""

    name: str
    mark: str
    offset: int
    size: int

    @property
    def end(self) -> int:
        return self.offset + self.size


@dataclass
class Room:
    """How much unfinished work this process has, in memory and in the store.

    Attributes:
        limit_bytes: At most so much in the store at a time.
        life_s: After this long the store has dropped what was put there.
        clock: Monotonic seconds.
    """

    limit_bytes: int
    life_s: float
    clock: Callable[[], float] = time.monotonic
    taken_bytes: int = 0
    memory_bytes: int = 0
    _parts: OrderedDict[str, tuple[float, int]] = field(default_factory=OrderedDict)

    def take(self, name: str, size: int) -> None:
        """Notes a part that is about to be written.

        Raises:
            ServiceError: OVERLOADED (429).
        """
        now_s = self.clock()
        while self._parts and now_s - next(iter(self._parts.values()))[0] > self.life_s:
            self.give(next(iter(self._parts)))
        if self.taken_bytes + size > self.limit_bytes:
            raise exhausted("OVERLOADED", "too many unfinished uploads, try again later", retry_after_s=_RETRY_AFTER_S)
        self._parts[name] = (now_s, size)
        self.taken_bytes += size

    def give(self, name: str) -> None:
        """Forgets a part that is gone; one that another process wrote is none of ours."""
        _, size = self._parts.pop(name, (0.0, 0))
        self.taken_bytes -= size


class Partial:
    """One upload that is under way; made by `Partials.open`."""

    def __init__(self, store: ObjectStore, prefix: str, mark: str, parts: list[_Part], room: Room) -> None:
        self._store, self._prefix, self._mark, self._room = store, prefix, mark, room
        self._chain = _longest(parts)
        self._names = {part.name for part in parts}
        self._tail = bytearray()
        self._writer = secrets.token_hex(4)
        self._kept = self._chain[-1].end if self._chain else 0

    @property
    def received(self) -> int:
        """How many bytes are there, without a hole."""
        return self._kept + len(self._tail)

    async def append(self, data: bytes) -> None:
        """Adds bytes at the end.

        Raises:
            ServiceError: STORE_UNAVAILABLE (503) or OVERLOADED (429); they are in memory all the same.
        """
        self._tail += data
        self._room.memory_bytes += len(data)
        if len(self._tail) >= PART_BYTES or self._room.memory_bytes > MEMORY_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Puts what is in memory into the store.

        Raises:
            ServiceError: STORE_UNAVAILABLE or OVERLOADED.
        """
        if not self._tail:
            return
        data = bytes(self._tail)
        name = f"{self._prefix}{self._mark}-{self._kept}-{len(data)}-{self._writer}"
        self._room.take(name, len(data))
        try:
            await self._store.put(name, data)
        except ServiceError:
            self._room.give(name)
            raise
        self._names.add(name)
        self._chain.append(_Part(name, self._mark, self._kept, len(data)))
        self._kept += len(data)
        self.let_go()

    def let_go(self) -> None:
        """Drops what is in memory only."""
        self._room.memory_bytes -= len(self._tail)
        self._tail.clear()

    async def read(self) -> bytes:
        """All bytes.

        Raises:
            ServiceError: UPLOAD_NOT_FOUND (404) when a part is gone; STORE_UNAVAILABLE.
        """
        pieces = []
        for part in self._chain:
            try:
                pieces.append(await self._store.get(part.name))
            except ServiceError as error:
                raise unknown() if error.code is Code.NOT_FOUND else error from None
        return b"".join((*pieces, bytes(self._tail)))

    async def discard(self) -> None:
        """Removes every part of it.

        Raises:
            ServiceError: STORE_UNAVAILABLE; what is left expires.
        """
        self.let_go()
        for name in self._names:
            self._room.give(name)
        for name in tuple(self._names):
            await self._store.delete(name)
            self._names.discard(name)


class Partials:
    """Finds unfinished uploads in the store.

    Args:
        store: Where the parts are.
        life_s: How long an upload that rests is kept.
        limit_bytes: How much unfinished work this process may have in the store.
        clock: Wall clock in seconds since 1970, for the ages of parts.
    """

    def __init__(
        self, store: ObjectStore, *, life_s: float, limit_bytes: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._store, self._life_s, self._clock = store, life_s, clock
        self._room = Room(limit_bytes, life_s)

    async def open(self, owner: Visitor, upload: Upload) -> Partial:
        """What is there of an upload; nothing is there of one that is new.

        A visitor has few unfinished uploads: the oldest make room for a new one.

        Raises:
            ServiceError: STORE_UNAVAILABLE (503).
        """
        mine = prefixes_of(owner.tenant, owner.subject)[1]
        prefix, mark = f"{mine}{_digest(upload.upload_id)}/", _mark(upload)
        alive = await self._alive([item async for item in self._store.list(mine)])
        parts = [part for item in alive if item.name.startswith(prefix) and (part := _part(item)) and part.mark == mark]
        names = {part.name for part in parts}
        await self._make_room([item for item in alive if item.name not in names], upload.size)
        return Partial(self._store, prefix, mark, parts, self._room)

    async def discard(self, owner: Visitor, upload_id: str) -> None:
        """Removes what there is under an upload's id, whatever was declared.

        Raises:
            ServiceError: STORE_UNAVAILABLE; what is left expires.
        """
        await erase(self._store, f"{prefixes_of(owner.tenant, owner.subject)[1]}{_digest(upload_id)}/")

    async def _alive(self, items: list[Listed]) -> list[Listed]:
        """Those that do not go away while they are used; the others are removed now."""
        oldest_s = self._clock() - self._life_s
        for item in items:
            if item.changed_at_s < oldest_s:
                await self._store.delete(item.name)
        return [item for item in items if item.changed_at_s >= oldest_s]

    async def _make_room(self, others: Iterable[Listed], size: int) -> None:
        uploads: dict[str, list[Listed]] = {}
        for item in sorted(others, key=lambda item: item.changed_at_s, reverse=True):
            uploads.setdefault(item.name.rpartition("/")[0], []).append(item)
        left_bytes = MAX_UNFINISHED_BYTES - size
        for number, items in enumerate(uploads.values(), start=1):  # the newest first
            left_bytes -= sum(item.size for item in items)
            if number >= MAX_UNFINISHED or left_bytes < 0:
                for item in items:
                    await self._store.delete(item.name)
                    self._room.give(item.name)


def _digest(upload_id: str) -> str:
    return hashlib.sha256(upload_id.encode()).hexdigest()[:32]


def _mark(upload: Upload) -> str:
    """What was declared: bytes that were declared as something else are of another upload."""
    told = (upload.media_type, str(upload.size), upload.name or "", (upload.sha256 or "").lower())
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _part(item: Listed) -> _Part | None:
    """The part that an object is; None for one that is not whole or not ours."""
    pieces = item.name.rpartition("/")[2].split("-")
    if len(pieces) != 4 or not pieces[1].isdigit() or pieces[2] != str(item.size):
        return None
    return _Part(item.name, pieces[0], int(pieces[1]), item.size)


def _longest(parts: Iterable[_Part]) -> list[_Part]:
    """The chain without holes from 0 that reaches furthest."""
    best: dict[int, tuple[int, list[_Part]]] = {}
    for part in sorted(parts, key=lambda part: part.offset, reverse=True):
        reach, rest = best.get(part.end, (part.end, []))
        if reach > best.get(part.offset, (0, []))[0]:
            best[part.offset] = (reach, [part, *rest])
    return best.get(0, (0, []))[1]
