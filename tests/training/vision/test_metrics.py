"""The metrics against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training.vision import metrics

pytestmark = pytest.mark.unit


def test_bleu_of_equal_texts_is_one() -> None:
    """A caption that equals its reference has BLEU-4 of one, and the interval is a point."""
    estimate = metrics.bleu4([list("abcdef")] * 5, [list("abcdef")] * 5)
    assert (estimate.value, estimate.low, estimate.high) == (1.0, 1.0, 1.0)


def test_bleu_punishes_brevity() -> None:
    """A perfect but short caption loses exactly the brevity penalty."""
    estimate = metrics.bleu4([list("abcdefgh")], [list("abcd")])
    assert estimate.value == pytest.approx(np.exp(1 - 8 / 4))


def test_bleu_counts_a_repeated_word_as_often_as_the_reference_has_it() -> None:
    """Matches are clipped: repeating a right word earns nothing (no four-gram is right, so the value is zero)."""
    assert metrics.bleu4([["the", "cat", "sat", "down"]], [["the"] * 7]).value == 0


def test_macro_f1_weighs_classes_equally() -> None:
    """A rare class that is always missed costs its full share."""
    truth, said = np.array([0] * 9 + [1]), np.zeros(10, np.int64)
    assert metrics.macro_f1(truth, said, 2).value == pytest.approx((2 * 9 / 19) / 2)


def test_confusion_has_truth_by_row() -> None:
    """Row is truth, column is answer."""
    assert metrics.confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist() == [[1, 1], [0, 1]]


def test_first_right_takes_the_best_of_several_answers() -> None:
    """The rank counts what is strictly better than the best right answer."""
    scores = np.array([[0.9, 0.5, 0.8], [0.1, 0.2, 0.3]])
    right = np.array([[False, True, True], [False, False, True]])
    assert metrics.first_right(scores, right).tolist() == [1, 0]


def test_the_interval_holds_the_mean_and_narrows_with_more_rows() -> None:
    """More rows, a narrower interval, and the value inside."""
    few = metrics.mean(np.arange(20) % 2 == 0)
    many = metrics.mean(np.arange(2000) % 2 == 0)
    assert few.low <= few.value <= few.high
    assert many.high - many.low < few.high - few.low
