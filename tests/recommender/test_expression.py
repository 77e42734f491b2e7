"""Emoji in the text, and the wanted emotion."""

from __future__ import annotations

import pytest

from recommender.channel import Query
from recommender.expression import EmojiChannel, EmotionChannel
from tests.recommender.builders import catalogue, sticker

pytestmark = pytest.mark.unit

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f466"
CATALOGUE = catalogue(
    sticker("thumb", ["thumbs up"], emoji="👍", emotion="joy"),
    sticker("heart", ["red heart"], emoji="❤️", emotion="love"),
    sticker("man", ["man"], emoji="\U0001f468"),
    sticker("family", ["family"], emoji=FAMILY),
    sticker("happy", ["smile", "happy"], ["开心"], emotion="joy"),
    sticker("hash", ["hash"], emoji="#"),
)


async def _find(text: str) -> list[str]:
    channel = EmojiChannel()
    await channel.refresh(CATALOGUE)
    return [hit.sticker_id for hit in await channel.search(Query(text), 10)]


@pytest.mark.parametrize("text", ["👍", "great 👍🏽!", "👍\ufe0f\ufe0f"])
async def test_skin_tones_and_variation_selectors_do_not_matter(text: str) -> None:
    """Every form of an emoji finds its sticker."""
    assert await _find(text) == ["p/thumb"]


async def test_the_longest_sequence_counts() -> None:
    """A family is a family, not the man it begins with."""
    assert await _find(FAMILY) == ["p/family"]


async def test_stickers_come_in_the_order_of_the_text_once_each() -> None:
    """Several emoji find several stickers, repeated ones count once."""
    assert await _find("❤ and 👍👍❤️") == ["p/heart", "p/thumb"]


@pytest.mark.parametrize("text", ["", "#1", "hello", "🦄", "👍" * 0])
async def test_other_text_finds_nothing(text: str) -> None:
    """Plain characters are no emoji, and unknown emoji have no sticker."""
    assert await _find(text) == []


async def test_typical_stickers_of_an_emotion_come_first() -> None:
    """Of two joyful stickers the one that plain words of joy describe is the better."""
    channel = EmotionChannel()
    await channel.refresh(CATALOGUE)
    hits = await channel.search(Query("", emotion="joy"), 10)
    assert [hit.sticker_id for hit in hits] == ["p/happy", "p/thumb"]
    assert await channel.search(Query(""), 10) == ()
    assert await channel.search(Query("", emotion="anger"), 10) == []
