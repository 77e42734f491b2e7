"""The case of a refund that is asked about: each one of the customer's, with its amount and where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.cases.details import Detail, detail_of
from orchestrator.cases.told import Part, Told
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import ToolCall, ToolContext
from orchestrator.understanding.utterance import Utterance

_MOST = 3
_RETURNS = {"requested": "return_awaited", "received": "return_received"}
_TEMPLATES = {"processing": "refund_processing", "sent": "refund_sent"}


class RefundCase:
    """Tells how refunds stand; changes nothing.

    Args:
        belt: Where the tools are.
    """

    def __init__(self, belt: ToolBelt) -> None:
        self._belt = belt

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when no refund is under way or was made.

        Raises:
            ServiceError: The orders could not be looked up.
        """
        if "find_orders" not in self._belt.names:
            return None
        found = await self._belt.run(ToolCall("find_orders", {"query": utterance.number, "limit": 10}), context)
        looked = {"tool": "find_orders", "outcome": found.outcome.value, "facts": found.facts}
        asked = detail_of(utterance.text)
        if asked is Detail.RETURN_MONEY:
            parts = _of_returns(found.facts["orders"])
            return Told(tuple(parts), "refund-amount", (looked,)) if parts else None
        parts = [
            Part(
                _TEMPLATES[refund["status"]],
                {"refund": refund["number"], "amount": refund["amount"]["text"], "order": order["number"]},
            )
            for order in found.facts["orders"]
            for refund in order["refunds"]
            if refund["status"] in _TEMPLATES
        ][:_MOST]
        if asked is Detail.RETURN_ARRIVED:
            back = [
                Part(_RETURNS[one["status"]], {"return": one["number"], "order": order["number"]})
                for order in found.facts["orders"]
                for one in order["returns"]
                if one["status"] in _RETURNS
            ][:_MOST]
            if not back:
                return None
            parts = [*back, *parts]
        if state.approval:
            parts.insert(0, Part("refund_waits", {"approval": state.approval}))
        if not parts:
            return None
        return Told((*parts, Part("refund_next", {})), "refund-time", (looked,))


def _of_returns(orders: Sequence[Mapping[str, Any]]) -> list[Part]:
    """What the returns that are under way bring, and what the label takes off."""
    under_way = [(one, order) for order in orders for one in order["returns"] if one["status"] == "requested"]
    return [
        Part(
            "return_money_less" if one["fee"]["minor"] else "return_money",
            {"return": one["number"], "order": order["number"], "item": one["item"],
             "amount": one["amount"]["text"], "fee": one["fee"]["text"]},
        )
        for one, order in under_way[:_MOST]
    ]  # fmt: skip
