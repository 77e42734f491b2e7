"""What was told a moment ago is not told again word for word."""

from __future__ import annotations

import pytest

from orchestrator.journal.entries import Author, Body, Entry
from orchestrator.reply.repeating import nearest_part, was_said
from tests.orchestrator.harness import knowledge

pytestmark = pytest.mark.unit

WRAP = knowledge().articles["product-gift-wrap"].answer


@pytest.mark.parametrize(
    ("language", "question", "part"),
    [("en", "how much is that?", "5 CNY"), ("zh", "多少钱", "5 元"), ("en", "can I add a message?", "message")],
)
def test_the_part_that_is_asked_about(language: str, question: str, part: str) -> None:
    """An amount for how much, else the sentence with the same words; one sentence, not the article."""
    found = nearest_part(WRAP[language], question, language)
    assert part in found
    assert found != WRAP[language]


@pytest.mark.parametrize(
    ("language", "question"),
    [("en", "can i add a note"), ("en", "how long does it take"), ("en", "can it be added later, before the order?")],
)
def test_a_wrong_part_is_worse_than_none(language: str, question: str) -> None:
    """A verb that fits anything picks no sentence, nor does a span that the article does not tell."""
    found = nearest_part(WRAP[language], question, language)
    assert found == "" or "after the order" in found
    assert "Prices" not in found


def test_a_part_has_no_yes_before_it() -> None:
    """The part stands by itself: it no longer follows the first question."""
    assert nearest_part(WRAP["en"], "how much", "en").startswith("Tick")
    assert nearest_part(WRAP["zh"], "多少钱", "zh").startswith("结算")


@pytest.mark.parametrize("question", ["", "?", "xyzzy"])
def test_nothing_near_is_nothing(question: str) -> None:
    """What the article does not speak of is not answered from it."""
    assert nearest_part(WRAP["en"], question, "en") == ""


def test_what_was_said() -> None:
    """Only the shop's own last words count, and the whole answer."""
    told = Entry(1, 1, Body(author=Author.ASSISTANT, text=WRAP["en"]))
    quoted = Entry(1, 1, Body(author=Author.CUSTOMER, text=WRAP["en"]))
    assert was_said(WRAP["en"], (told,))
    assert not was_said(WRAP["en"], (quoted,))
    assert not was_said(WRAP["en"], ())
