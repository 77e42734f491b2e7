"""How much memory may be spent on decoding pictures at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

DEFAULT_BYTES = 512 * 1024 * 1024


class DecodingRoom:
    """A budget of bytes for pictures that are being decoded in threads, first come, first served.

    Args:
        limit_bytes: For all of them; one that needs more is decoded alone.
    """

    def __init__(self, limit_bytes: int = DEFAULT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._held_bytes = 0
        self._line = threading.Lock()  # held by the first who waits, so that a large one is not passed by for ever
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, size_bytes: int) -> Iterator[None]:
        """Waits for so much room, and gives it back."""
        need = min(size_bytes, self._limit_bytes)
        with self._line, self._changed:
            self._changed.wait_for(lambda: self._held_bytes + need <= self._limit_bytes)
            self._held_bytes += need
        try:
            yield
        finally:
            with self._changed:
                self._held_bytes -= need
                self._changed.notify()
