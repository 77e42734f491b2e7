"""The case of a refund that is asked about: its amount, where it stands, and when the money is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.cases.details import Detail, detail_of
from orchestrator.cases.things import Thing, holding
from orchestrator.cases.told import Part, Told
from orchestrator.dialogue.mentions import mentioned
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import ToolCall, ToolContext
from orchestrator.understanding.utterance import Utterance

_MOST = 3
_RETURNS = {"requested": "return_awaited", "received": "return_received"}
_TEMPLATES = {"processing": "refund_processing", "sent": "refund_sent"}
_OF_ONES_OWN = ("refund", "form")  # cases after which a bare "when?" is about what was just told or done

Facts = Mapping[str, Any]
Refunds = Sequence[tuple[Facts, Facts]]
"""Refunds, each with its order."""


class RefundCase:
    """Tells how refunds stand; changes nothing.

    Args:
        belt: Where the tools are.
        aliases: Words that mean the same thing of the shop.
    """

    def __init__(self, belt: ToolBelt, aliases: Sequence[frozenset[str]] = ()) -> None:
        self._belt, self._aliases = belt, aliases

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when no refund is under way or was made.

        Raises:
            ServiceError: The orders could not be looked up.
        """
        if "find_orders" not in self._belt.names or PHRASES.has("asks_to_apply", utterance.text):
            return None
        found = await self._belt.run(ToolCall("find_orders", {"query": utterance.number, "limit": 10}), context)
        looked = {"tool": "find_orders", "outcome": found.outcome.value, "facts": found.facts}
        asked, orders = detail_of(utterance.text), found.facts["orders"]
        if asked is Detail.RETURN_NUMBER:
            numbers = self._numbers(orders, utterance.text)
            return Told(tuple(numbers), "return-how", (looked,)) if numbers else None
        if asked is Detail.RETURN_MONEY and (brings := self._of_returns(orders, utterance.text)):
            return Told(tuple(brings), "refund-amount", (looked,))
        refunds = self._meant(orders, utterance, state)
        if asked is Detail.CHARGED:
            return self._charged(orders, state, looked)
        if asked is Detail.RETURN_MONEY and not self._told_of(refunds, utterance, state):
            return None  # nothing says that one's own is meant
        if asked is Detail.REFUND_WHEN:
            return self._when(refunds, utterance, state, looked)
        parts = [_stands(refund, order) for refund, order in refunds]
        if asked is Detail.RETURN_ARRIVED:
            back = _arrived(orders)
            if not back:
                return None
            parts = [*back, *parts]
        if state.approval:
            parts.insert(0, Part("refund_waits", {"approval": state.approval}))
        if not parts:
            return self._none(orders, utterance, asked, looked)
        after = state.listed(tuple(dict.fromkeys(order["number"] for _, order in refunds)))
        return Told((*parts, Part("refund_next", {})), "refund-time", (looked,), after=after)

    def _meant(self, orders: Sequence[Facts], utterance: Utterance, state: DialogueState) -> list[tuple[Facts, Facts]]:
        """The refunds that a message means: of what it names, of what was cancelled or sent back, or just told of."""
        every = [(one, order) for order in orders for one in order["refunds"] if one["status"] in _TEMPLATES]
        named = holding(utterance.text, orders, self._aliases)
        if named:
            return self._of_things(utterance.text, [(one, order) for one, order in every if order in named])[:_MOST]
        told_of = (
            {state.done.filled.get("order", "")} if state.done is not None and state.last_case == "form" else set()
        )
        told_of |= set(state.shown) if state.last_case == "refund" else set()
        for fits in (
            [
                pair
                for pair in every
                if PHRASES.has("of_cancelled", utterance.text) and pair[0]["reason"] == "cancelled"
            ],
            [pair for pair in every if PHRASES.has("of_returned", utterance.text) and pair[0]["reason"] == "returned"],
            [pair for pair in every if pair[1]["number"] in told_of],
        ):
            if fits:
                return fits[:_MOST]
        return every[:_MOST]

    def _of_things(self, text: str, refunds: Refunds) -> list[tuple[Facts, Facts]]:
        """Of several refunds those for the very thing; all when none is."""
        things = [Thing(tuple(one["of"])) for one, _ in refunds]
        named = mentioned(text, [thing for thing in things if thing.names], self._aliases)
        return [pair for pair, thing in zip(refunds, things, strict=True) if thing in named] or list(refunds)

    def _told_of(self, refunds: Refunds, utterance: Utterance, state: DialogueState) -> bool:
        """Whether one's own refund is asked about, by what is named or by what was told just before."""
        orders = [order for _, order in refunds]
        named = bool(utterance.number or holding(utterance.text, orders, self._aliases))
        own = any(PHRASES.has(kind, utterance.text) for kind in ("of_my_refund", "of_cancelled", "of_returned"))
        return bool(refunds) and (named or own or state.last_case in _OF_ONES_OWN)

    def _charged(self, orders: Sequence[Facts], state: DialogueState, looked: Facts) -> Told | None:
        """Whether anything is paid for an order that was just cancelled; None for anything else."""
        number = state.done.filled.get("order", "") if state.done is not None else ""
        order = next((one for one in orders if one["number"] == number and one["status"] == "cancelled"), None)
        if order is None:
            return None
        parts = tuple(_stands(one, order) for one in order["refunds"] if one["status"] in _TEMPLATES)
        if not parts and not order["paid_at"]:
            parts = (Part("nothing_charged", {"order": number}),)
        return Told(parts, facts=(looked,)) if parts else None

    def _when(self, refunds: Refunds, utterance: Utterance, state: DialogueState, looked: Facts) -> Told | None:
        """When the money is there; None where a rule is asked about."""
        if utterance.general and not self._told_of(refunds, utterance, state):
            return None
        parts = tuple(Part(_time(one), _values(one, order)) for one, order in refunds)
        after = state.listed(tuple(dict.fromkeys(order["number"] for _, order in refunds)))
        return Told(parts, "refund-time", (looked,), after=after) if parts else None

    def _none(self, orders: Sequence[Facts], utterance: Utterance, asked: Detail, looked: Facts) -> Told | None:
        """That there is no refund for what is named; None when nothing is."""
        named = holding(utterance.text, orders, self._aliases) if asked is Detail.REFUND_STATE else []
        if not named or any(order["returns"] for order in named):
            return None
        return Told((Part("refund_none", {"order": named[0]["number"]}),), "refund-time", (looked,))

    def _numbers(self, orders: Sequence[Facts], text: str) -> list[Part]:
        """The numbers of returns; of what is named alone."""
        named = holding(text, orders, self._aliases) or orders
        made = [(one, order) for order in named for one in order["returns"]]
        return [
            Part("return_number", {"return": one["number"], "order": order["number"], "item": one["item"]})
            for one, order in made[:_MOST]
        ]

    def _of_returns(self, orders: Sequence[Facts], text: str) -> list[Part]:
        """What the returns that are under way bring, and what the label takes off; of what is named alone."""
        under_way = [(one, order) for order in orders for one in order["returns"] if one["status"] == "requested"]
        if named := holding(text, orders, self._aliases):
            under_way = [(one, order) for one, order in under_way if order in named]
        return [
            Part(
                "return_money_less" if one["fee"]["minor"] else "return_money",
                {"return": one["number"], "order": order["number"], "item": one["item"],
                 "amount": one["amount"]["text"], "fee": one["fee"]["text"]},
            )
            for one, order in under_way[:_MOST]
        ]  # fmt: skip


def _arrived(orders: Sequence[Facts]) -> list[Part]:
    """Whether returns came in."""
    return [
        Part(_RETURNS[one["status"]], {"return": one["number"], "order": order["number"]})
        for order in orders
        for one in order["returns"]
        if one["status"] in _RETURNS
    ][:_MOST]


def _stands(refund: Facts, order: Facts) -> Part:
    return Part(_TEMPLATES[refund["status"]], _values(refund, order))


def _time(refund: Facts) -> str:
    """What is said of when it is there."""
    if refund["status"] == "sent":
        return "refund_when_sent"
    return "refund_when_cancelled" if refund["reason"] == "cancelled" else "refund_when_processing"


def _values(refund: Facts, order: Facts) -> dict[str, str]:
    return {"refund": refund["number"], "amount": refund["amount"]["text"], "order": order["number"]}
