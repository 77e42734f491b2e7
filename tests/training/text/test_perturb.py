"""Perturbations keep what the slots say."""

import random

import pytest

from training.text.perturb import Segment, pointed, unpunctuated

pytestmark = pytest.mark.unit


def test_speech_has_no_marks_but_those_inside_values() -> None:
    """A text as spoken keeps its slot values as they are."""
    spoken = unpunctuated([("hi, my order ", None), ("A-1.5", "order_number"), ("! when?", None)], "en")
    assert spoken == [("hi my order ", None), ("A-1.5", "order_number"), (" when ", None)]


def test_a_pointing_word_is_no_part_of_the_product() -> None:
    """It stands in a segment of its own, and never where another points already."""
    plain: list[Segment] = [("想退", None), ("地毯", "product")]
    seen = {tuple(pointed(plain, random.Random(seed))) for seed in range(200)}
    assert tuple(plain) in seen
    assert len(seen) > 10
    assert all(made[0] == plain[0] and made[-1] == plain[-1] and len(made) <= 3 for made in seen)
    for before in (("那块", None), ("两个", "quantity")):
        kept: list[Segment] = [before, ("地毯", "product")]
        assert all(pointed(kept, random.Random(seed)) == kept for seed in range(50))
