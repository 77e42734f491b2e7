"""Noise and mixing of languages."""

import random

import pytest

from training.text.noise import mix, noisy

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("text", ["", " ", "a", "好", "!!", "😡"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_tiny_texts_survive(text: str, language: str) -> None:
    """Nothing is too short for a slip to be tried."""
    for seed in range(50):
        assert isinstance(noisy(text, language, random.Random(seed)), str)


def test_slips_are_small() -> None:
    """A hurried sentence stays about as long as it was."""
    text = "where is my package, i ordered it last week"
    for seed in range(200):
        assert abs(len(noisy(text, "en", random.Random(seed))) - len(text)) <= 8


def test_mixing_puts_english_words_into_chinese() -> None:
    """At least one known word is swapped, and a text without any comes back unchanged."""
    assert any(character.isascii() and character.isalpha() for character in mix("我的快递到哪了", random.Random(1)))
    assert mix("嗯嗯", random.Random(1)) == "嗯嗯"
