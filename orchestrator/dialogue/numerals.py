"""Numbers and places in a row as people say them, in both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_EN = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "couple": 2, "pair": 2, "dozen": 12,
}  # fmt: skip
_ZH = {
    "零": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "俩": 2,
    "三": 3,
    "仨": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_ORDINALS_EN = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "last": -1,
    "former": 1,
    "latter": -1,
}
_WORDS_EN = "|".join(sorted(_EN, key=len, reverse=True))
_NUMBER_ZH = r"[零一二两俩三仨四五六七八九十百]+"
_ORDINAL_EN = re.compile(
    rf"\b(?:the )?(?:({'|'.join(_ORDINALS_EN)})|(\d)(?:st|nd|rd|th))\b(?! (?:time|week|month|day))", re.I
)
_ORDINAL_ZH = re.compile(
    rf"第\s*({_NUMBER_ZH}|\d+)\s*(?:个|单|笔|件|款|项|条|种|份)?|(最后)\s*(?:那)?(?:一)?(?:个|单|笔|件|款)"
)
# A place said with little more than the number, as an answer to a list.
_BARE_PLACE = re.compile(
    rf"^(?:(?:option|number|choice|item|no\.?|nr\.?|#)\s*(?P<word>\d|{'|'.join(sorted(_EN, key=len, reverse=True))})|"
    r"(?P<digit>\d)|(?:我?选|要)?(?P<han>[一二三四五六\d])(?:号|项|款)?)(?:[ ,]*(?:please|吧|的))?[\s.)）。、!！]*$",
    re.IGNORECASE,
)
_FORMER_ZH = re.compile(r"前者|(?:前|上)(?:面|边)(?:的|那|这)*(?:一)?(?:个|单|件|款)|头(?:一)?个")
_LATTER_ZH = re.compile(r"后者|(?:后|下)(?:面|边)(?:的|那|这)*(?:一)?(?:个|单|件|款)")
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9.])(\d{{1,4}})(?![\d:.])|\b({_WORDS_EN})(?:[- ]({_WORDS_EN}))?\b|({_NUMBER_ZH})", re.I
)

NUMBER = rf"(?:\d{{1,4}}|(?:{_WORDS_EN})(?:[- ](?:{_WORDS_EN}))?|{_NUMBER_ZH})"
"""A number, in digits or words, as part of a larger pattern."""


def number_of(words: str) -> int | None:
    """The number that some words are: "12", "twenty-two", "两", "十二", "一百二十"."""
    words = words.strip().lower()
    if words.isdigit():
        return int(words)
    parts = [part for part in re.split(r"[- ]", words) if part]
    if parts and all(part in _EN for part in parts):
        if len(parts) > 1 and parts[0] in ("a", "an", "one"):
            parts = parts[1:]
        return sum(_EN[part] for part in parts)
    return _chinese(words)


def number_in(text: str) -> int | None:
    """The last number in a text: who corrects himself says the right one last. "a" alone is none."""
    found = None
    for match in _NUMBER.finditer(text):
        words = match[1] or match[4] or " ".join(filter(None, match.group(2, 3)))
        if words.lower() in ("a", "an"):
            continue
        found = number_of(words)
    return found


def ordinal_in(text: str) -> int | None:
    """The place in a row that a text names, from 1; -1 for the last; None for none."""
    if match := _ORDINAL_ZH.search(text):
        return -1 if match[2] else number_of(match[1])
    if match := _ORDINAL_EN.search(text):
        return _ORDINALS_EN[match[1].lower()] if match[1] else int(match[2])
    return None


def ordinals_in(text: str) -> tuple[int, ...]:
    """Every place in a row that a text names, in its order; the last of a row is none of them."""
    zh = [number_of(match[1]) for match in _ORDINAL_ZH.finditer(text) if match[1]]
    en = [_ORDINALS_EN[match[1].lower()] if match[1] else int(match[2]) for match in _ORDINAL_EN.finditer(text)]
    return tuple(place for place in (*zh, *en) if place is not None and place > 0)


_ADULTS_ZH, _CHILDREN_ZH = "(?:个|位)?(?:大人|成人|成年人|大)", "(?:个|位)?(?:小孩|孩子|儿童|小朋友|宝宝|小)"
_PARTY = re.compile(
    rf"({_NUMBER_ZH}|\d{{1,2}})\s*{_ADULTS_ZH}[，,、和加 ]*({_NUMBER_ZH}|\d{{1,2}})\s*{_CHILDREN_ZH}"
    rf"|\b(\d{{1,2}}|{_WORDS_EN}) adults?(?: and|,| \+|,? plus)? (\d{{1,2}}|{_WORDS_EN}) "
    r"(?:child|children|kids?|babies|baby|toddlers?)\b",
    re.IGNORECASE,
)


def party_in(text: str) -> int | None:
    """How many people "two adults and a child" are; None when it is not told so."""
    found = _PARTY.search(text)
    parts = [number_of(group) for group in found.groups() if group] if found else []
    return sum(part or 0 for part in parts) or None


def place_in(text: str) -> int | None:
    """The same for an answer to a list, where a bare number or "the former" is a place, too."""
    if (place := ordinal_in(text)) is not None:
        return place
    if _FORMER_ZH.search(text):
        return 1
    if _LATTER_ZH.search(text):
        return -1
    found = _BARE_PLACE.match(text.strip())
    return number_of(next(group for group in found.groups() if group)) if found else None


def at_place(things: Sequence[T], place: int | None) -> T | None:
    """The thing at a place as it is told, from 1 and -1 for the last; None where there is none."""
    if place is None or not things:
        return None
    if place == -1:
        return things[-1]
    return things[place - 1] if 1 <= place <= len(things) else None


def _chinese(words: str) -> int | None:
    if not words or any(sign not in _ZH and sign not in "十百" for sign in words):
        return None
    total, digit = 0, None
    for sign in words:
        if sign in "十百":
            total += (1 if digit is None else digit) * (10 if sign == "十" else 100)
            digit = None
        else:
            digit = _ZH[sign]
    return total + (digit or 0)
