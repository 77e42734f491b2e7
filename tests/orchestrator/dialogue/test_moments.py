"""Days, times and numbers in words, in both languages."""

from __future__ import annotations

from datetime import date, time

import pytest

from orchestrator.dialogue.moments import date_in, time_in, without_moments
from orchestrator.dialogue.numerals import number_in, number_of, ordinal_in

pytestmark = pytest.mark.unit

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", MONDAY),
        ("tomorrow at 7", date(2026, 11, 24)),
        ("the day after tomorrow", date(2026, 11, 25)),
        ("next Friday", date(2026, 12, 4)),
        ("this Friday", date(2026, 11, 27)),
        ("on sunday", date(2026, 11, 29)),
        ("in three days", date(2026, 11, 26)),
        ("Dec 5", date(2026, 12, 5)),
        ("the 5th of January", date(2027, 1, 5)),
        ("2026-12-24", date(2026, 12, 24)),
        ("今晚", MONDAY),
        ("后天下午两点", date(2026, 11, 25)),
        ("大后天", date(2026, 11, 26)),
        ("下周三", date(2026, 12, 2)),
        ("周五晚上", date(2026, 11, 27)),
        ("十二月三号", date(2026, 12, 3)),
        ("12月3日", date(2026, 12, 3)),
        ("5号中午", date(2026, 12, 5)),
        ("三天后", date(2026, 11, 26)),
        ("", None),
        ("31月40号", None),
        ("2026-13-45", None),
        ("whenever", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    """A day is found, the next one where the year or the week is left open; nonsense is none."""
    assert date_in(text, MONDAY) == day


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("7pm", time(19)),
        ("at half past six", time(18, 30)),
        ("19:45", time(19, 45)),
        ("7:30 am", time(7, 30)),
        ("at noon", time(12)),
        ("around 8", time(8)),
        ("晚上七点半", time(19, 30)),
        ("下午两点", time(14)),
        ("早上九点一刻", time(9, 15)),
        ("中午12点", time(12)),
        ("99:99", None),
        ("at three people", None),
        ("", None),
    ],
)
def test_times(text: str, at: time | None) -> None:
    """A time of day is found in digits and in words; what cannot be one is none."""
    assert time_in(text) == at


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("twenty-two", 22),
        ("a dozen", 12),
        ("两", 2),
        ("十二", 12),
        ("一百二十", 120),
        ("many", None),
        ("", None),
    ],
)
def test_numbers_in_words(text: str, number: int | None) -> None:
    """Numbers of either language."""
    assert number_of(text) == number


def test_the_last_number_counts() -> None:
    """Who corrects himself says the right one last."""
    assert number_in("three, no, four people") == 4
    assert number_in("不是三个，是四个") == 4
    assert number_in("a table") is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the second one", 2),
        ("2nd", 2),
        ("the last one", -1),
        ("第二个订单", 2),
        ("最后那个", -1),
        ("one", None),
    ],
)
def test_places_in_a_row(text: str, place: int | None) -> None:
    """An ordinal is a place, a number alone is not."""
    assert ordinal_in(text) == place


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("后天晚七点 五个人", time(19, 0)),
        ("晚上8点两个人", time(20, 0)),
        ("八点四十", time(8, 40)),
        ("half past seven", time(19, 30)),
        ("quarter to eight pm", time(19, 45)),
        ("seven thirty", time(19, 30)),
        ("8 in the evening, there'll be three of us", time(20, 0)),
        ("7.30", time(19, 30)),
    ],
)
def test_an_hour_is_not_how_many_come(text: str, expected: time) -> None:
    """Minutes are minutes only where they are meant."""
    assert time_in(text) == expected


def test_what_is_left_without_moments_are_other_numbers() -> None:
    """So that an hour does not answer how many."""
    assert number_in(without_moments("12月3日晚上7点半")) is None
    assert number_in(without_moments("make it 20:00")) is None
    assert number_in(without_moments("on the 3rd of December, 6 of us")) == 6
