"""What survives a restart: the visitor's token and the messages that are not acknowledged."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Protocol

from gateway.client.events import Frame


class Store(Protocol):
    """Keeps a token and messages by their id."""

    token: str | None

    def keep(self, message: Frame) -> None:
        """Keeps a message until it is dropped; under a known id it replaces it."""

    def drop(self, client_msg_id: str) -> None:
        """Forgets a message; an unknown id is no error."""

    def messages(self) -> list[Frame]:
        """The messages that were kept, oldest first."""


class MemoryStore:
    """Lasts as long as the process."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token
        self._kept: dict[str, Frame] = {}

    def keep(self, message: Frame) -> None:
        """Keeps a message."""
        self._kept[message["client_msg_id"]] = message

    def drop(self, client_msg_id: str) -> None:
        """Forgets a message."""
        self._kept.pop(client_msg_id, None)

    def messages(self) -> list[Frame]:
        """The messages that were kept, oldest first."""
        return list(self._kept.values())


class FolderStore:
    """A folder that only its owner may read: a file for the token and one for each message.

    Args:
        folder: Made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._number = 1 + max((int(path.stem.split("-")[0]) for path in self._paths()), default=0)

    @property
    def token(self) -> str | None:
        """The visitor's token."""
        try:
            return (self._folder / "token").read_text("utf-8").strip() or None
        except OSError:
            return None

    @token.setter
    def token(self, token: str | None) -> None:
        if token is None:
            (self._folder / "token").unlink(missing_ok=True)
        else:
            self._write(self._folder / "token", token)

    def keep(self, message: Frame) -> None:
        """Keeps a message; a crash in between leaves it whole or not at all."""
        known = self._path(message["client_msg_id"])
        if known is None:
            known = self._folder / f"{self._number:08d}-{message['client_msg_id']}.json"
            self._number += 1
        self._write(known, json.dumps(message))

    def drop(self, client_msg_id: str) -> None:
        """Forgets a message."""
        if known := self._path(client_msg_id):
            known.unlink(missing_ok=True)

    def messages(self) -> list[Frame]:
        """The messages that were kept, oldest first; a broken file is left out."""
        found: list[Frame] = []
        for path in self._paths():
            with contextlib.suppress(OSError, ValueError):
                message = json.loads(path.read_text("utf-8"))
                if isinstance(message, dict) and isinstance(message.get("client_msg_id"), str):
                    found.append(message)
        return found

    def _paths(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*-*.json") if path.stem.split("-")[0].isdigit())

    def _path(self, client_msg_id: str) -> Path | None:
        return next((path for path in self._paths() if path.stem.partition("-")[2] == client_msg_id), None)

    def _write(self, path: Path, content: str) -> None:
        partial = path.with_suffix(".partial")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        partial.replace(path)
