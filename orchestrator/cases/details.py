"""One thing that is asked about what was looked up or done: it alone is told, not the whole story again."""

from __future__ import annotations

from enum import StrEnum

from orchestrator.dialogue.phrases import PHRASES

_MOST_CHARS = 120


class Detail(StrEnum):
    """What is asked; NONE for anything else.

    DELIVERED: when it came. CARRIER: who brings it. COUPON_LIFE: until when the coupon is good. CARRIERS_ANSWER: when
    the carrier answers, and what if it does not. RETURN_ARRIVED: whether a return came in. PICKS: no question, but
    which of the things told of is meant.
    """

    NONE = ""
    DELIVERED = "delivered"
    CARRIER = "carrier"
    COUPON_LIFE = "coupon_life"
    CARRIERS_ANSWER = "carriers_answer"
    RETURN_ARRIVED = "return_arrived"
    PICKS = "picks"


_PHRASES = {
    "asks_return_arrived": Detail.RETURN_ARRIVED,
    "asks_coupon_life": Detail.COUPON_LIFE,
    "asks_carriers_answer": Detail.CARRIERS_ANSWER,
    "asks_carrier": Detail.CARRIER,
    "asks_delivered": Detail.DELIVERED,
    "picks_by_thing": Detail.PICKS,
}


def detail_of(text: str) -> Detail:
    """What one thing a message asks about."""
    if len(text) > _MOST_CHARS:
        return Detail.NONE
    return next((detail for kind, detail in _PHRASES.items() if PHRASES.has(kind, text)), Detail.NONE)
