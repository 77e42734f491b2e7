"""The vocabulary: complete in both languages, with splits that do not overlap."""

from __future__ import annotations

import pytest

from training.stickers.catalogue import (
    EXPRESSIONS,
    GESTURES,
    PROPS,
    SCENES,
    SPECIES,
    STYLES,
    Words,
    palette_split,
    split_palettes,
    split_styles,
)
from training.stickers.poses import POSES
from training.stickers.spec import EMOTIONS, POLARITIES, POLARITY_OF, Split

pytestmark = pytest.mark.unit

_ALL_WORDS: list[Words] = [
    *(species.words for species in SPECIES.values()),
    *(expression.words for expression in EXPRESSIONS.values()),
    *(gesture.words for gesture in GESTURES.values()),
    *(prop.words for prop in PROPS.values()),
    *SCENES.values(),
]


def test_the_vocabulary_is_wide_enough() -> None:
    """There are at least ten species, six styles, and three variants of every emotion but gratitude (two)."""
    assert len(SPECIES) >= 10
    assert len(STYLES) >= 6
    for emotion in EMOTIONS:
        variants = [name for name, item in EXPRESSIONS.items() if item.emotion == emotion]
        assert len(variants) >= (2 if emotion == "gratitude" else 3), emotion


@pytest.mark.parametrize("words", _ALL_WORDS, ids=lambda words: words.en[0])
def test_every_factor_has_words_in_both_languages(words: Words) -> None:
    """English words are ASCII, Chinese ones hold Chinese characters, none is empty."""
    assert words.en
    assert words.zh
    assert all(word and word.isascii() for word in words.en)
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in word) for word in words.zh)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_canonical_words_tell_factors_apart(language: str) -> None:
    """No two species, expressions, gestures, props or scenes share their canonical word."""
    for table in (
        [item.words for item in SPECIES.values()],
        [item.words for item in EXPRESSIONS.values()],
        [item.words for item in GESTURES.values()],
        [item.words for item in PROPS.values()],
        list(SCENES.values()),
    ):
        canonical = [getattr(words, language)[0] for words in table]
        assert len(set(canonical)) == len(canonical)


def test_splits_are_disjoint_and_cover_everything() -> None:
    """A palette index and a style belong to exactly one split."""
    splits: tuple[Split, ...] = ("train", "val", "test")
    palettes = [index for split in splits for index in split_palettes(split)]
    assert sorted(palettes) == list(range(8))
    assert all(palette_split(index) == split for split in splits for index in split_palettes(split))
    assert sorted(style for split in splits for style in split_styles(split)) == sorted(STYLES)
    assert all(split_styles(split) for split in splits)


def test_every_coat_of_a_species_is_its_own() -> None:
    """No two palettes of a species have the same main colour, so test characters differ from train characters."""
    for name, species in SPECIES.items():
        mains = [main for main, _, _ in species.coats]
        assert len(mains) == 8, name
        assert len(set(mains)) == 8, name


def test_every_gesture_has_a_pose_and_every_emotion_a_polarity() -> None:
    """Nothing can be sampled that cannot be drawn or labelled."""
    assert POSES.keys() == GESTURES.keys()
    assert POLARITY_OF.keys() == set(EMOTIONS)
    assert set(POLARITY_OF.values()) == set(POLARITIES)
