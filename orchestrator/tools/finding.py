"""Tools that look things up: orders and parcels."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from orchestrator.backoffice.desk import Desk
from orchestrator.backoffice.numbers import normal
from orchestrator.backoffice.schema import Order
from orchestrator.tools.arguments import Item, OrderNumber, line_of
from orchestrator.tools.facts import destination_facts, order_card, order_facts, parcel_facts
from orchestrator.tools.shop_tool import ShopTool
from orchestrator.tools.tool import Outcome, ToolContext, ToolResult

_MOST_PARCELS = 5
_UNTRACKED = 2  # letters or digits: fewer are no number


class FindOrdersArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders."""

    query: Annotated[
        str, msgspec.Meta(max_length=120, description="Order or tracking number, or words of a product; empty: all")
    ] = ""
    status: Literal["", "unpaid", "paid", "packing", "shipped", "delivered", "cancelled"] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=10)] = 5
    destination: Annotated[
        bool, msgspec.Meta(description="Also tell to whom, where and with which phone each goes")
    ] = False


class FindOrders(ShopTool[FindOrdersArguments]):
    """Finds the customer's orders."""

    name = "find_orders"
    about = {  # noqa: RUF012
        "en": "Finds this customer's orders, newest first, with items, parcels, returns, refunds and what is possible.",
        "zh": "查询当前顾客的订单（从新到旧），包含商品、包裹、退货、退款，以及还能办理的事项。",
    }
    arguments = FindOrdersArguments
    effect = False

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: FindOrdersArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        orders = await desk.orders(status=arguments.status)
        found = [order for order in orders if _fits(order, arguments.query)]
        shown = found[: arguments.limit]
        told = [await order_facts(desk, order, context.language) for order in shown]
        if arguments.destination:
            told = [one | {"destination": destination_facts(order)} for one, order in zip(told, shown, strict=True)]
        facts = {"count": len(found), "orders": told}
        card = order_card(desk, shown[0], context.language) if shown else None
        return ToolResult(Outcome.FOUND if found else Outcome.NONE, facts, card)


class TrackParcelArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which parcel."""

    number: Annotated[
        str, msgspec.Meta(max_length=40, description="Tracking or order number; empty: the parcels under way")
    ] = ""


class TrackParcel(ShopTool[TrackParcelArguments]):
    """Looks a parcel up."""

    name = "track_parcel"
    about = {  # noqa: RUF012
        "en": "Shows where parcels are, the last scan, and whether they are delayed or lost. The quietest comes first.",
        "zh": "查询包裹的位置、最近一次扫描，以及是否延误或丢失；最久没有更新的排在最前。",
    }
    arguments = TrackParcelArguments
    effect = False

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: TrackParcelArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        if arguments.number:
            found = [await desk.parcel(arguments.number)]
        else:
            everything = await desk.parcels()
            under_way = [parcel for parcel in everything if desk.progress(parcel) != "delivered"]
            found = (under_way or everything[-1:])[:_MOST_PARCELS]
        if not found:
            return ToolResult(Outcome.NONE, {"parcels": []})
        facts = {"parcels": [parcel_facts(desk, parcel, context.language) for parcel in found]}
        return ToolResult(Outcome.FOUND, facts, order_card(desk, found[0].order, context.language))


class FindVariantsArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of what."""

    order: OrderNumber
    item: Item = ""


class FindVariants(ShopTool[FindVariantsArguments]):
    """Finds what an item can be exchanged for."""

    name = "find_variants"
    about = {  # noqa: RUF012
        "en": "Finds the colours or sizes that an item of an order can be exchanged for, and whether they are there.",
        "zh": "查询订单中的商品可以换成哪些颜色或规格，以及是否有货。",
    }
    arguments = FindVariantsArguments
    effect = False

    async def at_desk(self, desk: Desk, context: ToolContext, arguments: FindVariantsArguments) -> ToolResult:
        """See `ShopTool.at_desk`."""
        line = line_of(await desk.order(arguments.order), arguments.item)
        others = [one for one in await desk.variants(line.product.family) if one.id != line.product_id]
        facts = {
            "item": line.product.sku,
            "variants": [
                {
                    "item": one.sku,
                    "name": one.name(context.language),
                    "also_called": one.name("en" if context.language == "zh" else "zh"),
                    "in_stock": one.stock > await desk.taken(one),
                }
                for one in others
            ],
        }
        return ToolResult(Outcome.FOUND if others else Outcome.NONE, facts)


def _fits(order: Order, query: str) -> bool:
    number = normal(query)
    numbers = (order.number, *(parcel.tracking for parcel in order.parcels))
    if not query.strip() or (len(number) > _UNTRACKED and any(number in known for known in numbers)):
        return True
    words = query.casefold().split()
    names = " ".join(f"{line.product.name('en')} {line.product.name('zh')}" for line in order.lines).casefold()
    return all(word in names for word in words)
