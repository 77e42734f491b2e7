"""Statistics and reports of the benchmarks: pure code."""

from __future__ import annotations

import json

import pytest

from benchmarks import machine
from benchmarks.report import Report, Row, as_json, as_markdown, as_text
from benchmarks.stats import median, paired_difference, paired_ratio, quantile, spread

pytestmark = pytest.mark.unit


def test_quantiles_lie_between_their_neighbours() -> None:
    """Linear interpolation, whatever the order."""
    assert quantile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.5
    assert quantile([5.0], 0.95) == 5.0
    assert median([3.0, 1.0, 2.0]) == 2.0


def test_no_values_have_no_quantile() -> None:
    """Nothing measured is an error, not a zero."""
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)


def test_a_slow_round_leaves_the_ratio_alone() -> None:
    """Both arms of the third round took ten times as long."""
    assert paired_ratio([2.0, 2.0, 20.0], [1.0, 1.0, 10.0]) == 2.0
    assert paired_difference([2.0, 3.0], [1.0, 2.0]) == 1.0


def test_arms_of_unequal_length_are_refused() -> None:
    """A round without its partner is a mistake."""
    with pytest.raises(ValueError, match="shorter"):
        paired_ratio([1.0, 2.0], [1.0])


def test_spread_of_one_round_is_that_round() -> None:
    """No middle half of one value."""
    assert spread([2.0]) == "2"
    assert spread([1.0, 2.0, 3.0]) == "1.5 to 2.5"


def test_goals_are_judged_on_their_side() -> None:
    """At least and at most, both with the limit itself."""
    assert Row("a", 0.6, at_least=0.6).verdict == "met"
    assert Row("a", 0.59, at_least=0.6).verdict == "missed"
    assert Row("a", 45.0, at_most=45.0).verdict == "met"
    assert Row("a", 45.1, at_most=45.0).verdict == "missed"
    assert Row("a", 1.0).verdict == ""


def test_every_form_says_the_same() -> None:
    """A missed goal is seen in the text, the JSON and the page."""
    report = Report("edge", "Claims.", [Row("p50", 1.5, "ms", at_most=1.0)], ["a note"])
    facts = machine.facts()
    assert report.missed == report.rows
    assert "missed" in as_text(report)
    assert json.loads(json.dumps(as_json(facts, [report])))["benchmarks"][0]["rows"][0]["verdict"] == "missed"
    assert "| p50 | 1.5 ms |  | ≤ 1 | missed |" in as_markdown(facts, [report])


def test_what_was_skipped_says_why() -> None:
    """In text and page."""
    report = Report("models", "Claims.", skipped="no Triton")
    assert "skipped: no Triton" in as_text(report)
    assert "Skipped: no Triton" in as_markdown({}, [report])
