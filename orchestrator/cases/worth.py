"""The case of what a return would bring: what was paid for the thing, less the label, and the offer to start one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from orchestrator.cases.things import Thing, names_of
from orchestrator.cases.told import Part, Told
from orchestrator.dialogue.forms import text_name
from orchestrator.dialogue.mentions import mentioned
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import ToolCall, ToolContext
from orchestrator.understanding.utterance import Utterance

_RETURN = "return_request"
_MOST = 2

Facts = Mapping[str, Any]


class WorthCase:
    """Tells what would come back for something that was bought; changes nothing.

    Args:
        belt: Where the tools are.
        aliases: Words that mean the same thing of the shop.
    """

    def __init__(self, belt: ToolBelt, aliases: Sequence[frozenset[str]] = ()) -> None:
        self._belt, self._aliases = belt, aliases

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when nothing that can go back is named.

        Raises:
            ServiceError: The orders could not be looked up.
        """
        if "find_orders" not in self._belt.names:
            return None
        found = await self._belt.run(ToolCall("find_orders", {"query": utterance.number, "limit": 10}), context)
        meant = self._meant(utterance.text, found.facts["orders"])
        if not meant:
            return None
        looked = {"tool": "find_orders", "outcome": found.outcome.value, "facts": found.facts}
        parts = [
            Part("return_would_bring", {"item": item["name"], "order": order["number"], "price": item["price"]["text"]})
            for order, item in meant
        ]
        after = msgspec.structs.replace(state, offered=_RETURN)
        offer = Part(text_name(_RETURN, "offer"), {})
        return Told((*parts, offer), "refund-amount", (looked,), after=after)

    def _meant(self, text: str, orders: Sequence[Facts]) -> list[tuple[Facts, Facts]]:
        """The things that are named, each with its order, as far as they can go back; the newest orders first."""
        can = [
            (order, item)
            for order in orders
            if order["can"]["return_until"]
            for item in order["items"]
            if item["returnable"] and not item["going_back"]
        ]
        things = [Thing(names_of(item)) for _, item in can]
        named = mentioned(text, things, self._aliases)
        return [pair for pair, thing in zip(can, things, strict=True) if thing in named][:_MOST]
