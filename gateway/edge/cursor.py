"""Where a client stands in the journal and in the answers that are being written."""

from __future__ import annotations

from enum import Enum

from gateway.frames import Delta, Gap

# After these the numbers that the client has are void, so the next entry sets the place.
_VOIDING = frozenset({"epoch_changed", "ahead_of_journal"})
_MAX_TURNS = 8


class Place(Enum):
    """What an entry is to the client."""

    NEXT = "next"
    SEEN = "seen"
    BEYOND_HOLE = "beyond_hole"


class Cursor:
    """Lets each entry pass once and in order, and each answer's pieces once, in order and without a hole.

    Attributes:
        last_seq: The last seq that was passed on; what a resume goes on from.
    """

    __slots__ = ("_deltas", "_void", "last_seq")

    def __init__(self, last_seq: int = 0) -> None:
        self.last_seq = last_seq
        self._void = False
        self._deltas: dict[str, tuple[int, int]] = {}

    def reset(self, last_seq: int) -> None:
        """The client says anew where it stands; answers in writing are shown from their start again."""
        self.last_seq = last_seq
        self._void = False
        self._deltas.clear()

    def entry(self, seq: int) -> Place:
        """Places an entry and, when it is the next, moves on."""
        if not self._void:
            if seq <= self.last_seq:
                return Place.SEEN
            if seq > self.last_seq + 1:
                return Place.BEYOND_HOLE
        self._void = False
        self.last_seq = seq
        return Place.NEXT

    def gap(self, gap: Gap) -> bool:
        """Moves over a gap; False when the client already stands behind it."""
        if gap.reason in _VOIDING:
            self._void = True
            self.last_seq = max(0, gap.from_seq - 1)
            return True
        if gap.to_seq <= self.last_seq:
            return False
        self.last_seq = gap.to_seq
        return True

    def delta(self, delta: Delta) -> bool:
        """Whether a piece is the next of its answer; a higher attempt begins again."""
        attempt, following = self._deltas.get(delta.turn, (0, 0))
        if delta.attempt > attempt:
            attempt, following = delta.attempt, 0
        if delta.attempt < attempt or delta.index != following:
            return False
        if delta.turn not in self._deltas and len(self._deltas) >= _MAX_TURNS:
            del self._deltas[next(iter(self._deltas))]
        self._deltas[delta.turn] = (attempt, following + 1)
        return True

    def turn_over(self, turn: str) -> None:
        """Forgets an answer that is complete."""
        self._deltas.pop(turn, None)
