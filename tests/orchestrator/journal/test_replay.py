"""Which entries a client is sent when it opens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.journal.entries import Head
from orchestrator.journal.replay import Cursor, Gap, GapReason, ReplayPlan, plan_replay

pytestmark = pytest.mark.unit


def head(last: int, first: int = 1, epoch: str = "e1") -> Head:
    return Head(conversation_id="c", tenant="t", customer_id="u", epoch=epoch, last_seq=last, first_seq=first)


@pytest.mark.parametrize(
    ("journal", "cursor", "limit", "plan"),
    [
        (head(0), Cursor(), 10, ReplayPlan(None, 0)),
        (head(5), Cursor(), 10, ReplayPlan(None, 0)),
        (head(5), Cursor(3, "e1"), 10, ReplayPlan(None, 3)),
        (head(5), Cursor(5, "e1"), 10, ReplayPlan(None, 5)),
        (head(9, first=4), Cursor(1, "e1"), 10, ReplayPlan(Gap(2, 3, GapReason.HISTORY_TRIMMED), 3)),
        (head(50), Cursor(1, "e1"), 10, ReplayPlan(Gap(2, 40, GapReason.REPLAY_LIMIT), 40)),
        (head(50), Cursor(), 10, ReplayPlan(Gap(1, 40, GapReason.REPLAY_LIMIT), 40)),
        (head(5), Cursor(3, "e0"), 10, ReplayPlan(Gap(1, 0, GapReason.EPOCH_CHANGED), 0)),
        (head(5), Cursor(3, ""), 10, ReplayPlan(Gap(1, 0, GapReason.EPOCH_CHANGED), 0)),
        (head(50), Cursor(3, "e0"), 10, ReplayPlan(Gap(1, 40, GapReason.EPOCH_CHANGED), 40)),
        (head(5), Cursor(8, "e1"), 10, ReplayPlan(Gap(6, 8, GapReason.AHEAD_OF_JOURNAL), 5)),
    ],
)
def test_plans(journal: Head, cursor: Cursor, limit: int, plan: ReplayPlan) -> None:
    """Every kind of cursor gets what it lacks, or is told what it cannot get."""
    assert plan_replay(journal, cursor, limit) == plan


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 80), st.integers(1, 30))
def test_gap_and_replay_cover_everything(last: int, trimmed: int, has: int, limit: int) -> None:
    """What the client has, the gap, and what follows meet without a hole, and never exceed the limit."""
    journal = head(last, first=min(trimmed, last) + 1)
    plan = plan_replay(journal, Cursor(has, "e1"), limit)
    if has > last:
        assert plan.gap == Gap(last + 1, has, GapReason.AHEAD_OF_JOURNAL)
        return
    assert last - plan.after_seq <= limit
    assert plan.after_seq >= journal.first_seq - 1
    assert (plan.gap is None) == (plan.after_seq == has)
    if plan.gap is not None:
        assert (plan.gap.from_seq, plan.gap.to_seq) == (has + 1, plan.after_seq)
