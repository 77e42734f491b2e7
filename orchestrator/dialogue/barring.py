"""What stands in the way of a form as far as it is filled: said before anything else is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from orchestrator.dialogue.fitting import fitting_orders, refusal
from orchestrator.dialogue.forms import Form
from orchestrator.dialogue.world import Item, Order, World

_OF_THE_MIND = ("changed_mind", "wrong_size")
# By which rule's time a reason is to be told of, by what the form needs of the order.
_IN_TIME: Mapping[str, Mapping[str, str]] = {
    "send_back": {"damaged": "damage_report", "wrong_item": "damage_report"},
    "refund": {
        "damaged": "damage_report", "wrong_item": "damage_report", "missing_item": "damage_report",
        "not_received": "not_received_report",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """Why it cannot be done.

    Attributes:
        problem: The text that says so; empty when nothing is in the way.
        facts: What fills it; days are in ISO 8601.
        asked: The slot that another value might cure.
    """

    problem: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    asked: str = "order"


OPEN = Bar()


def barred(form: Form, filled: Mapping[str, str], world: World) -> Bar:
    """The first rule that is in the way; `OPEN` for none. The tool decides in the end: this spares questions."""
    where = next((slot.where for slot in form.slots if slot.type == "order"), "")
    order = world.order(filled.get("order", ""))
    item = world.item(order.number, filled.get("item", "")) if order is not None else None
    if order is not None and (bar := _done_before(form, where, order, item, filled)) != OPEN:
        return bar
    if item is not None and where == "send_back" and not item.returnable and filled.get("reason") in _OF_THE_MIND:
        return Bar(refusal(form, "not_returnable"), {"item": item.name}, "item")
    rule = _IN_TIME.get(where, {}).get(filled.get("reason", ""), "")
    meant = (order,) if order is not None else fitting_orders(form, dict(filled), world)
    if rule and meant and all(rule in one.over for one in meant):
        return Bar(refusal(form, rule), too_late(rule, meant[0], filled.get("reason", "")))
    return OPEN


def too_late(rule: str, order: Order, reason: str = "") -> dict[str, str]:
    """What there is to tell of a time that is over: since when, and what may be done all the same."""
    told = {"order": order.number}
    if rule in order.over:
        told |= {"over_on": order.over[rule], "delivered_on": order.delivered_at}
    if reason == "wrong_item" and order.return_until:
        told["return_on"] = order.return_until
    return told


def _done_before(form: Form, where: str, order: Order, item: Item | None, filled: Mapping[str, str]) -> Bar:
    """It was done already, and once is all there is."""
    if where == "send_back" and item is not None and item.back:
        return Bar(
            refusal(form, "item_sent_back"), {"item": item.name, "order": order.number, "back": item.back}, "item"
        )
    if where == "refund" and order.refund and order.refunded_minor >= order.total_minor and "reason" not in filled:
        return Bar(refusal(form, "already_refunded"), {"order": order.number, "refund": order.refund})
    if where == "coupon" and order.coupon:
        return Bar(refusal(form, "one_coupon"), {"order": order.number, "coupon": order.coupon})
    if where == "invoice" and order.invoice:
        return Bar(refusal(form, "invoice_made"), {"order": order.number, "invoice": order.invoice})
    return OPEN
