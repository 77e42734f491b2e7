"""Where pictures are kept: a port, and the folder that is its default.

Objects are named by the edge, never by clients, and are written whole or not at all. A name is two or three segments,
`room/owner/object`, so that what is somebody's lies under one prefix and can be erased by it.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from servicekit.errors import ServiceError, not_found, unavailable

P = ParamSpec("P")
T = TypeVar("T")
_SEGMENT = r"[a-z0-9][a-z0-9-]{0,63}"
_NAME = re.compile(rf"{_SEGMENT}(/{_SEGMENT}){{1,3}}(\.[a-z0-9]{{1,16}}){{0,2}}")
_PREFIX = re.compile(rf"({_SEGMENT}/){{1,3}}")
_DRAFTS = ".drafts"
_DRAFT_LIFE_S = 3600.0
_RETRY_AFTER_S = 2.0
_TRIES = 20
_AT_ONCE = 16  # objects that are removed at once


@dataclass(frozen=True, slots=True)
class Listed:
    """An object that is there; `changed_at_s` is seconds since 1970 on the store's clock."""

    name: str
    size: int
    changed_at_s: float


class ObjectStore(Protocol):
    """Keeps bytes under names like `kept/owner/object.webp`; every call may raise STORE_UNAVAILABLE (503)."""

    async def put(self, name: str, data: bytes) -> None:
        """Keeps an object, over an older one of that name."""

    async def get(self, name: str) -> bytes:
        """An object.

        Raises:
            ServiceError: OBJECT_NOT_FOUND (404), or STORE_UNAVAILABLE (503).
        """

    async def delete(self, name: str) -> None:
        """Removes an object; one that is not there is no error."""

    def list(self, prefix: str) -> AsyncIterator[Listed]:
        """What lies under a prefix that ends with "/", in no order; nothing there is no error."""


def checked_name(name: str) -> str:
    """The name, if it is one.

    Raises:
        ServiceError: OBJECT_NOT_FOUND (404): nothing can be there.
    """
    if not _NAME.fullmatch(name):
        raise missing()
    return name


def checked_prefix(prefix: str) -> str:
    """The prefix, if it is one; ValueError: a mistake of the caller, which could erase too much."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("not a prefix of a store")
    return prefix


def missing() -> ServiceError:
    """OBJECT_NOT_FOUND."""
    return not_found("OBJECT_NOT_FOUND", "there is no such object")


def out_of_reach() -> ServiceError:
    """STORE_UNAVAILABLE."""
    return unavailable(
        "STORE_UNAVAILABLE", "pictures cannot be kept now, try again shortly", retry_after_s=_RETRY_AFTER_S
    )


async def erase(store: ObjectStore, prefix: str, *, before_s: float | None = None) -> int:
    """Removes what lies under a prefix; with `before_s` only what was changed before that moment.

    Returns:
        How many objects were removed.

    Raises:
        ServiceError: STORE_UNAVAILABLE; what is left is found by the next call.
    """
    found = [item async for item in store.list(prefix)]
    old = [item for item in found if before_s is None or item.changed_at_s < before_s]
    for start in range(0, len(old), _AT_ONCE):
        await asyncio.gather(*(store.delete(item.name) for item in old[start : start + _AT_ONCE]))
    return len(old)


class DirectoryStore:
    """Objects as files of a folder.

    Args:
        root: The folder; made when first needed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tidied = False

    async def put(self, name: str, data: bytes) -> None:
        """Writes aside and renames, so that a reader or a crash never sees half a file."""
        if not self._tidied:
            self._tidied = True
            await self._run(_tidy, self._root / _DRAFTS)
        await self._run(_write, self._root / checked_name(name), self._root / _DRAFTS, data)

    async def get(self, name: str) -> bytes:
        """Reads the file."""
        return await self._run(_read, self._root / checked_name(name))

    async def delete(self, name: str) -> None:
        """Removes the file, and folders that it leaves empty."""
        await self._run(_remove, self._root / checked_name(name), self._root)

    async def list(self, prefix: str) -> AsyncIterator[Listed]:
        """Walks the folder."""
        root = self._root
        for item in await self._run(lambda: list(_walk(root, root / checked_prefix(prefix)))):
            yield item

    async def _run(self, work: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
        try:
            return await asyncio.to_thread(work, *arguments, **keywords)
        except FileNotFoundError:
            raise missing() from None
        except OSError as error:
            raise out_of_reach() from error


def _write(path: Path, drafts: Path, data: bytes) -> None:
    drafts.mkdir(parents=True, exist_ok=True)
    draft = drafts / secrets.token_hex(8)
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _move(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _move(draft: Path, path: Path) -> None:
    for _ in range(_TRIES):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(path)
        except (FileNotFoundError, FileExistsError):  # somebody removed the folder because it was empty
            continue
        return
    raise OSError("the folder is removed again and again")


def _read(path: Path) -> bytes:
    return path.read_bytes()


def _remove(path: Path, root: Path) -> None:
    path.unlink(missing_ok=True)
    for folder in path.relative_to(root).parents[:-1]:
        try:
            (root / folder).rmdir()
        except OSError:  # not empty, or gone already
            return


def _walk(root: Path, folder: Path) -> Iterator[Listed]:
    for where, _, files in os.walk(folder):
        for file in files:
            path = Path(where, file)
            try:
                facts = path.stat()
            except FileNotFoundError:  # removed meanwhile
                continue
            yield Listed(path.relative_to(root).as_posix(), facts.st_size, facts.st_mtime)


def _tidy(drafts: Path) -> None:
    """Removes what a crash left half written."""
    for draft in drafts.glob("*"):
        if time.time() - draft.stat().st_mtime > _DRAFT_LIFE_S:
            draft.unlink(missing_ok=True)
