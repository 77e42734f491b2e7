"""The cases of what stands open for a customer: the coupons that are theirs, the tickets that wait for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.cases.cards import word
from orchestrator.cases.details import Detail, detail_of
from orchestrator.cases.told import Part, Told
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import ToolCall, ToolContext
from orchestrator.understanding.utterance import Utterance

Facts = Mapping[str, Any]


class CouponsCase:
    """Tells which coupons a customer has; changes nothing.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
    """

    def __init__(self, belt: ToolBelt, wording: Wording) -> None:
        self._belt, self._wording = belt, wording

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; that there is none, too.

        Raises:
            ServiceError: The coupons could not be looked up.
        """
        if "find_coupons" not in self._belt.names:
            return None
        found = await self._belt.run(ToolCall("find_coupons", {}), context)
        looked = {"tool": "find_coupons", "outcome": found.outcome.value, "facts": found.facts}
        coupons = found.facts["coupons"]
        if not coupons:
            return Told((Part("coupons_none", {}),), "coupon-where", (looked,))
        lines = [self._line(one, context.language) for one in coupons]
        name = "coupons_one" if len(lines) == 1 else "coupons_several"
        values = {"coupons": self._wording.listed(lines, context.language), "count": str(found.facts["count"])}
        use = (Part("coupon_use", {}),) if detail_of(utterance.text) is Detail.COUPON_USE else ()
        cards = (found.card,) if found.card is not None else ()
        return Told((Part(name, values), *use), "coupon-where", (looked,), cards)

    def _line(self, coupon: Facts, language: str) -> str:
        day, amount = self._wording.day(coupon["valid_until"], language), coupon["amount"]["text"]
        if language == "zh":
            return f"{coupon['coupon']}（{amount}，{day}前有效）"
        return f"{coupon['coupon']} ({amount}, valid until {day})"


class TicketsCase:
    """Tells which tickets of a customer are open and until when they are answered; changes nothing.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
    """

    def __init__(self, belt: ToolBelt, wording: Wording) -> None:
        self._belt, self._wording = belt, wording

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when no ticket is open: then the rules answer.

        Raises:
            ServiceError: The tickets could not be looked up.
        """
        if "find_tickets" not in self._belt.names:
            return None
        found = await self._belt.run(ToolCall("find_tickets", {}), context)
        looked = {"tool": "find_tickets", "outcome": found.outcome.value, "facts": found.facts}
        tickets = found.facts["tickets"]
        if not tickets:
            if not PHRASES.has("asks_own_tickets", utterance.text):
                return None
            return Told((Part("tickets_none", {}),), "support-ticket", (looked,))
        lines = "；" if context.language == "zh" else "; "
        values = {"tickets": lines.join(self._line(one, context.language) for one in tickets)}
        name = "tickets_overdue" if any(one["overdue"] for one in tickets) else "tickets_open"
        cards = (found.card,) if found.card is not None else ()
        return Told((Part(name, values),), "support-ticket", (looked,), cards)

    def _line(self, ticket: Facts, language: str) -> str:
        about, by = word("ticket_kind", ticket["kind"], language), self._wording.moment(ticket["reply_by"], language)
        if language == "zh":
            order = f"，订单 {ticket['order']}" if ticket["order"] else ""
            return f"{ticket['ticket']}（{about}{order}），最晚 {by} 答复"
        order = f", order {ticket['order']}" if ticket["order"] else ""
        return f"{ticket['ticket']} ({about[0].lower()}{about[1:]}{order}), answer due by {by} (Beijing time)"
