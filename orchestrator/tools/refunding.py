"""The tool that sends money back for what arrived wrong or never did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.money import Money
from orchestrator.backoffice.rules import (
    ApprovalNeededError,
    Progress,
    check_refund_alone,
    check_refund_amount,
    check_refund_reason,
    not_allowed,
)
from orchestrator.backoffice.schema import Order, OrderLine, Refund
from orchestrator.backoffice.words import RefundReason
from orchestrator.tools.arguments import Item, Note, OrderNumber, Quantity, line_of, pieces
from orchestrator.tools.facts import Facts, money, order_card
from orchestrator.tools.shop_tool import ShopTool
from orchestrator.tools.tool import Outcome, ToolContext, ToolResult

# Refunds that were given here; those of cancelled and returned orders say nothing about a customer.
_HERE = tuple(reason for reason in RefundReason if reason is not RefundReason.CANCELLED)
_WHOLE_ORDER = (RefundReason.NOT_RECEIVED, RefundReason.LOST)


class RequestRefundArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is refunded, and why."""

    order: OrderNumber
    reason: Literal["damaged", "wrong_item", "missing_item", "not_received", "lost"]
    item: Item = ""
    quantity: Quantity | None = None
    note: Note = ""
    further: Annotated[
        bool, msgspec.Meta(description="Further pieces of an item of which others were refunded before; needs approval")
    ] = False


class RequestRefund(ShopTool[RequestRefundArguments]):
    """Refunds an item, or an order that never arrived. Large and frequent refunds wait for a person."""

    name = "request_refund"
    about = {  # noqa: RUF012
        "en": "Refunds what arrived damaged, wrong or incomplete, or an order that never arrived. Not for a change of "
        "mind: that is a return. May need a colleague's approval. Confirm it with the customer first.",
        "zh": "为破损、错发、少件或未收到的订单退款。不想要了请用退货。可能需要同事审批。办理前请先与顾客确认。",
    }
    arguments = RequestRefundArguments

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: RequestRefundArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        order, reason = await desk.order(arguments.order), RefundReason(arguments.reason)
        line = None if reason in _WHOLE_ORDER else line_of(order, arguments.item)
        before = await desk.refunds(order)
        same = [refund for refund in before if refund.order_line_id == (line.id if line is not None else None)]
        left = _left(line, same)
        if same and (not arguments.further or left <= 0):
            return _result(desk, context, Outcome.ALREADY, order, same[-1])
        refunded = Money(order.currency, sum(refund.amount_minor for refund in before))
        amount = _amount(order, line, arguments.quantity, refunded)
        if reason is RefundReason.NOT_RECEIVED and order.delivered_at is None and _quietest(desk, order) == "lost":
            reason = RefundReason.LOST  # what never came and counts as lost is lost, whatever it is called
        check_refund_reason(
            desk.policy, reason=reason, status=order.status, delivered_at=order.delivered_at,
            quietest=_quietest(desk, order), now=desk.now,
        )  # fmt: skip
        check_refund_amount(amount, paid=order.total, refunded=refunded)
        if same and amount.minor > left:
            raise not_allowed("more_than_paid", "more than what is left of the item's price")
        if not context.approved_by:
            if same:  # told a second time, or a second piece: a person finds out
                raise ApprovalNeededError("further_piece", amount)
            lately = [refund.created_at for refund in await desk.refunds() if refund.reason in _HERE]
            check_refund_alone(desk.policy, tier=desk.customer.tier, amount=amount, lately=lately, now=desk.now)
        made = await desk.add(
            Refund(
                customer_id=desk.customer.id, order_id=order.id, order_line_id=line.id if line is not None else None,
                number=desk.numbers.make("RF"), reason=reason, status="processing", amount_minor=amount.minor,
                currency=order.currency, approved_by=context.approved_by, created_at=desk.now,
            )
        )  # fmt: skip
        return _result(desk, context, Outcome.DONE, order, made)


def _amount(order: Order, line: OrderLine | None, quantity: int | None, refunded: Money) -> Money:
    if line is None:
        return Money(order.currency, max(order.total_minor - refunded.minor, 0))
    return Money(order.currency, line.unit_minor * pieces(line, quantity))


def _left(line: OrderLine | None, refunds: Sequence[Refund]) -> int:
    """What of an item's price was not refunded yet, in minor units; nothing for a whole order."""
    if line is None:
        return 0
    return line.unit_minor * line.quantity - sum(refund.amount_minor for refund in refunds)


def _quietest(desk: Desk, order: Order) -> Progress | None:
    doing = [desk.progress(parcel) for parcel in order.parcels]
    return "lost" if "lost" in doing else doing[0] if doing else None


def _result(desk: Desk, context: ToolContext, outcome: Outcome, order: Order, refund: Refund) -> ToolResult:
    facts: Facts = {
        "refund": refund.number,
        "status": refund.status,
        "order": order.number,
        "reason": refund.reason,
        "amount": money(refund.amount, context.language),
        "working_days": list(desk.policy.refund_days),
    }
    return ToolResult(outcome, facts, order_card(desk, order, context.language))
