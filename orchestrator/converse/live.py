"""The conversations that have a live connection to this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class LiveStream(Protocol):
    """An open stream, as far as others look at it."""

    @property
    def conversation_id(self) -> str:
        """Empty until it is open."""
        ...

    @property
    def tenant(self) -> str:
        """Whose customer."""
        ...

    @property
    def customer_id(self) -> str:
        """Who."""
        ...


class LiveStreams:
    """The open streams of a process."""

    def __init__(self) -> None:
        self._streams: set[LiveStream] = set()

    def add(self, stream: LiveStream) -> None:
        """It is open from now on."""
        self._streams.add(stream)

    def discard(self, stream: LiveStream) -> None:
        """It is over."""
        self._streams.discard(stream)

    def __len__(self) -> int:
        """How many."""
        return len(self._streams)

    def __iter__(self) -> Iterator[LiveStream]:
        """All of them, as they are at this moment."""
        return iter(tuple(self._streams))
