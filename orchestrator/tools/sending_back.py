"""Tools for what a customer sends back: returns and exchanges."""

from __future__ import annotations

from typing import Annotated

import msgspec

from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.money import Money
from orchestrator.backoffice.rules import check_sending_back, not_allowed
from orchestrator.backoffice.schema import Exchange, Order, OrderLine, Product, Return
from orchestrator.backoffice.words import OUR_FAULT, ReturnReason
from orchestrator.tools.arguments import Item, Note, OrderNumber, Quantity, line_of, pieces, variant_of
from orchestrator.tools.facts import Facts, moment, money, order_card
from orchestrator.tools.shop_tool import ShopTool
from orchestrator.tools.tool import Outcome, ToolContext, ToolResult


class StartReturnArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent back, and why."""

    order: OrderNumber
    reason: ReturnReason
    item: Item = ""
    quantity: Quantity | None = None
    note: Note = ""


class StartReturn(ShopTool[StartReturnArguments]):
    """Starts a return."""

    name = "start_return"
    about = {  # noqa: RUF012
        "en": "Starts the return of an item of a delivered order and makes a return label. Confirm it first.",
        "zh": "为已签收订单中的商品发起退货并生成退货单。办理前请先与顾客确认。",
    }
    arguments = StartReturnArguments

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: StartReturnArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        order = await desk.order(arguments.order)
        line = line_of(order, arguments.item)
        before = await desk.returns(line)
        if before:
            return self._result(desk, context, Outcome.ALREADY, order, line, before[-1])
        count = pieces(line, arguments.quantity)
        check_sending_back(
            desk.policy, reason=arguments.reason, returnable=line.product.returnable,
            delivered_at=order.delivered_at, now=desk.now,
        )  # fmt: skip
        if await desk.exchanges(line):
            raise not_allowed("exchange_open", "an exchange of this item is under way")
        if (await desk.refunded(order)).minor >= order.total_minor:
            raise not_allowed("already_refunded", "the order has been refunded already")
        fee = 0 if arguments.reason in OUR_FAULT else desk.policy.return_fee[order.currency].minor
        made = await desk.add(
            Return(
                customer_id=desk.customer.id, order_line_id=line.id, number=desk.numbers.make("RT"), quantity=count,
                reason=arguments.reason, status="requested", fee_minor=fee, currency=order.currency,
                label_until=desk.now + desk.policy.return_label_validity, created_at=desk.now,
            )
        )  # fmt: skip
        return self._result(desk, context, Outcome.DONE, order, line, made)

    def _result(
        self, desk: Desk, context: ToolContext, outcome: Outcome, order: Order, line: OrderLine, made: Return
    ) -> ToolResult:
        value = Money(order.currency, line.unit_minor * made.quantity)
        facts: Facts = {
            "return": made.number,
            "status": made.status,
            "order": order.number,
            "item": line.product.name(context.language),
            "quantity": made.quantity,
            "value": money(value, context.language),
            "fee": money(Money(made.currency, made.fee_minor), context.language),
            "label_until": moment(made.label_until),
            "refund_working_days": list(desk.policy.refund_days),
        }
        return ToolResult(outcome, facts, order_card(desk, order, context.language))


class ExchangeItemArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is exchanged for what."""

    order: OrderNumber
    wanted: Annotated[
        str, msgspec.Meta(min_length=1, max_length=120, description="Code or name of the variant that is wanted")
    ]
    item: Item = ""
    quantity: Quantity | None = None
    reason: ReturnReason = ReturnReason.CHANGED_MIND
    note: Note = ""


class ExchangeItem(ShopTool[ExchangeItemArguments]):
    """Exchanges an item for another variant of the same product."""

    name = "exchange_item"
    about = {  # noqa: RUF012
        "en": "Exchanges an item of a delivered order for another variant of the same product. Confirm it first.",
        "zh": "把已签收订单中的商品换成同款的其他颜色或规格。办理前请先与顾客确认。",
    }
    arguments = ExchangeItemArguments

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: ExchangeItemArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        order = await desk.order(arguments.order)
        line = line_of(order, arguments.item)
        variants = list(await desk.variants(line.product.family))
        wanted = variant_of(variants, arguments.wanted)
        before = await desk.exchanges(line)
        if before:
            chosen = next(product for product in variants if product.id == before[-1].wanted_id)
            return self._result(desk, context, Outcome.ALREADY, order, line, before[-1], chosen)
        count = pieces(line, arguments.quantity)
        check_sending_back(
            desk.policy, reason=arguments.reason, returnable=line.product.returnable,
            delivered_at=order.delivered_at, now=desk.now,
        )  # fmt: skip
        if await desk.returns(line):
            raise not_allowed("return_open", "a return of this item is under way")
        if not await desk.reserve(wanted, count):
            raise not_allowed("out_of_stock", "the wanted variant is sold out", item=wanted.sku)
        made = await desk.add(
            Exchange(
                customer_id=desk.customer.id, order_line_id=line.id, wanted_id=wanted.id, quantity=count,
                number=desk.numbers.make("EX"), reason=arguments.reason, status="requested",
                label_until=desk.now + desk.policy.return_label_validity, created_at=desk.now,
            )
        )  # fmt: skip
        return self._result(desk, context, Outcome.DONE, order, line, made, wanted)

    def _result(
        self, desk: Desk, context: ToolContext, outcome: Outcome, order: Order, line: OrderLine, made: Exchange,
        wanted: Product,
    ) -> ToolResult:  # fmt: skip
        facts: Facts = {
            "exchange": made.number,
            "status": made.status,
            "order": order.number,
            "item": line.product.name(context.language),
            "wanted": wanted.name(context.language),
            "quantity": made.quantity,
            "label_until": moment(made.label_until),
            "dispatch_working_days": desk.policy.exchange_dispatch_days,
        }
        return ToolResult(outcome, facts, order_card(desk, order, context.language))
