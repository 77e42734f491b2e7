"""One thing about an order: when it came, what was paid, where it goes. Told alone, from the rows, changing nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestrator.cases.cards import word
from orchestrator.cases.details import Detail
from orchestrator.cases.things import Thing, holding, names_of
from orchestrator.cases.told import Part
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.mentions import mentioned
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.understanding.utterance import Utterance

Facts = Mapping[str, Any]

_UNSENT = ("unpaid", "paid", "packing")
_STATES = {
    "unsent": _UNSENT,
    "unpaid": ("unpaid",),
    "under_way": ("shipped",),
    "delivered": ("delivered",),
    "cancelled": ("cancelled",),
}
# What an order must have for the question to be about it rather than about another.
_FITS: Mapping[Detail, Callable[[Facts], bool]] = {
    Detail.DELIVERED: lambda order: bool(order["delivered_at"]),
    Detail.SIGNED: lambda order: bool(order["delivered_at"]),
    Detail.CARRIER: lambda order: bool(order["parcels"]),
    Detail.TRACKING: lambda order: bool(order["parcels"]),
    Detail.PAID: lambda order: bool(order["paid_at"]),
    Detail.SENT: lambda order: order["status"] in ("paid", "packing", "shipped"),
    Detail.DESTINATION: lambda order: order["status"] in (*_UNSENT, "shipped"),
    Detail.PHONE: lambda order: order["status"] in (*_UNSENT, "shipped"),
    Detail.HELD: lambda order: any(parcel["held_until"] for parcel in order["parcels"]),
    Detail.HELD_OVER: lambda order: any(parcel["held_until"] for parcel in order["parcels"]),
    Detail.RETURN_UNTIL: lambda order: bool(order["can"]["return_until"]),
    Detail.IS_PAID: lambda order: order["status"] == "unpaid",
}


@dataclass(frozen=True)
class Single:
    """What was told, and of which orders."""

    parts: tuple[Part, ...]
    orders: tuple[Facts, ...]


class OneThing:
    """Tells one thing.

    Args:
        wording: Words for facts.
        aliases: Words that mean the same thing of the shop.
        today: In the shop's time zone.
    """

    def __init__(self, wording: Wording, aliases: Sequence[frozenset[str]], today: Callable[[], date]) -> None:
        self._wording, self._aliases, self._today = wording, aliases, today

    def tell(
        self, asked: Detail, orders: Sequence[Facts], utterance: Utterance, state: DialogueState, language: str
    ) -> Single | None:
        """What there is to say; None when no order has such a thing.

        Args:
            asked: What is asked.
            orders: The customer's, newest first; for where it goes with their `destination`.
            utterance: The message.
            state: What was shown before.
            language: Of the answer.
        """
        if asked is Detail.BY_STATE:
            return self._by_state(orders, PHRASES.state_asked(utterance.text), language)
        if asked is Detail.SPENT:
            return self._spent(orders, utterance.text, language)
        meant = self._meant(orders, utterance, state)
        if asked is Detail.BOUGHT:
            return self._bought(meant, utterance.text, language) if meant else None
        if asked is Detail.CONTENTS:
            shown = meant or list(orders)
            if PHRASES.has("other_one", utterance.text):  # than the one that was spoken of
                shown = [one for one in orders if not any(_goes_by(one, number) for number in state.shown)] or shown
            name = "order_stands" if len(shown) == 1 else "orders_listed"
            return Single((Part(name, {"orders": self.listed(shown, language)}),), tuple(shown))
        if waits := PHRASES.has("not_sent_yet", utterance.text):  # "it" is what waits, not the parcel told of before
            meant = self._meant(orders, utterance, DialogueState())
        if asked is Detail.RETURN_UNTIL and meant and not any(_FITS[asked](one) for one in meant):
            return None  # the rules tell why
        order = self._pick(asked, meant or list(orders), several=not meant, first=_UNSENT if waits else ())
        if order is None or (asked in (Detail.HELD, Detail.HELD_OVER) and not _FITS[asked](order)):
            return None
        name = _template(asked, order)
        return Single((Part(name, self._values(order, language)),), (order,))

    def _meant(self, orders: Sequence[Facts], utterance: Utterance, state: DialogueState) -> list[Facts]:
        """The orders that a message names, by what is in them or as what was just spoken of; none for none."""
        if utterance.number:
            return list(orders)
        meant = holding(utterance.text, orders, self._aliases)
        if PHRASES.has("newest", utterance.text):
            return (meant or list(orders))[:1]
        return meant or [one for one in orders if state.shown and _goes_by(one, state.shown[0])]

    @staticmethod
    def _pick(asked: Detail, orders: Sequence[Facts], *, several: bool, first: Sequence[str] = ()) -> Facts | None:
        """The order that a question fits; of what was named the newest even if none does, which is said then.

        Args:
            asked: What is asked.
            orders: Among which, newest first.
            several: None of them was named.
            first: An order that stands so goes before the others.
        """
        fits = [one for one in orders if asked not in _FITS or _FITS[asked](one)]
        if fits:
            return next((one for one in fits if one["status"] in first), fits[0])
        return None if several and asked is not Detail.IS_PAID else next(iter(orders), None)

    def _by_state(self, orders: Sequence[Facts], state: str, language: str) -> Single:
        so = [one for one in orders if one["status"] in _STATES[state]]
        if not so:
            return Single((Part("orders_none_so", {"orders": self.listed(orders, language)}),), tuple(orders))
        name = "order_stands" if len(so) == 1 else "orders_so"
        return Single((Part(name, {"orders": self.listed(so, language)}),), tuple(so))

    def _spent(self, orders: Sequence[Facts], text: str, language: str) -> Single:
        paid = [one for one in orders if one["paid_at"] and self._within(text, one["paid_at"])]
        kept = [one for one in paid if one["status"] != "cancelled"]
        if not kept:
            return Single((Part("spent_nothing", {}),), ())
        values = {
            "amount": self._wording.money(sum(one["total"]["minor"] for one in kept), kept[0]["total"], language),
            "count": str(len(kept)),
            "orders": self.listed(kept, language),
        }
        back = sum(refund["amount"]["minor"] for one in kept for refund in one["refunds"])
        if not back:
            return Single((Part("spent", values),), tuple(kept))
        values["refunded"] = self._wording.money(back, kept[0]["total"], language)
        return Single((Part("spent_some_back", values),), tuple(kept))

    def _within(self, text: str, paid_at: str) -> bool:
        """Whether a payment lies in the time that a message names; without one all do."""
        today, paid = self._today(), self._wording.local(paid_at)
        if PHRASES.has("this_month", text):
            return (paid.year, paid.month) == (today.year, today.month)
        if PHRASES.has("last_month", text):
            return (paid.year, paid.month) == (
                (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
            )
        return paid.year == today.year if PHRASES.has("this_year", text) else True

    def _bought(self, orders: Sequence[Facts], text: str, language: str) -> Single | None:
        lines = [
            (one, item)
            for one in orders
            if one["status"] != "cancelled"
            for item in one["items"]
            if mentioned(text, [Thing(names_of(item))], self._aliases)
        ]
        if not lines:
            return None
        told = [
            f"{item['quantity']} × {item['name']} ({one['number']})"
            if language == "en"
            else f"{item['name']} {item['quantity']} 件（{one['number']}）"
            for one, item in lines
        ]
        values = {
            "count": str(sum(item["quantity"] for _, item in lines)),
            "items": self._wording.listed(told, language),
        }
        return Single((Part("orders_bought", values),), tuple(one for one, _ in lines))

    def when_sent(self, order: Facts, text: str, language: str) -> tuple[Part, ...]:
        """When an order that waits to be sent goes out, and comes, as far as that is asked; nothing where it is not."""
        comes = any(PHRASES.has(kind, text) for kind in ("asks_day_of_arrival", "asks_arrival"))
        if not comes and not any(PHRASES.has(kind, text) for kind in ("asks_day_of_sending", "presses")):
            return ()
        sent = Part("order_not_sent", self._values(order, language))
        return (sent, Part("parcel_days", {})) if comes else (sent,)

    def listed(self, orders: Sequence[Facts], language: str) -> str:
        """Orders with what is in them, what they cost and how they stand."""
        return ("；" if language == "zh" else "; ").join(self._line(order, language) for order in orders)

    def _line(self, order: Facts, language: str) -> str:
        items = self._wording.listed([item["name"] for item in order["items"]], language)
        status = word("order_status", order["status"], language)
        if language == "zh":
            return f"{order['number']}（{items}）{order['total']['text']}，{status}"
        return f"{order['number']} ({items}), {order['total']['text']}, {status[0].lower()}{status[1:]}"

    def _day(self, iso: str, language: str) -> str:
        return self._wording.day(iso, language) if iso else ""

    def _values(self, order: Facts, language: str) -> dict[str, str]:
        parcel = order["parcels"][-1] if order["parcels"] else {}
        status = word("order_status", order["status"], language)
        priced = [_priced(item) for item in order["items"]]
        goes = order.get("destination", {})
        return {
            "order": order["number"],
            "items": self._wording.listed([item["name"] for item in order["items"]], language),
            "status": status if language == "zh" else f"{status[0].lower()}{status[1:]}",
            "amount": order["total"]["text"],
            "lines": self._wording.listed(priced, language),
            "postage": order["shipping"]["text"],
            "carrier": parcel.get("carrier", ""),
            "tracking": parcel.get("tracking", ""),
            "held_until": self._wording.moment(parcel.get("held_until", ""), language),
            "placed_at": self._wording.moment(order["placed_at"], language),
            "shipped_at": self._wording.moment(order["shipped_at"], language),
            "delivered_at": self._wording.moment(order["delivered_at"], language),
            "return_until": self._day(order["can"]["return_until"], language),
            "recipient": goes.get("recipient", ""),
            "phone": goes.get("phone", ""),
            "address": _address(goes, language),
        }


def _template(asked: Detail, order: Facts) -> str:
    """What is said; of an order that is not so far yet, that."""
    unsent, delivered = order["status"] in _UNSENT, bool(order["delivered_at"])
    if order["status"] == "cancelled" and asked not in (Detail.PAID, Detail.PLACED):
        return "order_is_cancelled"
    match asked:
        case Detail.DELIVERED | Detail.SIGNED:
            return f"order_{asked.value}" if delivered else "order_not_delivered"
        case Detail.CARRIER | Detail.TRACKING:
            return f"order_{asked.value}" if order["parcels"] else "order_not_sent"
        case Detail.SENT:
            return "order_to_pay" if order["status"] == "unpaid" else "order_not_sent" if unsent else "order_sent"
        case Detail.PAID | Detail.IS_PAID:
            if not order["paid_at"]:
                return "order_to_pay"
            return "order_is_paid" if asked is Detail.IS_PAID else _paid(order)
        case Detail.DESTINATION:
            return "order_went_to" if delivered else "order_goes_to"
        case _:
            return f"order_{asked.value}"


def _paid(order: Facts) -> str:
    return "order_paid_with_postage" if order["shipping"]["minor"] else "order_paid"


def _priced(item: Facts) -> str:
    times = f"{item['quantity']} × " if item["quantity"] > 1 else ""
    return f"{times}{item['name']} {item['price']['text']}"


def _address(goes: Facts, language: str) -> str:
    """A destination on one line, as its language writes it."""
    if not goes:
        return ""
    if language == "zh":
        return f"{goes['city']}{goes['street']}（{goes['postcode']}）"
    return f"{goes['street']}, {goes['postcode']} {goes['city']}, {goes['country']}"


def _goes_by(order: Facts, number: str) -> bool:
    return number == order["number"] or any(number == parcel["tracking"] for parcel in order["parcels"])
