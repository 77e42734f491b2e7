"""What the policy allows, decided on plain values. A refusal names its rule, so that it can be explained.

Every function returns when it is allowed and raises TOOL_NOT_ALLOWED when it is not; `metadata["rule"]` is the stable
word of the rule and the rest of the metadata are the facts behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from orchestrator.backoffice.money import Money
from orchestrator.backoffice.policy import ShopPolicy
from orchestrator.backoffice.words import UNSENT, OrderStatus, RefundReason, ReturnReason, TicketKind
from servicekit.errors import Code, ServiceError


def not_allowed(rule: str, message: str, **facts: object) -> ServiceError:
    """The refusal of a rule."""
    told = {"rule": rule, **{name: str(value) for name, value in facts.items()}}
    return ServiceError(Code.PRECONDITION, "TOOL_NOT_ALLOWED", message, metadata=told)


class ApprovalNeededError(Exception):
    """It is allowed only when a person agrees. Raised before anything is changed.

    Attributes:
        why: Stable word.
        amount: What it is about.
    """

    def __init__(self, why: str, amount: Money) -> None:
        super().__init__(why)
        self.why, self.amount = why, amount


Progress = Literal["delivered", "moving", "delayed", "lost"]


def progress(policy: ShopPolicy, *, delivered: bool, last_seen: datetime, now: datetime) -> Progress:
    """How a parcel does, by how long nobody has scanned it. Before its first scan, `last_seen` is its announcement."""
    quiet = now - last_seen
    if delivered:
        return "delivered"
    if quiet >= policy.lost_after:
        return "lost"
    return "delayed" if quiet >= policy.delay_ticket_after else "moving"


def check_unsent(status: str) -> None:
    """An order can be changed or cancelled until it is sent."""
    if status == OrderStatus.CANCELLED:
        raise not_allowed("order_cancelled", "the order is cancelled", status=status)
    if status not in UNSENT:
        raise not_allowed("already_sent", "the order has been sent already", status=status)


def check_sending_back(
    policy: ShopPolicy, *, reason: ReturnReason, returnable: bool, delivered_at: datetime | None, now: datetime
) -> None:
    """A return or an exchange: delivered, in time, and for a change of mind only what may come back."""
    if delivered_at is None:
        raise not_allowed("not_delivered", "the order has not been delivered yet")
    damaged = reason in (ReturnReason.DAMAGED, ReturnReason.WRONG_ITEM)
    window = policy.damage_report if damaged else policy.return_window
    _check_window("damage_report" if damaged else "return_window", delivered_at, window, now)
    if not returnable and reason in (ReturnReason.CHANGED_MIND, ReturnReason.WRONG_SIZE):
        raise not_allowed("not_returnable", "this item cannot be returned for a change of mind")


def check_refund_reason(
    policy: ShopPolicy,
    *,
    reason: RefundReason,
    status: str,
    delivered_at: datetime | None,
    quietest: Progress | None,
    now: datetime,
) -> None:
    """Money back without a return: what arrived wrong or never did, reported in time.

    `quietest` is how the parcel of the order that was silent longest does; None when nothing was sent.
    """
    if reason is RefundReason.LOST:
        if quietest != "lost":
            raise not_allowed("not_lost", "the parcel does not count as lost yet", days=policy.lost_after.days)
        return
    if delivered_at is None or status != OrderStatus.DELIVERED:
        raise not_allowed("not_delivered", "the order has not been delivered yet", status=status)
    late = reason is RefundReason.NOT_RECEIVED
    window = policy.not_received_report if late else policy.damage_report
    _check_window("not_received_report" if late else "damage_report", delivered_at, window, now)


def check_refund_amount(amount: Money, *, paid: Money, refunded: Money) -> None:
    """No more goes back than was paid."""
    left = Money(paid.currency, paid.minor - refunded.minor)
    if left.minor <= 0:
        raise not_allowed("already_refunded", "the order has been refunded already")
    if amount.minor > left.minor:
        raise not_allowed("more_than_paid", "more than what is left of the order's price", left=left.text("en"))


def check_refund_alone(
    policy: ShopPolicy, *, tier: str, amount: Money, lately: Sequence[datetime], now: datetime
) -> None:
    """What is small and rare is refunded at once.

    Raises:
        ApprovalNeededError: It is neither.
    """
    if amount > policy.refund_limit(tier, amount.currency):
        raise ApprovalNeededError("refund_over_limit", amount)
    if sum(now - at < policy.refunds_alone_within for at in lately) >= policy.refunds_alone:
        raise ApprovalNeededError("many_refunds", amount)


def check_delay_coupon(doing: Progress) -> None:
    """A coupon for a delay needs a delay that the scans confirm."""
    if doing not in ("delayed", "lost"):
        raise not_allowed("not_delayed", "the scans do not confirm a delay", parcel=doing)


def check_ticket(policy: ShopPolicy, *, kind: TicketKind, doing: Progress | None, open_tickets: int) -> None:
    """A delay or loss ticket needs a parcel that is late or lost, and nobody floods the desk."""
    late = {TicketKind.DELAY: ("delayed", "lost"), TicketKind.LOST: ("lost",)}.get(kind)
    if late is not None and doing not in late:
        hours = policy.delay_ticket_after if kind is TicketKind.DELAY else policy.lost_after
        rule = "not_delayed" if kind is TicketKind.DELAY else "not_lost"
        raise not_allowed(rule, "the parcel was scanned lately", hours=int(hours / timedelta(hours=1)))
    if open_tickets >= policy.open_tickets:
        raise not_allowed("too_many_tickets", "too many tickets are open", most=policy.open_tickets)


def check_invoice(policy: ShopPolicy, *, status: str, paid_at: datetime | None, now: datetime) -> None:
    """An invoice is for what was paid, and in time."""
    if paid_at is None or status == OrderStatus.CANCELLED:
        raise not_allowed("not_paid", "the order has not been paid", status=status)
    _check_window("invoice_window", paid_at, policy.invoice_window, now)


def _check_window(rule: str, begins: datetime, window: timedelta, now: datetime) -> None:
    if now - begins > window:
        over = f"{begins + window:%Y-%m-%d}"
        raise not_allowed(rule, f"the time for it was over on {over}", days=window.days, over=over)
