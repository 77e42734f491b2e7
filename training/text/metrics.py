"""Scores with 95 % bootstrap intervals over utterances."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_RESAMPLES = 500
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """A value with the interval that holds 95 % of its bootstrap resamples."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Write as `0.91 [0.89, 0.93]`."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(count: int, measure: Callable[[Index], float], seed: int = 0) -> Score:
    """Measure on all of `count` items and on resamples of them, drawn with replacement."""
    rng = np.random.default_rng(seed)
    values = [measure(rng.integers(0, count, count)) for _ in range(_RESAMPLES)]
    low, high = np.percentile(values, [2.5, 97.5])
    return Score(measure(np.arange(count)), float(low), float(high))


def counts(wanted: Index, got: Index, classes: int) -> tuple[Index, Index, Index]:
    """Return right, said and there by class."""
    right = np.bincount(wanted[wanted == got], minlength=classes)
    return right, np.bincount(got, minlength=classes), np.bincount(wanted, minlength=classes)


def class_f1(wanted: Index, got: Index, classes: int) -> NDArray[np.float64]:
    """F1 by class; a class that neither occurs nor is said has NaN."""
    right, said, there = counts(wanted, got, classes)
    total = said + there
    return np.where(total > 0, 2 * right / np.maximum(total, 1), np.nan)


def macro_f1(wanted: Index, got: Index, classes: int) -> float:
    """Mean F1 of the classes that occur in `wanted`."""
    present = np.bincount(wanted, minlength=classes) > 0
    return float(np.nanmean(class_f1(wanted, got, classes)[present]))


def calibration_error(probabilities: NDArray[np.float32], wanted: Index, bins: int = 10) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over equal-width bins of confidence."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == wanted
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[place == b].mean() - right[place == b].mean()) * (place == b).mean()
        for b in range(bins)
        if (place == b).any()
    ]
    return float(sum(gaps))


def span_counts(wanted: list[set[tuple[str, int, int]]], got: list[set[tuple[str, int, int]]]) -> Index:
    """Return (utterances, 3): exact spans right, said and there."""
    return np.array([(len(w & g), len(g), len(w)) for w, g in zip(wanted, got, strict=True)], dtype=np.int64).reshape(
        -1, 3
    )


def span_f1(table: Index) -> float:
    """Micro F1 from the sums of `span_counts`."""
    right, said, there = table.sum(0)
    return float(2 * right / max(1, said + there))
