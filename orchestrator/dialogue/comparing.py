"""Which of several orders is meant by what tells them apart: "the cheaper one", "先下的那单"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.world import Order

# The phrase, what it compares, and whether the most of it is meant.
_COMPARED: tuple[tuple[str, Callable[[Order], int | str], bool], ...] = (
    ("cheaper", lambda one: one.total_minor, False),
    ("dearer", lambda one: one.total_minor, True),
    ("newer", lambda one: one.placed_at, True),
    ("older", lambda one: one.placed_at, False),
)


def compared_in(text: str, orders: Sequence[Order]) -> Order | None:
    """The order that a comparison picks; None where there is none, or two are alike in it."""
    for kind, key, most in _COMPARED:
        if len(orders) < 2 or not PHRASES.has(kind, text):
            continue
        ranked = sorted(orders, key=key, reverse=most)
        return ranked[0] if key(ranked[0]) != key(ranked[1]) else None
    return None
