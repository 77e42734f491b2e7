"""Metrics with bootstrap intervals, in plain numpy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_RESAMPLES = 1000
Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return `0.812 [0.790, 0.833]`."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def bootstrap(metric: Callable[[Rows], float], count: int, seed: int = 0, resamples: int = _RESAMPLES) -> Estimate:
    """Estimate a metric of rows by resampling them with replacement (percentile interval).

    Args:
        metric: value of the metric on the given rows.
        count: number of rows.
        seed: of the resampling.
        resamples: how many.
    """
    rng = np.random.default_rng(seed)
    values = [metric(rng.integers(0, count, count)) for _ in range(resamples)]
    low, high = np.percentile(values, [2.5, 97.5])
    return Estimate(metric(np.arange(count)), float(low), float(high))


def mean(values: Floats | npt.NDArray[np.bool_], seed: int = 0) -> Estimate:
    """Estimate the mean of per-row values."""
    return bootstrap(lambda rows: float(values[rows].mean()), len(values), seed)


def confusion(truth: Rows, said: Rows, classes: int) -> npt.NDArray[np.int64]:
    """Return counts [classes, classes], truth by row."""
    return np.bincount(truth * classes + said, minlength=classes * classes).reshape(classes, classes)


def f1_per_class(truth: Rows, said: Rows, classes: int) -> npt.NDArray[np.float64]:
    """Return the F1 of each class; 0 for one that is neither present nor said."""
    counts = confusion(truth, said, classes)
    right = np.diag(counts).astype(np.float64)
    scores: npt.NDArray[np.float64] = 2 * right / np.maximum(counts.sum(0) + counts.sum(1), 1)
    return scores


def macro_f1(truth: Rows, said: Rows, classes: int, seed: int = 0) -> Estimate:
    """Estimate the unweighted mean F1."""

    def metric(rows: Rows) -> float:
        return float(f1_per_class(truth[rows], said[rows], classes).mean())

    return bootstrap(metric, len(truth), seed)


def first_right(scores: Floats, right: npt.NDArray[np.bool_]) -> Rows:
    """Return the rank (0 is best) of the best-placed right answer of each query.

    Args:
        scores: [Q, N], greater is better.
        right: [Q, N].
    """
    best = np.where(right, scores, -np.inf).max(1, keepdims=True)
    ranks: Rows = (scores > best).sum(1)
    return ranks


def bleu4(references: Sequence[Sequence[str]], said: Sequence[Sequence[str]], seed: int = 0) -> Estimate:
    """Estimate corpus BLEU-4 with one reference each (Papineni et al. 2002), brevity penalty included."""
    rows = np.array([_overlaps(one, other) for one, other in zip(references, said, strict=True)])

    def metric(chosen: Rows) -> float:
        totals = rows[chosen].sum(0)
        hits, tries, reference, length = totals[:4], totals[4:8], totals[8], totals[9]
        if not hits.all() or not length:
            return 0.0
        precision = float(np.log(hits / tries).mean())
        return math.exp(precision + min(0.0, 1 - reference / length))

    return bootstrap(metric, len(rows), seed)


def _overlaps(reference: Sequence[str], said: Sequence[str]) -> list[int]:
    hits, tries = [], []
    for order in range(1, 5):
        wanted, got = _grams(reference, order), _grams(said, order)
        hits.append(sum((wanted & got).values()))
        tries.append(sum(got.values()))
    return [*hits, *tries, len(reference), len(said)]


def _grams(pieces: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(pieces[start : start + order]) for start in range(len(pieces) - order + 1))
