"""Words against noise."""

from __future__ import annotations

import pytest

from recommender.pack import read_pack
from recommender.plausibility import Plausibility
from tests.recommender.shipped import SHIPPED_PACK

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def plausibility() -> Plausibility:
    """Learned from the default pack."""
    stickers = read_pack(SHIPPED_PACK.read_bytes(), trusted=True).pack.stickers
    return Plausibility(text for one in stickers for text in (one.alt.en, *one.keywords.en))


@pytest.mark.parametrize(
    "text", ["hilarious", "my courier vanished", "omg", "I appreciate it", "慢死了", "ok 好", "xyz hello"]
)
def test_language_speaks(plausibility: Plausibility, text: str) -> None:
    """Words that the catalogue never saw are words all the same."""
    assert plausibility.speaks(text)


@pytest.mark.parametrize(
    "text", ["asdkjh", "qwrtzp", "fghjkl", "xqzv", "42", "...", "B07XJ8C8F5", "the of and", "了的吗", "", "👍"]
)
def test_noise_does_not(plausibility: Plausibility, text: str) -> None:
    """Letter salad, numbers, codes, particles and emoji say nothing to an encoder."""
    assert not plausibility.speaks(text)


def test_without_a_catalogue_plain_words_still_pass() -> None:
    """A catalogue without English leaves a rough idea of what a word is."""
    assert Plausibility(()).speaks("hello")
    assert not Plausibility(()).speaks("xqzvk")
