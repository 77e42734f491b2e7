"""The case of orders that are asked about: what there is, how it stands, newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from orchestrator.cases.details import OF_ORDERS, Detail, detail_of
from orchestrator.cases.one_thing import OneThing
from orchestrator.cases.things import holding
from orchestrator.cases.told import Part, Told
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import CardLine, OrderCard, ParcelLine, ToolCall, ToolContext
from orchestrator.understanding.utterance import Utterance

_MOST, _MOST_OF_ALL = 5, 10
_PRIVATE = frozenset((Detail.DESTINATION, Detail.PHONE))

_TO_BE_SENT = ("paid", "packing")

Facts = Mapping[str, Any]


class OrdersCase:
    """Tells what was ordered and how it stands; changes nothing.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
        aliases: Words that mean the same thing of the shop.
        today: In the shop's time zone.
    """

    def __init__(
        self, belt: ToolBelt, wording: Wording, aliases: Sequence[frozenset[str]] = (),
        today: Callable[[], date] = date.today,
    ) -> None:  # fmt: skip
        self._belt, self._aliases = belt, aliases
        self._single = OneThing(wording, aliases, today)

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None for a customer without orders.

        Raises:
            ServiceError: The orders could not be looked up.
        """
        if "find_orders" not in self._belt.names:
            return None
        number = utterance.number
        asked = detail_of(utterance.text)
        of_one = asked in OF_ORDERS
        query = {"query": number, "limit": _MOST_OF_ALL if of_one else _MOST, "destination": asked in _PRIVATE}
        found = await self._belt.run(ToolCall("find_orders", query), context)
        if of_one and found.facts["orders"]:
            return self._one_thing(asked, found.facts["orders"], utterance, state, context.language)
        orders = self._meant(found.facts["orders"], utterance)
        if not orders:
            return Told((Part("number_unknown", {"number": number}),)) if number else None
        looked = {"tool": "find_orders", "outcome": found.outcome.value, "facts": found.facts}
        name = "order_stands" if len(orders) == 1 else "orders_listed"
        parts: tuple[Part, ...] = (Part(name, {"orders": self._single.listed(orders, context.language)}),)
        if len(orders) == 1 and orders[0]["status"] in _TO_BE_SENT:
            parts = self._single.when_sent(orders[0], utterance.text, context.language) or parts
        return Told(
            parts,
            "order-history" if len(orders) > 1 else "order-status",
            (looked,),
            tuple(card_of(order) for order in orders),
            after=state.listed(tuple(order["number"] for order in orders)),
        )

    def _one_thing(
        self, asked: Detail, orders: list[Facts], utterance: Utterance, state: DialogueState, language: str
    ) -> Told | None:
        """What is asked of an order or of all, alone; None when there is no such order."""
        single = self._single.tell(asked, orders, utterance, state, language)
        if single is None:
            return None
        numbers = tuple(dict.fromkeys(order["number"] for order in single.orders))
        cards = {order["number"]: card_of(order) for order in single.orders}
        exact = asked in _PRIVATE  # a model has no need to know it, so it is not asked to word it
        looked = {"tool": "find_orders", "outcome": "found", "facts": {"orders": list(single.orders)}}
        facts = () if exact else (looked,)
        after = state.listed(numbers)
        return Told(single.parts, "order-status", facts, tuple(cards.values()), after=after, exact=exact)

    def _meant(self, orders: list[Facts], utterance: Utterance) -> list[Facts]:
        """Those that are meant: with what is named, the newest, those that wait to be sent; else all."""
        if utterance.number or utterance.intent == "order_list":
            return orders
        meant = holding(utterance.text, orders, self._aliases)
        waiting = [one for one in meant or orders if one["can"]["cancel"]]
        if PHRASES.has("newest", utterance.text):
            return (meant or orders)[:1]
        return waiting or meant or orders


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
