"""Keywords found in texts of both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.channel import Query
from recommender.lexical import LexicalChannel, LexicalIndex
from tests.recommender.builders import catalogue, sticker

pytestmark = pytest.mark.unit

STICKERS = (
    sticker("thanks", ["folded hands", "thank you", "please"], ["双手合十", "感谢", "谢谢"]),
    sticker("parcel", ["package", "parcel", "box"], ["包裹", "快递"]),
    sticker("dog", ["dog face", "dog", "pet"], ["狗脸", "狗"]),
    sticker("cat", ["cat face", "cat", "pet"], ["猫脸", "猫"]),
    sticker("sorry", ["person bowing", "sorry", "apology"], ["鞠躬", "抱歉", "对不起"]),
)
INDEX = LexicalIndex(STICKERS)


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("thank you", "p/thanks"),
        ("Thanks a lot!!", "p/thanks"),
        ("太感谢你们了", "p/thanks"),
        ("my PARCELS are lost", "p/parcel"),
        ("快递三天没更新了", "p/parcel"),
        ("小狗", "p/dog"),
        ("apologies", "p/sorry"),
        ("实在对不起", "p/sorry"),
    ],
)
def test_a_keyword_in_the_text_is_found(text: str, best: str) -> None:
    """The sticker whose keyword stands in the text comes first, inflected or inside Chinese."""
    assert INDEX.search(text, 5)[0].sticker_id == best


def test_shared_keywords_count_less_than_rare_ones() -> None:
    """`pet` speaks for two stickers, `dog` for one."""
    hits = {hit.sticker_id: hit.score for hit in INDEX.search("pet dog", 5)}
    assert hits["p/dog"] > hits["p/cat"]


def test_a_hit_names_what_matched() -> None:
    """The reason for people is the keyword itself."""
    assert INDEX.search("谢谢啦", 1)[0].detail == "谢谢"


def test_a_part_of_a_word_scores_below_the_word() -> None:
    """A character that two Chinese words share is weak evidence."""
    whole = INDEX.search("感谢", 1)[0].score
    part = INDEX.search("感冒", 1)
    assert not part or part[0].score < whole / 2


@pytest.mark.parametrize("text", ["", "asdkjh", "42", "的了吗", "the of and", "🦄"])
def test_noise_finds_nothing(text: str) -> None:
    """Text without a known word has no hit."""
    assert INDEX.search(text, 5) == []


def test_a_word_in_a_long_text_still_counts() -> None:
    """A long reply is not asked to be explained whole."""
    text = "We looked into it and found the reason. " * 5 + "Thank you for waiting."
    assert INDEX.search(text, 1)[0].score > 0.25


def test_an_empty_index_finds_nothing() -> None:
    """No stickers, no hits."""
    assert LexicalIndex(()).search("dog", 5) == []


@given(st.text(max_size=400))
def test_scores_stay_in_bounds(text: str) -> None:
    """Every score lies in (0, 1], in falling order, whatever the text is."""
    scores = [hit.score for hit in INDEX.search(text, 10)]
    assert all(0 < score <= 1 for score in scores)
    assert scores == sorted(scores, reverse=True)


async def test_the_channel_sees_a_new_catalogue_at_once() -> None:
    """After a refresh old stickers are gone and new ones are found."""
    channel = LexicalChannel()
    await channel.refresh(catalogue(*STICKERS))
    assert await channel.search(Query("dog"), 5)
    await channel.refresh(catalogue(sticker("bird", ["bird"])))
    assert await channel.search(Query("dog"), 5) == []
    assert [hit.sticker_id for hit in await channel.search(Query("birds"), 5)] == ["p/bird"]
