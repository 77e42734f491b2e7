"""Random stickers: reproducible, consistent, and of the split that was asked for."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.stickers.catalogue import (
    EXPRESSIONS,
    PROPS,
    palette_split,
    split_styles,
)
from training.stickers.sampling import allowed_gestures, sample_spec
from training.stickers.spec import EMOTIONS, Split

pytestmark = pytest.mark.unit

_SPLITS: tuple[Split, ...] = ("train", "val", "test")


@given(seed=st.integers(0, 2**32), split=st.sampled_from(_SPLITS))
@settings(max_examples=60, deadline=None)
def test_one_seed_gives_one_sticker(seed: int, split: Split) -> None:
    """The same random state gives the same specification, as often as one asks."""
    assert sample_spec(random.Random(seed), split) == sample_spec(random.Random(seed), split)


@given(seed=st.integers(0, 2**32), split=st.sampled_from(_SPLITS))
@settings(max_examples=200, deadline=None)
def test_a_sticker_is_consistent_and_of_its_split(seed: int, split: Split) -> None:
    """Character and style are of the split; gesture suits the expression; a prop has a place, and only a prop."""
    spec = sample_spec(random.Random(seed), split)
    assert palette_split(spec.character.palette) == split
    assert spec.style in split_styles(split)
    assert spec.gesture in allowed_gestures(spec.expression)
    assert (spec.prop == "none") == (spec.placement == "none")
    assert (spec.placement == "held") == (spec.gesture == "hold")
    assert spec.placement != "held" or PROPS[spec.prop].holdable
    assert spec.scene == "none" or spec.backdrop == "none"


def test_characters_and_styles_of_the_splits_never_meet() -> None:
    """In 3,000 stickers of each split, no (species, palette) and no style is seen in two splits."""
    characters, styles = {}, {}
    for split in _SPLITS:
        rng = random.Random(7)
        specs = [sample_spec(rng, split) for _ in range(3000)]
        characters[split] = {(spec.character.species, spec.character.palette) for spec in specs}
        styles[split] = {spec.style for spec in specs}
    pairs: tuple[tuple[Split, Split], ...] = (("train", "val"), ("train", "test"), ("val", "test"))
    for first, second in pairs:
        assert not characters[first] & characters[second]
        assert not styles[first] & styles[second]


def test_emotions_are_balanced_and_every_expression_occurs() -> None:
    """Nine emotions of about equal share; no expression is forgotten."""
    rng = random.Random(3)
    seen = Counter(sample_spec(rng, "train").expression for _ in range(9000))
    assert seen.keys() == EXPRESSIONS.keys()
    shares = Counter[str]()
    for expression, count in seen.items():
        shares[EXPRESSIONS[expression].emotion] += count
    assert all(800 < shares[emotion] < 1200 for emotion in EMOTIONS)
