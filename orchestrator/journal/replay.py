"""Which entries a client lacks: pure decisions over its cursor and the journal's head."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from orchestrator.journal.entries import Head

DEFAULT_REPLAY_LIMIT = 200


class GapReason(StrEnum):
    """Why entries cannot be replayed."""

    HISTORY_TRIMMED = "history_trimmed"
    EPOCH_CHANGED = "epoch_changed"
    REPLAY_LIMIT = "replay_limit"
    AHEAD_OF_JOURNAL = "ahead_of_journal"


@dataclass(frozen=True)
class Cursor:
    """What a client has: the last seq it saw, and the epoch that belongs to it."""

    last_seq: int = 0
    epoch: str = ""


@dataclass(frozen=True)
class Gap:
    """Entries from_seq to to_seq are missing; to_seq below from_seq: none, but what the client has is void."""

    from_seq: int
    to_seq: int
    reason: GapReason


@dataclass(frozen=True)
class ReplayPlan:
    """What to send: the gap first if there is one, then every entry after `after_seq`."""

    gap: Gap | None
    after_seq: int


def plan_replay(head: Head, cursor: Cursor, limit: int = DEFAULT_REPLAY_LIMIT) -> ReplayPlan:
    """Decides what a client with `cursor` is sent, at most `limit` entries."""
    if cursor.last_seq > 0 and cursor.epoch != head.epoch:
        after = _bounded(head, 0, limit)
        return ReplayPlan(Gap(1, after, GapReason.EPOCH_CHANGED), after)
    if cursor.last_seq > head.last_seq:
        return ReplayPlan(Gap(head.last_seq + 1, cursor.last_seq, GapReason.AHEAD_OF_JOURNAL), head.last_seq)
    after = _bounded(head, cursor.last_seq, limit)
    if after == cursor.last_seq:
        return ReplayPlan(None, after)
    trimmed = after < head.first_seq
    reason = GapReason.HISTORY_TRIMMED if trimmed else GapReason.REPLAY_LIMIT
    return ReplayPlan(Gap(cursor.last_seq + 1, after, reason), after)


def _bounded(head: Head, after_seq: int, limit: int) -> int:
    """The seq after which replay starts: nothing that is gone, nothing beyond the limit."""
    return max(after_seq, head.first_seq - 1, head.last_seq - limit)
