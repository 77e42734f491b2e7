"""Captions to numbers and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.vision.vocabulary import END, MAX_TOKENS, PAD, START, UNKNOWN, Vocabulary, split

pytestmark = pytest.mark.unit

_ENGLISH, _CHINESE = "a happy cat waving", "派对上，一只开心的猫挥手"


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary.learn([_ENGLISH, _CHINESE], minimum=1)


def test_words_and_characters_are_the_pieces() -> None:
    """English splits into words, Chinese into characters, punctuation stands alone."""
    assert split("A dog's gift，一只猫") == ["a", "dog's", "gift", "，", "一", "只", "猫"]


@pytest.mark.parametrize(("text", "language"), [(_ENGLISH, 0), (_CHINESE, 1)])
def test_a_caption_survives_the_round_trip(vocabulary: Vocabulary, text: str, language: int) -> None:
    """What is encoded decodes to itself, in the manner of its language."""
    assert vocabulary.decode(vocabulary.encode(text, language)[1:], language) == text


def test_encoding_has_one_length(vocabulary: Vocabulary) -> None:
    """Start token, pieces, end, padding: always the same number, and too long is cut before the end."""
    short, long = vocabulary.encode("cat", 1), vocabulary.encode("cat " * 99, 0)
    assert len(short) == len(long) == MAX_TOKENS + 1
    assert short[0] == START + 1
    assert short[2:4] == [END, PAD]
    assert long[-1] == END


def test_what_was_never_seen_is_unknown(vocabulary: Vocabulary) -> None:
    """An unknown word has a number of its own and is not said."""
    ids = vocabulary.encode("a zebra", 0)
    assert ids[2] == UNKNOWN
    assert vocabulary.decode(ids[1:], 0) == "a"


def test_it_is_read_as_it_was_written(vocabulary: Vocabulary, tmp_path: Path) -> None:
    """Saving and loading keeps every number."""
    vocabulary.save(tmp_path / "words.json")
    assert Vocabulary.load(tmp_path / "words.json").pieces == vocabulary.pieces


def test_rare_pieces_are_left_out() -> None:
    """A piece below the minimum count is not learned."""
    assert Vocabulary.learn(["a cat", "a dog"], minimum=2).pieces[5:] == ("a",)
