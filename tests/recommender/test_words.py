"""Splitting text into units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.query_key import query_key
from recommender.words import is_chinese, units

pytestmark = pytest.mark.unit


def test_english_is_stemmed_and_stop_words_are_marked() -> None:
    """Inflections of one word are one unit, and words that say nothing are known as such."""
    assert [(unit.text, unit.stop) for unit in units("The parcels are DELAYED")] == [
        ("the", True),
        ("parcel", False),
        ("are", True),
        ("delay", False),
    ]


def test_chinese_is_split_into_characters() -> None:
    """Each Chinese character is a unit of half a word's weight."""
    assert [(unit.text, unit.weight) for unit in units("退款！")] == [("退", 0.5), ("款", 0.5)]


@pytest.mark.parametrize("noise", ["", "42", "....", "B07XJ8C8F5", "00:00:17", "👍", "a b c", "\x00\ud7ff"])
def test_noise_has_no_units(noise: str) -> None:
    """Numbers, codes, single letters, punctuation and emoji are no words."""
    assert units(noise) == []


def test_full_width_letters_are_folded() -> None:
    """What an input method makes of Latin letters is read as Latin letters."""
    assert [unit.text for unit in units("ＯＫ")] == ["ok"]


@given(st.text())
def test_any_text_can_be_split(text: str) -> None:
    """No text breaks it, and each unit is either Chinese or lower-case letters."""
    for unit in units(text):
        assert unit.chinese == is_chinese(unit.text)
        assert unit.text == unit.text.lower()


def test_query_keys_name_content_not_wording() -> None:
    """Order, inflection and stop words do not change a key; other words do; noise has none."""
    assert query_key("where is my parcel") == query_key("my parcels, where?")
    assert query_key("parcel") != query_key("refund")
    assert query_key("42 !!") == ""
    assert "parcel" not in query_key("parcel")
