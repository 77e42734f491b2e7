from __future__ import annotations

from difflib import SequenceMatcher

import pytest

from tests.orchestrator.knowledge.library import ARTICLES, HAN, LANGUAGES, QUESTIONS, fold

pytestmark = pytest.mark.unit

MIN_HELD_OUT = 60
MIN_ARTICLES_COVERED = 60
# Above it a held-out question is an article's question with a word changed.
MAX_LIKENESS = 0.85


@pytest.mark.parametrize("language", LANGUAGES)
def test_enough_questions_are_held_out(language: str) -> None:
    """There are enough different held-out questions, over enough articles, in the right language."""
    rows = QUESTIONS[language]
    assert len({fold(row["text"]) for row in rows}) == len(rows) >= MIN_HELD_OUT
    assert len({row["expect"] for row in rows}) >= MIN_ARTICLES_COVERED
    assert {bool(HAN.search(row["text"])) for row in rows} == {language == "zh"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_expected_articles_exist(language: str) -> None:
    """A held-out question names articles of the library and nothing but its known fields."""
    known = {article["id"] for article in ARTICLES}
    for row in QUESTIONS[language]:
        assert {"text", "expect"} <= set(row) <= {"text", "expect", "also"}
        assert {row["expect"], *row.get("also", [])} <= known


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_questions_stay_out_of_the_articles(language: str) -> None:
    """No held-out question stands in an article, not even with a word changed."""
    seen = [fold(question) for article in ARTICLES for question in article["questions"][language]]
    leaked = []
    for row in QUESTIONS[language]:
        matcher = SequenceMatcher(b=fold(row["text"]), autojunk=False)
        for question in seen:
            matcher.set_seq1(question)
            if matcher.real_quick_ratio() > MAX_LIKENESS and matcher.ratio() > MAX_LIKENESS:
                leaked.append((row["text"], question))
    assert leaked == []
