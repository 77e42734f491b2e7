"""What a text states that can be looked up: numbers, amounts, spans of time, dates, clock times, references.

Both languages, digits or words. Equal things are equal however they are written: 24 hours are a day, 十元 is 10 CNY,
3 March is 2026-03-03 where the year is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum


class Kind(StrEnum):
    """What is claimed. Amounts, spans and percentages carry their unit; a number has none."""

    NUMBER = "number"
    MONEY = "money"
    SPAN = "span"
    PERCENT = "percent"
    DATE = "date"
    CLOCK = "clock"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Claim:
    """One thing that a text states.

    Attributes:
        value: In a form in which equal things are equal.
        small: Whether it is a bare number that people use without stating anything, as in "one moment".
    """

    kind: Kind
    value: str
    small: bool = False


_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * (place + 2) for place, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())
}
_HAN = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_MONTHS = {name: place + 1 for place, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())}
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ONES = "|".join(list(_WORDS)[1:10])
_SPOKEN = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{_ONES}))?|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_DIGITS = r"(?<![\d.,])\d[\d,]{0,12}(?:\.\d{1,6})?(?!\d)"
_NUMBER = rf"(?:{_DIGITS}|\b{_SPOKEN}\b|[零〇一二两三四五六七八九十百千万]{{1,12}})"
_RANGE = rf"(?P<low>{_NUMBER})(?:\s*(?:-|–|—|~|～|to|or|and|至|到|或|、)\s*(?P<high>{_NUMBER}))?"
_CURRENCIES = {
    "CNY": r"(?:cny|rmb|yuan|元|块钱?|人民币|¥|￥)",
    "USD": r"(?:usd|us\$|\$|dollars?|美元|美金)",
    "EUR": r"(?:eur|euros?|€|欧元)",
    "GBP": r"(?:gbp|pounds?|£|英镑)",
}
_CURRENCY = "|".join(f"(?P<{name}>{words})" for name, words in _CURRENCIES.items())
_SIGN = "|".join(
    f"(?P<{name}>{sign})"
    for name, sign in (("CNY", r"cny|rmb|[¥￥]"), ("USD", r"usd|us\$|\$"), ("EUR", r"eur|€"), ("GBP", r"gbp|£"))
)
_HOURS = {"minute": Decimal(1) / 60, "hour": Decimal(1), "day": Decimal(24), "week": Decimal(168)}
_UNITS = {
    "working_day": r"(?:(?:working|business|work)[ -]?days?|(?:个)?工作日)",
    "minute": r"(?:minutes?|mins?|分钟)",
    "hour": r"(?:hours?|hrs?|(?:个)?小时|(?:个)?钟头)",
    "week": r"(?:weeks?|周|(?:个)?星期|个?礼拜)",
    "month": r"(?:months?|个月)",
    "year": r"(?:years?|年)",
    "day": r"(?:days?|天|日)",
}
_UNIT = "|".join(f"(?P<{name}>{words})" for name, words in _UNITS.items())

_WEEKDAYS = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_TAKEN = "\x00"

# In this order: what a pattern takes is not looked at again by those after it.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "iso",
            r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
            r"(?:T(?P<hour>\d{2}):(?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?",
        ),
        (
            "reference",
            r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]{0,40}\d{3})(?=[A-Za-z0-9-]{0,40}[A-Za-z])"
            r"[A-Za-z0-9]{2,40}(?:-[A-Za-z0-9]{1,40}){0,8}(?![A-Za-z0-9])",
        ),
        ("weekday", r"\b(?P<en>mon|tues|wednes|thurs|fri|satur|sun)day|(?:周|星期|礼拜)(?P<zh>[一二三四五六日天])"),
        ("clock12", r"\b(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>am|pm|a\.m\.|p\.m\.)"),
        ("clock", r"(?<![\d:])(?P<hour>[01]?\d|2[0-4])[:：](?P<minute>[0-5]\d)(?![\d])"),
        ("date_zh", r"(?:(?P<year>\d{4})\s*年\s*)?(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]"),
        ("date_dmy", rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<name>{_MONTH})(?:,? (?P<year>\d{{4}}))?\b"),
        ("date_mdy", rf"\b(?P<name>{_MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>\d{{4}}))?"),
        ("percent", rf"(?P<low>{_DIGITS})\s*(?:%|％|percent\b|per cent\b)|百分之(?P<high>{_NUMBER})"),
        ("money_before", rf"(?:{_SIGN})\s?(?P<low>{_DIGITS})"),
        ("money", rf"{_RANGE}\s*(?:{_CURRENCY})(?![a-z])"),
        ("span", rf"{_RANGE}[\s-]*(?:{_UNIT})(?![a-z])"),
        ("half", r"半(?P<of>天|年|小时|个月|个小时)|half (?:a|an) (?P<of_en>day|year|hour|month)"),
        ("long", r"(?<!\d)\d(?:[ -]?\d){6,30}(?!\d)"),
        ("number", rf"(?<![A-Za-z0-9])(?P<low>{_DIGITS})"),
    )
)  # fmt: skip


def claims(text: str) -> Iterator[Claim]:
    """The claims of a text."""
    text = _plain(text)
    for name, pattern in _PATTERNS:
        taken: list[tuple[int, int]] = []
        for found in pattern.finditer(text):
            made = list(_claims(name, found))
            if made:
                taken.append(found.span())
            yield from made
        for start, end in taken:
            text = f"{text[:start]}{_TAKEN * (end - start)}{text[end:]}"


def number(words: str) -> Decimal | None:
    """A number in digits, English words or Chinese characters; None when it is none."""
    words = words.strip().lower().replace(",", "")
    if words[:1].isdigit():
        try:
            return Decimal(words)
        except InvalidOperation:
            return None
    if words in _WORDS:
        return Decimal(_WORDS[words])
    tens, _, ones = words.replace("-", " ").partition(" ")
    if tens in _TENS:
        return Decimal(_TENS[tens] + _WORDS.get(ones, 0))
    return _han(words)


def _han(words: str) -> Decimal | None:
    total, digit = 0, 0
    for sign in words:
        if sign in _HAN:
            digit = _HAN[sign]
        elif sign == "万":
            total, digit = (total + digit) * 10_000, 0
        elif sign in _HAN_UNITS:
            total, digit = total + (digit or 1) * _HAN_UNITS[sign], 0
        else:
            return None
    return Decimal(total + digit) if words else None


def _claims(name: str, found: re.Match[str]) -> Iterator[Claim]:
    groups = found.groupdict()
    if name == "reference" or name == "long":
        yield Claim(Kind.REFERENCE, reference(found[0]))
    elif name.startswith("clock"):
        yield _clock(int(groups["hour"]), int(groups["minute"] or 0), (groups.get("half") or "").lower()[:1])
    elif name == "weekday":
        place = _WEEKDAYS.index(groups["en"].lower()) if groups["en"] else "一二三四五六日".find(groups["zh"] or "") % 7
        yield weekday(place)
    elif name == "iso" or name.startswith("date"):
        yield from _date(groups)
    elif name == "half":
        yield from claims({"天": "12 hours", "小时": "30 minutes", "个小时": "30 minutes", "年": "6 months",
                           "个月": "15 days", "day": "12 hours", "hour": "30 minutes", "year": "6 months",
                           "month": "15 days"}[groups["of"] or groups["of_en"].lower()])  # fmt: skip
    else:
        for words in (groups.get("low"), groups.get("high")):
            value = number(words) if words else None
            if value is not None:
                yield _measured(name, value, groups)


def _measured(name: str, value: Decimal, groups: dict[str, str | None]) -> Claim:
    if name == "percent":
        return Claim(Kind.PERCENT, _short(value))
    if name.startswith("money"):
        currency = next(one for one in _CURRENCIES if groups.get(one))
        return money(value, currency)
    if name == "span":
        return span(value, next(one for one in _UNITS if groups.get(one)))
    return Claim(Kind.NUMBER, _short(value), small=value in (0, 1))


def money(value: Decimal, currency: str) -> Claim:
    """An amount."""
    return Claim(Kind.MONEY, f"{_short(value)} {currency}")


def span(value: Decimal, unit: str) -> Claim:
    """A span of time: minutes to weeks in hours, years in months; a working day is neither."""
    if unit in _HOURS:
        return Claim(Kind.SPAN, f"{_short((value * _HOURS[unit]).quantize(Decimal('0.001')))} hours")
    if unit == "year":
        return Claim(Kind.SPAN, f"{_short(value * 12)} months")
    return Claim(Kind.SPAN, f"{_short(value)} {unit}s")


def any_unit(value: Decimal) -> Iterator[Claim]:
    """A number whose unit nobody told, as every measure that it may be."""
    yield Claim(Kind.PERCENT, _short(value))
    yield from (money(value, currency) for currency in _CURRENCIES)
    yield from (span(value, unit) for unit in _UNITS)


def weekday(place: int) -> Claim:
    """A day of the week; Monday is 0."""
    return Claim(Kind.DATE, f"{_WEEKDAYS[place]}day")


def reference(words: str) -> str:
    """A reference without the marks that people put in or leave out."""
    return re.sub(r"[^0-9a-z]", "", words.lower())


def _date(groups: dict[str, str | None]) -> Iterator[Claim]:
    name = groups.get("name")
    month = _MONTHS[name.lower()[:3]] if name else int(groups["month"] or 0)
    day = int(groups["day"] or 0)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return
    yield Claim(Kind.DATE, f"{month:02}-{day:02}")
    if groups.get("year"):
        yield Claim(Kind.DATE, f"{groups['year']}-{month:02}-{day:02}")
    if groups.get("hour"):
        yield _clock(int(groups["hour"] or 0), int(groups["minute"] or 0), "")


def _clock(hour: int, minute: int, half: str) -> Claim:
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return Claim(Kind.CLOCK, f"{hour:02}:{minute:02}")


def _short(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _plain(text: str) -> str:
    """Full-width digits and signs as the plain ones."""
    return (
        text.translate({code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}).replace("：", ":").replace("，", ", ")
    )
