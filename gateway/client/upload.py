"""One picture on its way in pieces. No I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from gateway.client.events import Frame

_VERSION = 1
_WINDOW_BYTES = 512 * 1024
_MAX_RETRIES = 6


class Transfer:
    """Decides what to send next of a picture.

    Args:
        data: The whole picture.
        media_type: What it is.
    """

    def __init__(self, data: bytes, media_type: str) -> None:
        digest = hashlib.sha256(data).hexdigest()
        # Named by its content: the same picture goes on where it stopped, also from another process.
        self.id = f"p-{digest[:40]}"
        self.size = len(data)
        self.received = 0
        self._data = data
        self._begin: Frame = {
            "type": "upload",
            "upload_id": self.id,
            "media_type": media_type,
            "size": len(data),
            "sha256": digest,
        }
        self._offset: int | None = None
        self._chunk = 0
        self._tries = 0

    def begin(self) -> Frame:
        """The frame that begins it, or asks where to go on."""
        self._offset = None
        return self._begin

    def again(self) -> bool:
        """After a refusal that may pass: whether to try once more."""
        self._tries += 1
        return self._tries <= _MAX_RETRIES

    def ready(self, offset: int, chunk_bytes: int) -> Iterator[bytes]:
        """The server says where to go on; yields pieces to send."""
        self._offset, self._chunk = offset, chunk_bytes
        return self.progress(offset)

    def progress(self, received: int) -> Iterator[bytes]:
        """The server has so much; yields pieces to send, as far ahead as is polite."""
        self.received = received
        return self._pieces(received)

    def untold(self) -> Iterator[bytes]:
        """The server need not tell of every piece: after a while more is sent all the same; yields pieces."""
        return self._pieces(self._offset or 0)

    @property
    def sent(self) -> bool:
        """Whether there is nothing more to send for now: all is under way, or the server has not said from where."""
        return self._offset is None or self._offset >= self.size

    def _pieces(self, known: int) -> Iterator[bytes]:
        while self._offset is not None and self._offset < self.size and self._offset - known < _WINDOW_BYTES:
            piece = self._data[self._offset : self._offset + self._chunk]
            yield self._framed(self._offset, piece)
            self._offset += len(piece)

    def _framed(self, offset: int, piece: bytes) -> bytes:
        identity = self.id.encode("ascii")
        return bytes([_VERSION, len(identity)]) + identity + offset.to_bytes(8, "big") + piece
