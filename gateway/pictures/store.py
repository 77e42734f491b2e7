"""Where pictures are kept: a port, and the folder that is its default.

Objects are named by the edge, never by clients, and are written whole or not at all.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from servicekit.errors import not_found, unavailable

P = ParamSpec("P")
T = TypeVar("T")
_NAME = re.compile(r"[a-z0-9]{8,64}(\.[a-z0-9]{1,16}){0,2}")


class ObjectStore(Protocol):
    """Keeps bytes under names that match `[a-z0-9]{8,64}(.suffix)*`."""

    async def put(self, name: str, data: bytes) -> None:
        """Keeps an object, over an older one of that name.

        Raises:
            ServiceError: STORE_UNAVAILABLE (503).
        """

    async def get(self, name: str) -> bytes:
        """An object.

        Raises:
            ServiceError: OBJECT_NOT_FOUND (404), or STORE_UNAVAILABLE (503).
        """

    async def delete(self, name: str) -> None:
        """Removes an object; one that is not there is no error.

        Raises:
            ServiceError: STORE_UNAVAILABLE (503).
        """


def new_name() -> str:
    """A name that cannot be guessed: 128 bits."""
    return secrets.token_hex(16)


class DirectoryStore:
    """Objects as files of a folder, spread over 256 subfolders.

    Args:
        root: The folder; made when first needed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, name: str, data: bytes) -> None:
        """Writes beside the target and renames, so that a reader or a crash never sees half a file."""
        await self._run(_write, self._path(name), data)

    async def get(self, name: str) -> bytes:
        """Reads the file."""
        return await self._run(_read, self._path(name))

    async def delete(self, name: str) -> None:
        """Removes the file."""
        await self._run(_remove, self._path(name))

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise not_found("OBJECT_NOT_FOUND", "there is no such object")
        return self._root / name[:2] / name

    async def _run(self, work: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
        try:
            return await asyncio.to_thread(work, *arguments, **keywords)
        except FileNotFoundError:
            raise not_found("OBJECT_NOT_FOUND", "there is no such object") from None
        except OSError as error:
            raise unavailable("STORE_UNAVAILABLE", "pictures cannot be kept now, try again shortly") from error


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    return path.read_bytes()


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
