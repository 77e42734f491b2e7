"""A place in the list that was shown last is the order that stands there."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.state import DialogueState, FormPosition
from orchestrator.policy.pointing import of_that_number, pointed_at
from orchestrator.understanding.utterance import Utterance

pytestmark = pytest.mark.unit

FIRST, SECOND = "PW1111111111", "PW2222222222"
LISTED = DialogueState(shown=(FIRST, SECOND))


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("where is the second one", "en", SECOND),
        ("and the first one?", "en", FIRST),
        ("那第一个呢", "zh", FIRST),
        ("第二个到哪了", "zh", SECOND),
    ],
)
def test_a_place_is_a_number(text: str, language: str, number: str) -> None:
    """In both languages."""
    assert pointed_at(Utterance(text, language), LISTED).number == number


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("and the fifth one?", LISTED),
        ("the first one", DialogueState(shown=("mug-peach", "tote-sky"))),
        ("the first one", DialogueState()),
        ("the first one", DialogueState(shown=LISTED.shown, form=FormPosition("return_request"))),
        ("my first impression of this whole shop was rather a good one I must say", LISTED),
        ("", LISTED),
    ],
)
def test_what_points_at_no_order_stays_as_it_is(text: str, state: DialogueState) -> None:
    """Beyond the list, at things, in a form, or in passing."""
    said = Utterance(text, "en")
    assert pointed_at(said, state) is said


@pytest.mark.parametrize(("text", "language"), [("and the other one?", "en"), ("另一个呢", "zh")])
def test_the_other_of_two_parcels_is_the_second(text: str, language: str) -> None:
    """Only after the first was told of."""
    state = DialogueState(shown=("PW1111111111", "PW2222222222"), last_case="parcel")
    assert pointed_at(Utterance(text, language), state).number == "PW2222222222"
    assert pointed_at(Utterance(text, language), DialogueState(shown=state.shown)).number == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("which address is it going to?", "en"),
        ("where is it now?", "en"),
        ("那寄到哪个地址了", "zh"),
        ("什么时候发的货", "zh"),
    ],
)
def test_what_is_asked_after_a_number_is_asked_of_that_number(text: str, language: str) -> None:
    """Be it known or not; no other order stands in for it."""
    state = DialogueState(before="what is in PW9999999999?")
    assert of_that_number(Utterance(text, language), state, product=False).number == "PW9999999999"


@pytest.mark.parametrize(
    ("text", "before", "product"),
    [
        ("where is it now?", "what is in my order?", False),
        ("where is it now?", "PW9999999999 or PW9999999998?", False),
        ("where is the teapot?", "what is in PW9999999999?", True),
        ("where is PW1111111111?", "what is in PW9999999999?", False),
        ("thank you", "what is in PW9999999999?", False),
        ("how long do returns take?", "what is in PW9999999999?", False),
    ],
)
def test_other_messages_keep_their_own_subject(text: str, before: str, product: bool) -> None:
    """A thing, another number, a rule, and what follows two numbers."""
    said = Utterance(text, "en")
    assert of_that_number(said, DialogueState(before=before), product=product) == said
