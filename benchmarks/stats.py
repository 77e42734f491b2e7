"""The few statistics that survive a noisy machine: quantiles, and ratios taken round by round."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, by linear interpolation.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return quantile(values, 0.5)


def paired_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median over the rounds of one arm's value by the other's in the same round.

    What slows a whole round slows both arms of it, so that it leaves the ratio alone.

    Raises:
        ValueError: The arms do not have equally many rounds, or none.
    """
    return median([a / b for a, b in zip(above, below, strict=True)])


def paired_difference(left: Sequence[float], right: Sequence[float]) -> float:
    """The median over the rounds of one arm's value less the other's in the same round.

    Raises:
        ValueError: The arms do not have equally many rounds, or none.
    """
    return median([a - b for a, b in zip(left, right, strict=True)])


def spread(values: Sequence[float]) -> str:
    """The middle half of the values, for people: `0.61 to 0.72`."""
    if len(values) < 2:
        return f"{values[0]:.3g}"
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{low:.3g} to {high:.3g}"
