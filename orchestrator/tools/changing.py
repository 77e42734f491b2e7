"""Tools that change an order that has not been sent: its address, or that it is at all."""

from __future__ import annotations

from typing import Annotated

import msgspec

from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.rules import check_unsent
from orchestrator.backoffice.schema import Order, Refund
from orchestrator.backoffice.words import OrderStatus, RefundReason
from orchestrator.tools.arguments import Note, OrderNumber, wrong
from orchestrator.tools.facts import Facts, money, order_card
from orchestrator.tools.shop_tool import ShopTool
from orchestrator.tools.tool import Outcome, ToolContext, ToolResult

_CHANGEABLE = ("recipient", "phone", "street", "city", "postcode", "country")


class ChangeAddressArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes; what is empty stays."""

    order: OrderNumber
    street: Annotated[str, msgspec.Meta(max_length=256, description="Street, house and flat")] = ""
    city: Annotated[str, msgspec.Meta(max_length=128)] = ""
    postcode: Annotated[str, msgspec.Meta(max_length=16, pattern=r"^[A-Za-z0-9 -]*$")] = ""
    country: Annotated[str, msgspec.Meta(pattern=r"^([A-Z]{2})?$", description="Two letters, ISO 3166")] = ""
    recipient: Annotated[str, msgspec.Meta(max_length=128)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=32, pattern=r"^[0-9+() -]*$")] = ""


class ChangeAddress(ShopTool[ChangeAddressArguments]):
    """Changes where an order goes."""

    name = "change_address"
    about = {  # noqa: RUF012
        "en": "Changes address, recipient or phone of an order that has not been sent. Confirm it first.",
        "zh": "修改未发货订单的收货地址、收件人或电话。办理前请先与顾客确认。",
    }
    arguments = ChangeAddressArguments

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: ChangeAddressArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        wanted = {name: getattr(arguments, name).strip() for name in _CHANGEABLE}
        changes = {name: value for name, value in wanted.items() if value}
        if not changes:
            raise wrong("street", "nothing to change was given")
        order = await desk.order(arguments.order)
        check_unsent(order.status)
        if changes.get("city", order.city) != order.city:
            changes.setdefault("postcode", "")  # the old one is of another town
        same = all(getattr(order, name) == value for name, value in changes.items())
        for name, value in changes.items():
            setattr(order, name, value)
        facts: Facts = {"order": order.number, "address": {name: getattr(order, name) for name in _CHANGEABLE}}
        outcome = Outcome.ALREADY if same else Outcome.DONE
        return ToolResult(outcome, facts, order_card(desk, order, context.language))


class CancelOrderArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which order, and why."""

    order: OrderNumber
    note: Note = ""


class CancelOrder(ShopTool[CancelOrderArguments]):
    """Cancels an order."""

    name = "cancel_order"
    about = {  # noqa: RUF012
        "en": "Cancels an order that has not been sent and refunds what was paid. Confirm it first.",
        "zh": "取消未发货的订单，已付款的原路退回。办理前请先与顾客确认。",
    }
    arguments = CancelOrderArguments

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: CancelOrderArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        order = await desk.order(arguments.order)
        if order.status == OrderStatus.CANCELLED:
            refunds = await desk.refunds(order)
            return self._result(desk, context, Outcome.ALREADY, order, refunds[-1] if refunds else None)
        check_unsent(order.status)
        refund = None
        if order.paid_at is not None:
            refund = await desk.add(
                Refund(
                    customer_id=desk.customer.id, order_id=order.id, number=desk.numbers.make("RF"),
                    reason=RefundReason.CANCELLED, status="processing", amount_minor=order.total_minor,
                    currency=order.currency, created_at=desk.now,
                )
            )  # fmt: skip
        order.status, order.cancelled_at = OrderStatus.CANCELLED, desk.now
        return self._result(desk, context, Outcome.DONE, order, refund)

    def _result(
        self, desk: Desk, context: ToolContext, outcome: Outcome, order: Order, refund: Refund | None
    ) -> ToolResult:
        facts: Facts = {"order": order.number, "status": order.status, "refund": None}
        if refund is not None:
            days = list(desk.policy.cancel_refund_days)
            amount = money(refund.amount, context.language)
            facts["refund"] = {"number": refund.number, "amount": amount, "working_days": days}
        return ToolResult(outcome, facts, order_card(desk, order, context.language))
