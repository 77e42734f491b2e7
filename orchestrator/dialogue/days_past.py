"""Which of several orders is meant by when it came or was placed: "the one that arrived last week", "前天买的那单"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from orchestrator.dialogue.numerals import NUMBER, number_of
from orchestrator.dialogue.world import Order

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEK = 7
_MONTH = 30
_FEW_DAYS = (2, 6)
_YESTERDAY = re.compile(r"\byesterday\b|昨[天晚日]", re.IGNORECASE)
_DAY_BEFORE = re.compile(r"\bday before yesterday\b|(?<!大)前[天日](?!后)", re.IGNORECASE)
_TODAY = re.compile(r"\btoday\b|\bthis morning\b|今天|今早|刚刚?(?=收|到|买|下|签)", re.IGNORECASE)
_THIS_WEEK = re.compile(r"\bthis week\b|(?:这|本)(?:个)?(?:周|星期|礼拜)(?![一二三四五六日天])", re.IGNORECASE)
_LAST_WEEK = re.compile(r"\b(?:last|past) week\b|上(?:个)?(?:周|星期|礼拜)(?![一二三四五六日天])", re.IGNORECASE)
_LAST_MONTH = re.compile(r"\b(?:last|past) month\b|上个?月", re.IGNORECASE)
_LAST_YEAR = re.compile(r"\blast year\b|去年", re.IGNORECASE)
_A_FEW_DAYS = re.compile(r"\b(?:a few|some|several) days ago\b|\bthe other day\b|前几天|几天前|前两天", re.IGNORECASE)
_AGO = re.compile(
    rf"\b({NUMBER}|a|an) (day|week|month)s? ago\b|({NUMBER})\s*(天|个?(?:周|星期|礼拜)|个月)(?:之|以)?前", re.IGNORECASE
)
_WEEKDAY = re.compile(
    rf"\b(?:on|last|this) ({'|'.join(_DAYS)})\b|(上|这)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天])", re.I
)
_CAME = re.compile(
    r"\b(?:arriv\w+|came|got|receiv\w+|deliver\w+|turned up|reached|unpacked|picked up)\b|到|收|签|送|取|拿",
    re.IGNORECASE,
)
_PLACED = re.compile(r"\b(?:bought|ordered|placed|purchased|paid)\b|买|下的?单|下单|订|拍|付", re.IGNORECASE)


def ordered_or_came(text: str, orders: Sequence[Order], today: date) -> list[Order]:
    """The orders that came, or were placed, in the days that a text names; none where it names no days gone by."""
    span = days_past(text, today)
    if span is None:
        return []
    came = _on_those_days([(one, one.delivered_at) for one in orders], span, today)
    placed = _on_those_days([(one, one.placed_at) for one in orders], span, today)
    if _PLACED.search(text):
        return placed
    return came if _CAME.search(text) else came or placed


def days_past(text: str, today: date) -> tuple[int, int] | None:
    """The days gone by that a text names, as the fewest and the most of them; None for none."""
    if found := _AGO.search(text):
        return _ago(number_of(found[1] or found[3]) or 1, (found[2] or found[4]).lower())
    if found := _WEEKDAY.search(text):
        day = _DAYS.index(found[1].lower()) if found[1] else "一二三四五六日".index(found[3].replace("天", "日"))
        back = (today.weekday() - day) % _WEEK or _WEEK
        weeks_zh = today.weekday() + _WEEK - day  # that day of the week before this one
        return (weeks_zh, weeks_zh) if found[2] == "上" else (back, back)
    since_monday = today.weekday()
    spans = (
        (_DAY_BEFORE, (2, 2)), (_YESTERDAY, (1, 1)), (_TODAY, (0, 0)), (_A_FEW_DAYS, _FEW_DAYS),
        (_THIS_WEEK, (0, since_monday)), (_LAST_WEEK, (min(since_monday + 1, 3), since_monday + _WEEK)),
        (_LAST_MONTH, (_MONTH // 3, 2 * _MONTH)), (_LAST_YEAR, (today.timetuple().tm_yday, 2 * 365)),
    )  # fmt: skip
    return next((span for pattern, span in spans if pattern.search(text)), None)


def _ago(number: int, unit: str) -> tuple[int, int]:
    """So many days, weeks or months ago, as loosely as people count them."""
    if unit in ("day", "天"):
        return max(number - 1, 0), number + 1
    length = _MONTH if "month" in unit or "月" in unit else _WEEK
    return max(number * length - length // 2, 1), number * length + length // 2


def _on_those_days(moments: Sequence[tuple[Order, str]], span: tuple[int, int], today: date) -> list[Order]:
    """The orders of which something was on those days; else a day before or after, for clocks and memories differ."""
    ago = [(one, (today - datetime.fromisoformat(moment).date()).days) for one, moment in moments if moment]
    exactly = [one for one, days in ago if span[0] <= days <= span[1]]
    return exactly or [one for one, days in ago if span[0] - 1 <= days <= span[1] + 1]
