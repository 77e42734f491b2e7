"""The policy's rules at their edges, on plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.backoffice import rules
from orchestrator.backoffice.money import Money
from orchestrator.backoffice.policy import load_policy
from orchestrator.backoffice.words import RefundReason, ReturnReason, TicketKind
from servicekit.errors import ServiceError

pytestmark = pytest.mark.unit

_POLICY = load_policy()
_NOW = datetime(2026, 3, 4, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("quiet", "expected"),
    [
        (_POLICY.delay_ticket_after - _SECOND, "moving"),
        (_POLICY.delay_ticket_after, "delayed"),
        (_POLICY.lost_after - _SECOND, "delayed"),
        (_POLICY.lost_after, "lost"),
    ],
)
def test_progress_at_its_edges(quiet: timedelta, expected: str) -> None:
    """A parcel is late from the promised hour on, not a second before."""
    assert rules.progress(_POLICY, delivered=False, last_seen=_NOW - quiet, now=_NOW) == expected
    assert rules.progress(_POLICY, delivered=True, last_seen=_NOW - quiet, now=_NOW) == "delivered"


@pytest.mark.parametrize("reason", list(ReturnReason))
def test_windows_at_their_edges(reason: ReturnReason) -> None:
    """The last moment of a window counts; one second later is too late, and the refusal names the day."""
    damaged = reason in (ReturnReason.DAMAGED, ReturnReason.WRONG_ITEM)
    window = _POLICY.damage_report if damaged else _POLICY.return_window
    asked: dict[str, Any] = {"reason": reason, "returnable": True, "now": _NOW}
    rules.check_sending_back(_POLICY, delivered_at=_NOW - window, **asked)
    with pytest.raises(ServiceError) as refused:
        rules.check_sending_back(_POLICY, delivered_at=_NOW - window - _SECOND, **asked)
    assert refused.value.metadata["rule"] == ("damage_report" if damaged else "return_window")
    assert refused.value.metadata["over"] == "2026-03-03"


@pytest.mark.parametrize("reason", list(ReturnReason))
def test_what_may_not_come_back(reason: ReturnReason) -> None:
    """Custom-made goods come back when we are at fault, not for a change of mind."""
    ours = reason in (ReturnReason.DAMAGED, ReturnReason.WRONG_ITEM, ReturnReason.NOT_AS_DESCRIBED)
    asked: dict[str, Any] = {"reason": reason, "returnable": False, "delivered_at": _NOW, "now": _NOW}
    if ours:
        rules.check_sending_back(_POLICY, **asked)
        return
    with pytest.raises(ServiceError, match="TOOL_NOT_ALLOWED"):
        rules.check_sending_back(_POLICY, **asked)


@given(paid=st.integers(1, 10**7), refunded=st.integers(0, 10**7), wanted=st.integers(1, 10**7))
def test_never_more_than_was_paid(paid: int, refunded: int, wanted: int) -> None:
    """What is let through never adds up to more than the price."""
    amounts = {"paid": Money("CNY", paid), "refunded": Money("CNY", refunded)}
    try:
        rules.check_refund_amount(Money("CNY", wanted), **amounts)
    except ServiceError:
        assert refunded + wanted > paid
    else:
        assert refunded + wanted <= paid


@pytest.mark.parametrize("tier", ["standard", "silver", "gold", "unheard-of"])
def test_refund_alone_up_to_the_limit(tier: str) -> None:
    """The limit itself is still without a person, one minor unit more is not; an unknown tier always needs one."""
    limit = _POLICY.refund_limit(tier, "USD")
    rules.check_refund_alone(_POLICY, tier=tier, amount=limit, lately=[], now=_NOW)
    with pytest.raises(rules.ApprovalNeededError) as need:
        rules.check_refund_alone(_POLICY, tier=tier, amount=Money("USD", limit.minor + 1), lately=[], now=_NOW)
    assert need.value.why == "refund_over_limit"


def test_lost_needs_silence() -> None:
    """Money for a lost parcel needs the parcel to count as lost, whatever is said."""
    asked: dict[str, Any] = {"reason": RefundReason.LOST, "status": "shipped", "delivered_at": None, "now": _NOW}
    rules.check_refund_reason(_POLICY, quietest="lost", **asked)
    for doing in ("moving", "delayed", None):
        with pytest.raises(ServiceError, match="TOOL_NOT_ALLOWED"):
            rules.check_refund_reason(_POLICY, quietest=doing, **asked)


def test_desk_is_not_flooded() -> None:
    """With as many tickets open as allowed, one more is refused."""
    rules.check_ticket(_POLICY, kind=TicketKind.QUESTION, doing=None, open_tickets=_POLICY.open_tickets - 1)
    with pytest.raises(ServiceError) as refused:
        rules.check_ticket(_POLICY, kind=TicketKind.QUESTION, doing=None, open_tickets=_POLICY.open_tickets)
    assert refused.value.metadata["rule"] == "too_many_tickets"
