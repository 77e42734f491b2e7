"""The case of orders that are asked about: what there is, how it stands, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.cases.cards import word
from orchestrator.cases.details import Detail, detail_of
from orchestrator.cases.told import Part, Told
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.mentions import mentioned
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import CardLine, OrderCard, ParcelLine, ToolCall, ToolContext
from orchestrator.understanding.utterance import Utterance

_MOST = 5

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class _Thing:
    """What is in an order, by its names."""

    names: tuple[str, ...]


class OrdersCase:
    """Tells what was ordered and how it stands; changes nothing.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
        aliases: Words that mean the same thing of the shop.
    """

    def __init__(self, belt: ToolBelt, wording: Wording, aliases: Sequence[frozenset[str]] = ()) -> None:
        self._belt, self._wording, self._aliases = belt, wording, aliases

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None for a customer without orders.

        Raises:
            ServiceError: The orders could not be looked up.
        """
        if "find_orders" not in self._belt.names:
            return None
        number = utterance.number
        found = await self._belt.run(ToolCall("find_orders", {"query": number, "limit": _MOST}), context)
        orders = self._meant(found.facts["orders"], utterance)
        if not orders:
            return Told((Part("number_unknown", {"number": number}),)) if number else None
        looked = {"tool": "find_orders", "outcome": found.outcome.value, "facts": found.facts}
        if (asked := detail_of(utterance.text)) in (Detail.DELIVERED, Detail.CARRIER):
            return self._one_thing(asked, orders, context.language, state, looked)
        name = "order_stands" if len(orders) == 1 else "orders_listed"
        listed = "；".join if context.language == "zh" else "; ".join
        part = Part(name, {"orders": listed(self._line(order, context.language) for order in orders)})
        return Told(
            (part,),
            "order-history" if len(orders) > 1 else "order-status",
            (looked,),
            tuple(card_of(order) for order in orders),
            after=state.listed(tuple(order["number"] for order in orders)),
        )

    def _one_thing(
        self, asked: Detail, orders: list[Facts], language: str, state: DialogueState, looked: Facts
    ) -> Told | None:
        """When the order that is meant was delivered, or who brings it; None when there is no such order."""
        told_of = [one for one in orders if state.shown and one["number"] == state.shown[0]]
        for order in (*told_of, *orders):
            parcel = order["parcels"][-1] if order["parcels"] else None
            if parcel is None or (asked is Detail.DELIVERED and not order["delivered_at"]):
                continue
            values = {
                "order": order["number"],
                "items": self._wording.listed([item["name"] for item in order["items"]], language),
                "carrier": parcel["carrier"],
                "tracking": parcel["tracking"],
                "delivered_at": self._wording.moment(order["delivered_at"], language),
            }
            name = f"order_{asked.value}"
            after = state.listed((order["number"],))
            return Told((Part(name, values),), "order-status", (looked,), (card_of(order),), after=after)
        return None

    def _meant(self, orders: list[Facts], utterance: Utterance) -> list[Facts]:
        """Those that are meant: with what is named, the newest, those that wait to be sent; else all."""
        if utterance.number or utterance.intent == "order_list":
            return orders
        things = [_Thing(tuple(name for item in one["items"] for name in _names(item))) for one in orders]
        named = mentioned(utterance.text, things, self._aliases)
        meant = [one for one, thing in zip(orders, things, strict=True) if thing in named]
        waiting = [one for one in meant or orders if one["can"]["cancel"]]
        if PHRASES.has("newest", utterance.text):
            return (meant or orders)[:1]
        return waiting or meant or orders

    def _line(self, order: Facts, language: str) -> str:
        items = self._wording.listed([item["name"] for item in order["items"]], language)
        status = word("order_status", order["status"], language)
        if language == "zh":
            return f"{order['number']}（{items}）{order['total']['text']}，{status}"
        return f"{order['number']} ({items}), {order['total']['text']}, {status[0].lower()}{status[1:]}"


def _names(item: Facts) -> tuple[str, str]:
    return item["name"], item["also_called"]


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
