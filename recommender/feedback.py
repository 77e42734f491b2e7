"""What clicks say about stickers: counts that fade, corrected for position.

A sticker far down is looked at less, so being passed over there says less. Each impression counts with the
probability that it was examined (the position-based model of Craswell et al. 2008, "An experimental comparison of
click position-bias models"); a click counts with the inverse of it, bounded. Counts fade with a half-life, so
that taste may change.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

HALF_LIFE_S = 30 * 24 * 3600.0
_PRIOR_RATE = 0.08
_PRIOR_EXPOSURE = 12.0
_DECLINE_PER_POSITION = 0.18
_MAX_CLICK_WEIGHT = 3.0
_DISMISSAL_EXPOSURE = 2.0
_FULL_LIFT_LOG = math.log(6.0)


class Reaction(Enum):
    """What became of a sticker that was shown."""

    SHOWN = "shown"
    CLICKED = "clicked"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Event:
    """One reaction.

    Attributes:
        reaction: What happened.
        sticker_id: To which sticker.
        position: Where it stood, from 0.
        query_key: Key of the query it was shown for (`query_key`); empty when not known.
        at: Unix time.
    """

    reaction: Reaction
    sticker_id: str
    position: int
    query_key: str
    at: float


@dataclass(frozen=True, slots=True)
class Counts:
    """Faded sums for one sticker: examined impressions and weighted clicks."""

    exposure: float = 0.0
    clicks: float = 0.0

    def lift(self) -> float:
        """Returns how much better than usual it is clicked, in [-1, 1]; 0 without evidence."""
        rate = (self.clicks + _PRIOR_RATE * _PRIOR_EXPOSURE) / (self.exposure + _PRIOR_EXPOSURE)
        return max(-1.0, min(1.0, math.log(rate / _PRIOR_RATE) / _FULL_LIFT_LOG))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts that bear on one answer.

    Attributes:
        overall: By sticker id, over all queries.
        for_query: By sticker id, for this query alone.
    """

    overall: Mapping[str, Counts] = field(default_factory=dict)
    for_query: Mapping[str, Counts] = field(default_factory=dict)

    def lift(self, sticker_id: str) -> float:
        """Returns the lift in [-1, 1]; clicks for the same query weigh more than clicks at large."""
        overall = self.overall.get(sticker_id, _NO_COUNTS).lift()
        here = self.for_query.get(sticker_id, _NO_COUNTS).lift()
        return max(-1.0, min(1.0, 0.4 * overall + 0.8 * here))


_NO_COUNTS = Counts()


class FeedbackUnavailableError(Exception):
    """The store of counts is out of reach."""


class FeedbackStore(Protocol):
    """Keeps the counts."""

    async def record(self, request_id: str, events: Sequence[Event]) -> int:
        """Adds events and returns how many counted; 0 when the request was seen before.

        Raises:
            FeedbackUnavailableError: The store is out of reach; nothing was counted.
        """

    async def evidence(self, query_key: str, now: float) -> Evidence:
        """Returns the counts that bear on a query, faded to `now`.

        Raises:
            FeedbackUnavailableError: The store is out of reach.
        """


def increments(event: Event) -> Counts:
    """Returns what one event adds to the counts of its sticker."""
    examined = 1.0 / (1.0 + _DECLINE_PER_POSITION * event.position)
    if event.reaction is Reaction.SHOWN:
        return Counts(exposure=examined)
    if event.reaction is Reaction.CLICKED:
        return Counts(clicks=min(_MAX_CLICK_WEIGHT, 1.0 / examined))
    return Counts(exposure=_DISMISSAL_EXPOSURE)


def faded(counts: Counts, age_s: float) -> Counts:
    """Returns counts as they weigh `age_s` seconds later."""
    factor = 0.5 ** (max(0.0, age_s) / HALF_LIFE_S)
    return Counts(counts.exposure * factor, counts.clicks * factor)
