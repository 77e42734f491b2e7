"""Days and times of day as people say them, in both languages. No clock of its own: today is given."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

from orchestrator.dialogue.numerals import NUMBER, number_of

_DAYS_EN = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_ZH = "一二三四五六日"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NEAR = (
    (r"大后天", 3), (r"day after tomorrow|后天", 2), (r"\btomorrow\b|\btmr\b|\btmrw\b|明天|明晚|明早|明儿", 1),
    (r"\btoday\b|\btonight\b|\bthis (evening|afternoon|noon|morning)\b|今天|今晚|今日|今早|今儿", 0),
)  # fmt: skip
_IN_DAYS = re.compile(rf"\bin ({NUMBER}) days?\b|({NUMBER})\s*天(?:后|之后|以后)", re.I)
_WEEKDAY_EN = re.compile(rf"\b(next |this |on )?({'|'.join(_DAYS_EN)}|mon|tues?|wed|thurs?|fri|sat|sun)\b", re.I)
_WEEKDAY_ZH = re.compile(r"(下下|下|这|本)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天])")
_ISO = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b")
_DATE_ZH = re.compile(
    r"(?:(\d{4})\s*年\s*)?(\d{1,2}|[一二三四五六七八九十]+)\s*月\s*(\d{1,2}|[一二三四五六七八九十]+)\s*[日号]?"
)
_DAY_EN = re.compile(r"\b(?:on |for |to )?the (\d{1,2})(?:st|nd|rd|th)\b(?! (?:order|one|item|of))", re.I)
_DAY_ZH = re.compile(r"(?<![\d月])(\d{1,2})\s*[号日]")
_MONTH = f"({'|'.join(_MONTHS)})[a-z]*"
_DATE_EN = re.compile(
    rf"\b{_MONTH}\.? (\d{{1,2}})(?:st|nd|rd|th)?\b|\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\b", re.I
)
_WEEKEND = re.compile(r"\b(this |next )?weekend\b|(下)?周末", re.I)

_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-4])\s*[:：]\s*([0-5]\d)\s*(am|pm|a\.m\.|p\.m\.)?", re.I)
_HOUR_EN = re.compile(rf"\b(?:(half past|quarter past|quarter to) )?({NUMBER})\s*(am|pm|a\.m\.|p\.m\.|o'?clock)", re.I)
_AT_EN = re.compile(
    rf"\b(?:at|around|about|by) (half past |quarter past |quarter to )?({NUMBER})\b"
    r"(?!\s*(?:people|persons|guests|of us|st|nd|rd|th))",
    re.I,
)
_MINUTE_ZH = r"[零一二三四五六七八九十]{2,3}|\d{1,2}"
_HOUR_ZH = re.compile(
    rf"({NUMBER})\s*[点時时](?!候)\s*(半|一刻|三刻|({_MINUTE_ZH}|[一二三四五六七八九](?=\s*分))\s*(?:分(?!之)|(?!\s*[个位人名口大小])))?"
)
_PAST_EN = re.compile(
    rf"\b(half|quarter) (past|to) ({NUMBER})\b|\bhalf (seven|eight|six|nine|five|twelve|one|two)\b", re.I
)
_SPOKEN_EN = re.compile(
    rf"\b({NUMBER})(?:[ .h]| and )(thirty|fifteen|forty[- ]?five|00|15|30|45)\b(?!\s*(?:people|persons|guests|\d))",
    re.I,
)
_PART_EN = re.compile(rf"\b({NUMBER})(?: o'?clock)? (?:in the (?:morning|afternoon|evening)|at night|tonight)\b", re.I)
_NAMED = ((r"\bnoon\b|\bmidday\b|中午(?!.*[点])|正午", time(12)), (r"\bmidnight\b|半夜十二点", time(0)))
# How much later or earlier than what was said before.
_HALF = r"half an hour|half hour|a half hour|an hour and a half|a quarter of an hour"
_SPAN_EN = rf"({_HALF}|(?:{NUMBER}) (?:and a half )?(?:minutes?|mins?|hours?|days?|weeks?))"
_SHIFT_EN = re.compile(
    rf"\b{_SPAN_EN} (later|earlier|sooner|after that|before that)\b|\b(later|earlier|back|forward|up) by {_SPAN_EN}\b|"
    rf"\b(?:push|put|move) (?:it |that |the \w+ )?(back|forward) (?:by )?{_SPAN_EN}\b|"
    rf"\bbring (?:it |that |the \w+ )?(forward) (?:by )?{_SPAN_EN}\b|"
    r"\b(?:the )?(day|week) (after|before)\b(?! tomorrow| yesterday| next)|"
    r"\b(?:the )?(next|following|previous) (day|week)\b(?! at)",
    re.I,
)
_SPAN_ZH = rf"(半个?小时|半个?钟头?|一?个半小时|一刻钟|(?:{NUMBER})\s*个?(?:小时|钟头|分钟|天|周|星期|礼拜))"
_SHIFT_ZH = re.compile(
    rf"(晚|迟|推迟|推后|往后推?|延后|延迟|顺延|后延|早|提前|提早|往前推?|前移)(?:个|了|到)?{_SPAN_ZH}|"
    rf"(半个?小时|一?个半小时|(?:{NUMBER})\s*个?(?:小时|钟头|分钟))(?:以|之)?(后|前)|([前后]一|第二|次)天"
)
_EARLIER = ("earlier", "sooner", "before", "before that", "previous", "forward", "up", "前", "前一")
_SPANS = (
    (r"hour and a half|个半小时", 90), (r"half|半", 30), (r"quarter|一刻", 15),
    (r"min|分钟", 1), (r"hour|小时|钟头", 60), (r"day|天", 1440), (r"week|周|星期|礼拜", 10080),
)  # fmt: skip
_LATE = re.compile(r"\b(pm|p\.m\.|evening|tonight|afternoon|night|dinner)\b|下午|晚上|今晚|明晚|傍晚|晚|夜", re.I)
_EARLY = re.compile(r"\b(am|a\.m\.|morning|breakfast)\b|早上|上午|凌晨|清晨|今早|明早", re.I)


def date_in(text: str, today: date) -> date | None:
    """The day that a text names, today or later where it leaves the year or the week open; None for none."""
    for pattern, days in _NEAR:
        if re.search(pattern, text, re.I):
            return today + timedelta(days=days)
    if found := _IN_DAYS.search(text):
        days_ahead = number_of(found[1] or found[2])
        return today + timedelta(days=days_ahead) if days_ahead is not None else None
    return _named_day(text, today) or _weekday(text, today)


def time_in(text: str) -> time | None:
    """The time of day that a text names; None for none. A bare hour from 1 to 7 is in the afternoon."""
    if found := _CLOCK.search(text):
        return _at(int(found[1]), int(found[2]), text, found[3] or "")
    if found := _HOUR_ZH.search(text):
        minute = {"半": 30, "一刻": 15, "三刻": 45}.get(found[2] or "", number_of(found[3]) if found[3] else 0)
        return _at(number_of(found[1]), minute or 0, text, "")
    if found := _PAST_EN.search(text):
        spoken = f"half past {found[4]}" if found[4] else f"{found[1]} {found[2]} {found[3]}"
        part, _, hour = spoken.rpartition(" ")
        return _english(part, number_of(hour), text, _half(text))
    if found := _SPOKEN_EN.search(text):
        words = re.sub(r"[- ]", "", found[2].lower())
        minute = {"thirty": 30, "fifteen": 15, "fortyfive": 45}.get(words)
        return _at(number_of(found[1]), int(words) if minute is None else minute, text, _half(text))
    if found := _HOUR_EN.search(text):
        return _english(found[1] or "", number_of(found[2]), text, found[3])
    if found := _PART_EN.search(text):
        return _english("", number_of(found[1]), text, "")
    if found := _AT_EN.search(text):
        return _english(found[1] or "", number_of(found[2]), text, "")
    return next((named for pattern, named in _NAMED if re.search(pattern, text, re.I)), None)


def shift_in(text: str) -> timedelta | None:
    """How much later than what was said before it should be ("half an hour later"); negative for earlier."""
    found = _SHIFT_EN.search(text) or _SHIFT_ZH.search(text)
    if found is None:
        return None
    span, sign = 0, 1
    for part in filter(None, found.groups()):
        low = part.lower()
        if low in _EARLIER or low.startswith(("早", "提", "往前", "前")):
            sign = -1
        elif length := next((minutes for pattern, minutes in _SPANS if re.search(pattern, low)), 0):
            many = number_of(
                re.sub(r"[^\d零一二两俩三仨四五六七八九十a-z ]|[a-z]*(?:min|hour|day|week).*", "", low).strip()
            )
            span = length * (many or 1) if length not in (90, 30, 15) else length
    return timedelta(minutes=sign * (span or 1440))


def without_shift(text: str) -> str:
    """A text without what is told as so much later or earlier."""
    return _SHIFT_ZH.sub(" ", _SHIFT_EN.sub(" ", text))


def _half(text: str) -> str:
    found = re.search(r"(?<![A-Za-z])(am|pm|a\.m\.|p\.m\.)(?![A-Za-z])", text, re.I)
    return found[1] if found else ""


def says_early(text: str) -> bool:
    """Whether the morning is said to be meant."""
    return _EARLY.search(text) is not None or _half(text).lower().startswith("a")


def bare_hour_in(text: str) -> time | None:
    """The first number of a text as an hour, for an answer to just that; None for none."""
    found = re.search(rf"(?<![\w.])({NUMBER})(?![\w.])|({NUMBER})", text, re.I)
    return _at(number_of(found[1] or found[2]), 0, text, _half(text)) if found else None


def without_moments(text: str) -> str:
    """A text without the days and times in it: what is left are other numbers."""
    text = without_shift(text)
    for pattern in (
        _ISO,
        _DATE_ZH,
        _DATE_EN,
        _DAY_ZH,
        _DAY_EN,
        _IN_DAYS,
        _WEEKDAY_ZH,
        _CLOCK,
        _HOUR_ZH,
        _PAST_EN,
        _SPOKEN_EN,
        _HOUR_EN,
        _PART_EN,
        _AT_EN,
    ):
        text = pattern.sub(" ", text)
    return text


def _named_day(text: str, today: date) -> date | None:
    if found := _ISO.search(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _DATE_ZH.search(text):
        return _next_time(number_of(found[2]), number_of(found[3]), today, int(found[1]) if found[1] else None)
    if found := _DATE_EN.search(text):
        month, day = (found[1], found[2]) if found[1] else (found[4], found[3])
        return _next_time(_MONTHS.index(month[:3].lower()) + 1, int(day), today, None)
    if found := _DAY_ZH.search(text) or _DAY_EN.search(text):
        this = _day(today.year, today.month, int(found[1]))
        later = _day(today.year + today.month // 12, today.month % 12 + 1, int(found[1]))
        return this if this is not None and this >= today else later
    return None


def _weekday(text: str, today: date) -> date | None:
    if found := _WEEKDAY_ZH.search(text):
        wanted = 6 if found[2] in "日天" else _DAYS_ZH.index(found[2])
        weeks = {"下": 1, "下下": 2}.get(found[1] or "", 0)
        monday = today - timedelta(days=today.weekday())
        day = monday + timedelta(days=wanted, weeks=weeks)
        return day if weeks or day >= today else day + timedelta(weeks=1)
    if found := _WEEKDAY_EN.search(text):
        wanted = next(at for at, name in enumerate(_DAYS_EN) if name.startswith(found[2].lower()[:3]))
        if (found[1] or "").strip().lower() == "next":  # of the next calendar week
            return today + timedelta(days=7 - today.weekday() + wanted)
        return today + timedelta(days=(wanted - today.weekday()) % 7)
    if found := _WEEKEND.search(text):
        weeks = 1 if (found[1] or "").strip().lower() == "next" or found[2] else 0
        return today + timedelta(days=(5 - today.weekday()) % 7, weeks=weeks)
    return None


def _english(part: str, hour: int | None, text: str, half: str) -> time | None:
    minute = {"half past": 30, "quarter past": 15, "quarter to": -15}.get(part.strip().lower(), 0)
    if hour is not None and minute < 0:
        hour, minute = hour - 1, 45
    return _at(hour, minute, text, half if half.lower() not in ("o'clock", "oclock") else "")


def _at(hour: int | None, minute: int, text: str, half: str) -> time | None:
    if hour is None or not 0 <= hour <= 24 or not 0 <= minute < 60:
        return None
    half = half.lower().replace(".", "")
    late = half == "pm" or (not half and bool(_LATE.search(text)))
    early = half == "am" or (not half and bool(_EARLY.search(text)))
    if early and hour == 12:
        hour = 0
    elif (late or (not early and 1 <= hour <= 7)) and hour < 12:
        hour += 12
    return time(hour % 24, minute)


def _next_time(month: int | None, day: int | None, today: date, year: int | None) -> date | None:
    if month is None or day is None:
        return None
    this = _day(year or today.year, month, day)
    return _day(today.year + 1, month, day) if year is None and this is not None and this < today else this


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
