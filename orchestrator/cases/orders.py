"""The case of orders that are asked about: what there is, how it stands, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.cases.cards import word
from orchestrator.cases.told import Part, Told
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import CardLine, OrderCard, ParcelLine, ToolCall, ToolContext
from orchestrator.understanding.utterance import Utterance

_MOST = 5

Facts = Mapping[str, Any]


class OrdersCase:
    """Tells what was ordered and how it stands; changes nothing.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
    """

    def __init__(self, belt: ToolBelt, wording: Wording) -> None:
        self._belt, self._wording = belt, wording

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None for a customer without orders.

        Raises:
            ServiceError: The orders could not be looked up.
        """
        if "find_orders" not in self._belt.names:
            return None
        number = utterance.number
        found = await self._belt.run(ToolCall("find_orders", {"query": number, "limit": _MOST}), context)
        orders = found.facts["orders"]
        if not orders:
            return Told((Part("number_unknown", {"number": number}),)) if number else None
        name = "order_stands" if len(orders) == 1 else "orders_listed"
        listed = "；".join if context.language == "zh" else "; ".join
        part = Part(name, {"orders": listed(self._line(order, context.language) for order in orders)})
        looked = {"tool": "find_orders", "outcome": found.outcome.value, "facts": found.facts}
        return Told(
            (part,),
            "order-history" if len(orders) > 1 else "order-status",
            (looked,),
            tuple(card_of(order) for order in orders),
            after=state.listed(tuple(order["number"] for order in orders)),
        )

    def _line(self, order: Facts, language: str) -> str:
        items = self._wording.listed([item["name"] for item in order["items"]], language)
        status = word("order_status", order["status"], language)
        if language == "zh":
            return f"{order['number']}（{items}）{order['total']['text']}，{status}"
        return f"{order['number']} ({items}), {order['total']['text']}, {status[0].lower()}{status[1:]}"


def card_of(order: Facts) -> OrderCard:
    """The card of an order that `find_orders` found."""
    return OrderCard(
        number=order["number"],
        status=order["status"],
        placed_at=order["placed_at"],
        currency=order["total"]["currency"],
        total_minor=order["total"]["minor"],
        lines=tuple(
            CardLine(one["item"], one["name"], one["quantity"], one["price"]["minor"]) for one in order["items"]
        ),
        parcels=tuple(
            ParcelLine(
                one["tracking"], one["carrier"], one["status"], one["progress"], one["last_scan"], one["last_scan_at"]
            )
            for one in order["parcels"]
        ),
    )
