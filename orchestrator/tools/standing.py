"""Tools that look up what stands open for a customer: coupons that are theirs, tickets that wait for an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec

from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.schema import Coupon, Order, Ticket
from orchestrator.tools.facts import Facts, moment, money, ticket_card
from orchestrator.tools.shop_tool import ShopTool
from orchestrator.tools.tool import CouponCard, Outcome, ToolContext, ToolResult

Limit = Annotated[int, msgspec.Meta(ge=1, le=10)]


class FindCouponsArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many at most."""

    limit: Limit = 5


class FindCoupons(ShopTool[FindCouponsArguments]):
    """Finds the coupons that the customer can use now."""

    name = "find_coupons"
    about = {  # noqa: RUF012
        "en": "Finds the coupons that this customer was given and can still use: code, amount, last day.",
        "zh": "查询当前顾客已获得、仍可使用的优惠券：券码、金额、有效期。",
    }
    arguments = FindCouponsArguments
    effect = False

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: FindCouponsArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        usable = await desk.usable_coupons()
        shown = usable[: arguments.limit]
        facts = {"count": len(usable), "coupons": [_coupon_facts(one, context.language) for one in shown]}
        first = shown[0] if shown else None
        card = CouponCard(first.code, first.amount_minor, first.currency, moment(first.valid_until)) if first else None
        return ToolResult(Outcome.FOUND if usable else Outcome.NONE, facts, card)


class FindTicketsArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many at most."""

    limit: Limit = 5


class FindTickets(ShopTool[FindTicketsArguments]):
    """Finds the customer's tickets that are open."""

    name = "find_tickets"
    about = {  # noqa: RUF012
        "en": "Finds this customer's open tickets, newest first: what each is about and until when it is answered.",
        "zh": "查询当前顾客未完结的工单（从新到旧）：事由，以及最晚何时答复。",
    }
    arguments = FindTicketsArguments
    effect = False

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: FindTicketsArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        waiting = list(reversed(await desk.open_tickets()))
        orders = {order.id: order for order in await desk.orders()} if waiting else {}
        shown = waiting[: arguments.limit]
        told = [_ticket_facts(desk, one, orders.get(one.order_id or 0)) for one in shown]
        card = ticket_card(shown[0], orders.get(shown[0].order_id or 0)) if shown else None
        return ToolResult(Outcome.FOUND if waiting else Outcome.NONE, {"count": len(waiting), "tickets": told}, card)


def _coupon_facts(coupon: Coupon, language: str) -> Facts:
    return {
        "coupon": coupon.code,
        "reason": coupon.reason,
        "amount": money(coupon.amount, language),
        "valid_until": moment(coupon.valid_until),
    }


def _ticket_facts(desk: Desk, ticket: Ticket, order: Order | None) -> Facts:
    return {
        "ticket": ticket.number,
        "kind": ticket.kind,
        "status": ticket.status,
        "order": order.number if order is not None else "",
        "opened_at": moment(ticket.created_at),
        "reply_by": moment(ticket.reply_by),
        "reply_hours": int((ticket.reply_by - ticket.created_at) / timedelta(hours=1)),
        "overdue": ticket.reply_by < desk.now,
    }
