"""The hand-written data files: complete, parseable, apart from the training data."""

import pytest

from training.text.expand import EMOTIONS, INTENTS, templates
from training.text.handwritten import handwritten
from training.text.parallel import lexicon
from training.text.retrieval import sentences

pytestmark = pytest.mark.unit


def test_the_check_set_covers_every_intent_and_emotion_in_both_languages() -> None:
    """At least 150 texts for each language, no class left out."""
    for language in ("en", "zh"):
        mine = [u for u in handwritten() if u.language == language]
        assert len(mine) >= 150
        assert {u.intent for u in mine} == set(INTENTS)
        assert {u.emotion for u in mine} == set(EMOTIONS)


def test_check_texts_are_no_templates() -> None:
    """What is checked by hand is not, word for word, what was trained."""
    known = {template.text for template in templates()}
    copied = [u.text for u in handwritten() if u.text in known]
    assert len(copied) <= 6, copied  # greetings and single words cannot be avoided


def test_held_out_sentences_are_not_in_the_lexicon() -> None:
    """The parallel sentences that measure retrieval are not among those that train it."""
    known = {text for pair in lexicon() for text in pair}
    assert not known & {text for pair in sentences() for text in pair}


def test_no_held_out_sentence_appears_twice() -> None:
    """A translation is right only once."""
    pairs = sentences()
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs) >= 40


def test_the_new_check_set_covers_every_intent_in_both_languages() -> None:
    """At least 100 texts for each language, written before any error of the models they judge was read."""
    for language in ("en", "zh"):
        mine = [u for u in handwritten("handwritten_fresh_2") if u.language == language]
        assert len(mine) >= 100
        assert {u.intent for u in mine} == set(INTENTS)
        assert {u.emotion for u in mine} == set(EMOTIONS)


def test_new_check_texts_are_hardly_templates() -> None:
    """Apart from greetings and single words, no text of the new set is, word for word, a training template."""
    known = {template.text for template in templates()}
    copied = [u.text for u in handwritten("handwritten_fresh_2") if u.text in known]
    assert len(copied) <= 12, copied


def test_plain_texts_are_mostly_neutral_and_hardly_templates() -> None:
    """What only looks like a feeling stands beside feelings in earnest, in both languages; few are templates."""
    known = {template.text for template in templates()}
    for language in ("en", "zh"):
        mine = [u for u in handwritten("handwritten_plain") if u.language == language]
        assert len(mine) >= 35
        assert {u.emotion for u in mine} >= {"neutral", "anger", "anxiety", "sadness", "joy"}
        assert sum(u.text in known for u in mine) <= 2
