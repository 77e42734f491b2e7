"""The case of a parcel: looked up; when it is late, the carrier gets a ticket and the customer the policy's coupon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from orchestrator.cases.details import OF_THE_COUPON, OF_THE_TICKET, Detail, detail_of
from orchestrator.cases.things import Thing, holding
from orchestrator.cases.told import Part, Told
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.mentions import mentioned
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import Outcome, ToolCall, ToolContext, ToolResult
from orchestrator.understanding.utterance import Utterance
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_NEEDS = frozenset({"track_parcel", "open_ticket", "issue_coupon"})
_SUMMARY_CHARS = 400
_OTHERS = 3
_MOST_ORDERS = 10
_REFUND = "refund"  # the form that is offered for a parcel that is lost

Facts = dict[str, Any]


class ParcelCase:
    """Closes the case of a parcel that is asked about, missed or late.

    Asked again it does nothing a second time: the tools answer what there is already.

    Args:
        belt: Where the tools are.
        wording: Words for facts.
        aliases: Words that mean the same thing of the shop.
    """

    def __init__(self, belt: ToolBelt, wording: Wording, aliases: Sequence[frozenset[str]] = ()) -> None:
        self._belt, self._wording, self._aliases = belt, wording, aliases
        self._log = get_logger("cases")

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when this deployment or this customer has no parcels to speak of.

        Raises:
            ServiceError: The parcel could not be looked up; nothing was done.
        """
        if not _NEEDS.issubset(self._belt.names) or _is_of_no_parcel(utterance):
            return None
        try:
            found = await self._belt.run(ToolCall("track_parcel", {"number": utterance.number}), context)
        except ServiceError as error:
            if error.reason == "TOOL_FORBIDDEN" and utterance.number:
                return None  # an order without a parcel, or no number of this customer's: the case of orders tells
            raise
        parcels = self._meant(found.facts["parcels"], utterance, state)
        if not parcels or await self._is_about_an_order(parcels, utterance, context, state):
            return None
        if _is_one_thing(utterance) and not _is_late(parcels[0]):
            return None  # no ticket and no coupon: the rules answer
        told = await self._of(parcels[0], found, utterance, context)
        # What was asked for by its number was picked from what was listed before: that list stays.
        after = state if utterance.number else state.listed(tuple(one["order"] for one in parcels))
        if parcels[0]["progress"] == "lost" and parcels[0]["status"] != "pickup_point":
            after = msgspec.structs.replace(after, offered=_REFUND)
        told = replace(told, after=after)
        return told if _is_one_thing(utterance) else self._with_others(told, parcels[1:], context.language)

    def _meant(self, parcels: list[Facts], utterance: Utterance, state: DialogueState) -> list[Facts]:
        """The parcels with those first that hold what the message names, or else the one that was just spoken of."""
        things = [Thing(tuple(parcel["items"])) for parcel in parcels]
        named = mentioned(utterance.text, things, self._aliases)
        meant = [parcel for parcel, thing in zip(parcels, things, strict=True) if thing in named]
        if not meant and state.running == "parcel" and state.shown:
            meant = [parcel for parcel in parcels if parcel["order"] == state.shown[0]]
        return (
            [*meant, *(parcel for parcel in parcels if parcel not in meant)] if len(meant) < len(parcels) else parcels
        )

    async def _is_about_an_order(
        self, parcels: list[Facts], utterance: Utterance, context: ToolContext, state: DialogueState
    ) -> bool:
        """Whether an order is meant that has no parcel under way: named, told of last, or the only one that waits."""
        if utterance.number or "find_orders" not in self._belt.names:
            return False
        told_of = state.shown[:1] if state.last_case == "orders" and len(state.shown) == 1 else ()
        orders = (await self._belt.run(ToolCall("find_orders", {"limit": _MOST_ORDERS}), context)).facts["orders"]
        meant = {one["number"] for one in holding(utterance.text, orders, self._aliases)} or set(told_of)
        if meant:
            return meant.isdisjoint(parcel["order"] for parcel in parcels)
        return parcels[0]["progress"] == "delivered" and any(one["can"]["cancel"] for one in orders)

    async def _of(self, parcel: Facts, found: ToolResult, utterance: Utterance, context: ToolContext) -> Told:
        values = self._values(parcel, context.language)
        looked = _fact("track_parcel", found)
        cards = (found.card,) if found.card is not None else ()
        if _is_late(parcel):
            return await self._late(parcel, values, Told((), facts=(looked,), cards=cards), utterance, context)
        if parcel["progress"] == "delivered":
            return Told((Part("parcel_delivered", values),), "shipping-not-received", (looked,), cards)
        return Told(self._under_way(parcel, values, utterance.text, context), "shipping-track", (looked,), cards)

    def _under_way(
        self, parcel: Facts, values: dict[str, str], text: str, context: ToolContext
    ) -> tuple[Part, ...]:  # fmt: skip
        """How a parcel does that is neither late nor there; and when it may come, if that is asked."""
        asked = detail_of(text)
        if parcel["held_until"]:
            held = values | {"held_until": self._wording.moment(parcel["held_until"], context.language)}
            return (Part("order_held", held),)
        stands = Part("parcel_moving" if parcel["last_scan"] else "parcel_announced", values)
        if asked is Detail.WORRY:
            return (Part("parcel_no_worry", values), stands)
        soon = asked is Detail.ARRIVAL or PHRASES.has("presses", text) or PHRASES.has("asks_day_of_arrival", text)
        if soon and parcel["status"] == "out_for_delivery":
            return (stands, Part("parcel_on_the_van", {}))
        return (stands, Part("parcel_days", {})) if soon else (stands,)

    async def _late(
        self, parcel: Facts, values: dict[str, str], told: Told, utterance: Utterance, context: ToolContext
    ) -> Told:
        kind = "lost" if parcel["progress"] == "lost" else "delay"
        if kind == "delay" and PHRASES.has("no_ticket", utterance.text):
            left = (Part("parcel_delayed", values), Part("delay_left", {}))
            return replace(told, parts=left, article="shipping-delay")
        if kind == "lost" and detail_of(utterance.text) is Detail.OFFER:
            return replace(told, parts=(Part("lost_choice", {}),), article="shipping-lost", cards=())
        wish = {"kind": kind, "order": parcel["tracking"], "summary": utterance.text[:_SUMMARY_CHARS] or kind}
        ticket = await self._done("open_ticket", wish, context)
        coupon = await self._done("issue_coupon", {"parcel": parcel["tracking"], "reason": "delay"}, context)
        parts = [Part("parcel_lost" if kind == "lost" else "parcel_delayed", values)]
        asked = detail_of(utterance.text)
        if _is_one_thing(utterance) and ticket is not None and coupon is not None:
            parts = []
        if ticket is not None and (parts or asked in OF_THE_TICKET):
            parts.append(self._of_ticket(ticket, context.language))
        if coupon is not None and (parts or asked in OF_THE_COUPON) and asked not in OF_THE_TICKET:
            parts.append(self._of_coupon(coupon, context.language))
        if coupon is not None and asked is Detail.COUPON_USE:
            parts.append(Part("coupon_use", {}))
        if asked not in OF_THE_COUPON or ticket is None or coupon is None:
            if asked is Detail.WORRY and kind == "delay" and ticket is not None and ticket.outcome is Outcome.ALREADY:
                parts = [Part("delay_worry", {}), self._of_ticket(ticket, context.language)]
                return Told(tuple(parts), "shipping-delay", (*told.facts, _fact("open_ticket", ticket)))
            if asked is Detail.ARRIVAL and kind == "delay" and ticket is not None and ticket.outcome is Outcome.ALREADY:
                parts = [self._of_ticket(ticket, context.language), Part("delay_no_day", {})]  # the rest was told
                return Told(tuple(parts), "shipping-delay", (*told.facts, _fact("open_ticket", ticket)))
            after = "delay_if_nothing" if asked is Detail.IF_NOTHING and kind == "delay" else f"{kind}_next"
            parts.append(Part("effect_failed" if ticket is None or coupon is None else after, {}))
        results = (("open_ticket", ticket), ("issue_coupon", coupon))
        made = tuple(_fact(name, result) for name, result in results if result is not None)
        cards = tuple(one.card for _, one in results if one is not None and one.card is not None)
        if not parts[0].template.startswith("parcel_"):
            told = replace(told, cards=())  # drawn before
            cards = ()
        article = "shipping-lost" if kind == "lost" else "shipping-delay"
        return Told(tuple(parts), article, (*told.facts, *made), (*told.cards, *cards))

    async def _done(self, name: str, arguments: Facts, context: ToolContext) -> ToolResult | None:
        """An effect; None when it is refused or out of reach. Asking again finds out what a lost answer was."""
        for last in (False, True):
            try:
                return await self._belt.run(ToolCall(name, arguments), context)
            except ServiceError as error:
                if last or not error.retryable:
                    self._log.warning("effect failed", tool=name, reason=error.reason)
                    return None
        return None

    def _values(self, parcel: Facts, language: str) -> dict[str, str]:
        return {
            "items": self._wording.listed(parcel["items"], language),
            "order": parcel["order"],
            "tracking": parcel["tracking"],
            "carrier": parcel["carrier"],
            "last_scan": parcel["last_scan"] or ("announced" if language == "en" else "待揽收"),
            "last_scan_at": self._wording.moment(parcel["last_scan_at"], language) or "–",
            "quiet_days": str(parcel["quiet_days"]),
        }

    def _of_ticket(self, ticket: ToolResult, language: str) -> Part:
        values = {
            "ticket": ticket.facts["ticket"],
            "reply_by": self._wording.moment(ticket.facts["reply_by"], language),
            "reply_hours": str(ticket.facts["reply_hours"]),
        }
        return Part("ticket_open_already" if ticket.outcome is Outcome.ALREADY else "ticket_opened", values)

    def _of_coupon(self, coupon: ToolResult, language: str) -> Part:
        values = {
            "coupon": coupon.facts["coupon"],
            "amount": coupon.facts["amount"]["text"],
            "valid_until": self._wording.day(coupon.facts["valid_until"], language),
        }
        return Part("coupon_already" if coupon.outcome is Outcome.ALREADY else "coupon_issued", values)

    def _with_others(self, told: Told, others: list[Facts], language: str) -> Told:
        """Further parcels under way are named, and one tap away."""
        shown = others[:_OTHERS]
        if not shown:
            return told
        opening, closing = (" (", ")") if language == "en" else ("（", "）")
        named = [f"{one['tracking']}{opening}{self._wording.listed(one['items'], language)}{closing}" for one in shown]
        part = Part("parcels_others", {"others": self._wording.listed(named, language)})
        numbers = tuple(one["tracking"] for one in shown)
        return replace(told, parts=(*told.parts, part), quick_replies=numbers)


def _is_late(parcel: Facts) -> bool:
    """Whether it is delayed or lost; one that waits at a pickup point is quiet because it has arrived."""
    return parcel["progress"] in ("delayed", "lost") and parcel["status"] != "pickup_point"


def _is_of_no_parcel(utterance: Utterance) -> bool:
    """Whether a thing is spoken of that has come, or that was not sent: no other parcel is late for that."""
    return any(PHRASES.has(kind, utterance.text) for kind in ("has_arrived", "not_sent_yet")) and not utterance.number


def _is_one_thing(utterance: Utterance) -> bool:
    """Whether only the coupon or only the ticket is asked about."""
    return detail_of(utterance.text) in OF_THE_COUPON | OF_THE_TICKET | {Detail.OFFER}


def _fact(name: str, result: ToolResult) -> Facts:
    return {"tool": name, "outcome": result.outcome.value, "facts": result.facts}
