"""What tools found, as the world that forms refer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.dialogue.world import Item, Order, Variant

_LATE = ("delayed", "lost")


def orders_of(found: Mapping[str, Any]) -> tuple[Order, ...]:
    """The orders that `find_orders` found."""
    return tuple(_order(one) for one in found["orders"])


def variants_of(found: Mapping[str, Any]) -> tuple[Variant, ...]:
    """The variants that `find_variants` found."""
    return tuple(
        Variant(one["item"], one["name"], (one["name"], one["also_called"], one["item"]), one["in_stock"])
        for one in found["variants"]
    )


def _order(facts: Mapping[str, Any]) -> Order:
    items = tuple(
        Item(
            one["item"], one["name"], (one["name"], one["also_called"], one["item"]), facts["number"], one["quantity"],
            one["price"]["minor"], one.get("returnable", True), one.get("going_back", False),
            one.get("back", ""),
        )
        for one in facts["items"]
    )  # fmt: skip
    return Order(
        facts["number"], facts["status"], items, _can(facts), tuple(one["tracking"] for one in facts["parcels"]),
        facts["total"]["minor"], facts["total"]["currency"], facts["placed_at"],
        sum(one["amount"]["minor"] for one in facts["refunds"]),
        facts.get("delivered_at", ""), facts["can"].get("over", {}), facts["can"]["return_until"],
        facts["refunds"][-1]["number"] if facts["refunds"] else "", facts.get("invoice", ""), facts.get("coupon", ""),
    )  # fmt: skip


def _all_go_back(facts: Mapping[str, Any]) -> bool:
    return all(one.get("going_back", False) for one in facts["items"])


def _can(facts: Mapping[str, Any]) -> frozenset[str]:
    """What may be done with it, as forms call it. The tools decide; this spares the customer questions."""
    can, parcels = facts["can"], facts["parcels"]
    late = _progress(parcels) & set(_LATE)
    words = {
        "cancel": can["cancel"],
        "change_address": can["change_address"],
        "send_back": bool(can["return_until"]) and not _all_go_back(facts),
        "sent_back": bool(can["return_until"]) and _all_go_back(facts),
        "refund": facts["status"] == "delivered" or "lost" in late,
        "invoice": can["invoice"],
        "coupon": bool(late),
        "delivered": facts["status"] == "delivered",
    }
    return frozenset(word for word, possible in words.items() if possible)


def _progress(parcels: Sequence[Mapping[str, Any]]) -> set[str]:
    return {one["progress"] for one in parcels if one["status"] != "pickup_point"}
