"""The tool that gives coupons."""

from __future__ import annotations

import msgspec

from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.rules import ApprovalNeededError, check_delay_coupon
from orchestrator.backoffice.schema import Coupon, Parcel
from orchestrator.backoffice.words import CouponReason
from orchestrator.tools.arguments import Note, ParcelNumber
from orchestrator.tools.facts import Facts, moment, money
from orchestrator.tools.shop_tool import ShopTool
from orchestrator.tools.tool import CouponCard, Outcome, ToolContext, ToolResult


class IssueCouponArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which parcel, and why. The amount is the policy's."""

    parcel: ParcelNumber
    reason: CouponReason = CouponReason.DELAY
    note: Note = ""


class IssueCoupon(ShopTool[IssueCouponArguments]):
    """Gives a coupon: for a delay that the scans confirm at once, out of goodwill when a person agrees."""

    name = "issue_coupon"
    about = {  # noqa: RUF012
        "en": "Gives the coupon for a parcel whose delay the scans confirm, once per parcel. Goodwill needs approval.",
        "zh": "为扫描记录确认延误的包裹发放优惠券，每个包裹一张。其他补偿需要同事审批。",
    }
    arguments = IssueCouponArguments

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: IssueCouponArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        parcel = await desk.parcel(arguments.parcel)
        before = await desk.coupon(parcel, arguments.reason)
        if before is not None:
            return _result(context, Outcome.ALREADY, parcel, before)
        delay = arguments.reason is CouponReason.DELAY
        amount = (desk.policy.delay_coupon if delay else desk.policy.goodwill)[parcel.order.currency]
        if delay:
            check_delay_coupon(desk.progress(parcel))
        elif not context.approved_by:
            raise ApprovalNeededError("goodwill", amount)
        made = await desk.add(
            Coupon(
                customer_id=desk.customer.id, parcel_id=parcel.id, code=desk.numbers.make("PEACH", 10),
                reason=arguments.reason, amount_minor=amount.minor, currency=amount.currency,
                valid_until=desk.now + desk.policy.coupon_validity, approved_by=context.approved_by,
                created_at=desk.now,
            )
        )  # fmt: skip
        return _result(context, Outcome.DONE, parcel, made)


def _result(context: ToolContext, outcome: Outcome, parcel: Parcel, coupon: Coupon) -> ToolResult:
    facts: Facts = {
        "coupon": coupon.code,
        "reason": coupon.reason,
        "amount": money(coupon.amount, context.language),
        "valid_until": moment(coupon.valid_until),
        "tracking": parcel.tracking,
        "order": parcel.order.number,
    }
    card = CouponCard(coupon.code, coupon.amount_minor, coupon.currency, moment(coupon.valid_until))
    return ToolResult(outcome, facts, card)
