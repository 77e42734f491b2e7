"""Messages on their way: one in flight at a time, under one id until it is acknowledged. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.client.events import Frame

_ACK_TIMEOUT_S = 20.0
_MAX_TRIES = 8
_RETRY_BASE_S = 0.5
_RETRY_CAP_S = 15.0


@dataclass
class _Outgoing:
    frame: Frame
    tries: int = 0
    not_before: float = 0.0

    @property
    def id(self) -> str:
        identity: str = self.frame["client_msg_id"]
        return identity


class Outbox:
    """Keeps the order of writing; what is sent again cannot be overtaken.

    Args:
        restored: Messages that an earlier process left behind, oldest first.
        random: From 0 to 1, for the jitter.
    """

    def __init__(self, restored: Iterable[Frame], random: Callable[[], float]) -> None:
        self._queue = [_Outgoing(frame) for frame in restored]
        self._random = random

    def __len__(self) -> int:
        """How many messages are not acknowledged."""
        return len(self._queue)

    def add(self, frame: Frame) -> None:
        """Takes a message to send."""
        self._queue.append(_Outgoing(frame))

    def next(self, now: float) -> Frame | None:
        """The message to send now, if any; it is in flight from then on."""
        head = self._queue[0] if self._queue else None
        if head is None or head.not_before > now:
            return None
        head.tries, head.not_before = head.tries + 1, now + _ACK_TIMEOUT_S
        return head.frame

    def due(self) -> float | None:
        """When `next` may give something."""
        return self._queue[0].not_before if self._queue else None

    def interrupt(self) -> None:
        """The connection is gone: what was in flight waits again."""
        for message in self._queue:
            message.tries, message.not_before = 0, 0.0

    def settle(self, client_msg_id: str) -> bool:
        """The message is durable, or given up; returns whether it was here."""
        before = len(self._queue)
        self._queue = [message for message in self._queue if message.id != client_msg_id]
        return len(self._queue) < before

    def refuse(self, client_msg_id: str, *, retryable: bool, after_s: float, now: float) -> bool:
        """The server refused a message; returns whether it is given up."""
        message = next((message for message in self._queue if message.id == client_msg_id), None)
        if message is None:
            return False
        if not retryable or message.tries >= _MAX_TRIES:
            return self.settle(client_msg_id)
        jitter = self._random() * min(_RETRY_CAP_S, _RETRY_BASE_S * 2.0**message.tries)
        message.not_before = now + max(jitter, after_s)
        return False
