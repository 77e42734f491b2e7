"""Messages that the orchestrator has not acknowledged yet."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from gateway.frames import Message


class Admission(Enum):
    """What became of a message that the client handed in."""

    TAKEN = "taken"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    FULL = "full"


class Pending:
    """A bounded, ordered book of unacknowledged messages, by their client's id."""

    __slots__ = ("_limit", "_messages")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._messages: dict[str, Message] = {}

    def __len__(self) -> int:
        """How many wait."""
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        """In the order in which they were handed in."""
        return iter(tuple(self._messages.values()))

    def __contains__(self, client_msg_id: str) -> bool:
        """Whether a message of that id waits."""
        return client_msg_id in self._messages

    def admit(self, message: Message) -> Admission:
        """Takes a message, unless it waits already or there are too many."""
        known = self._messages.get(message.client_msg_id)
        if known is not None:
            return Admission.REPEATED if known == message else Admission.CONFLICT
        if len(self._messages) >= self._limit:
            return Admission.FULL
        self._messages[message.client_msg_id] = message
        return Admission.TAKEN

    def settle(self, client_msg_id: str) -> bool:
        """Forgets a message that was acknowledged or refused; False when it was not waiting."""
        return self._messages.pop(client_msg_id, None) is not None
