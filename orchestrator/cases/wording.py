"""Facts of tools as words of a language: moments in the shop's time, lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.backoffice.money import Money

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Wording:
    """Words for values.

    Args:
        zone: IANA name of the shop's time zone.
    """

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def moment(self, iso: str, language: str) -> str:
        """A time of a tool ("2026-03-01T02:05:00Z") to the minute; empty for an empty one."""
        if not iso:
            return ""
        at = self.local(iso)
        day = f"{at.month}月{at.day}日" if language == "zh" else f"{at.day} {_MONTHS[at.month - 1]}"
        return f"{day} {at:%H:%M}"

    def day(self, iso: str, language: str) -> str:
        """The day of a time of a tool, with its year."""
        at = self.local(iso)
        if language == "zh":
            return f"{at.year}年{at.month}月{at.day}日"
        return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"

    def local(self, iso: str) -> datetime:
        """A time of a tool in the shop's time zone."""
        return datetime.fromisoformat(iso).astimezone(self._zone)

    def money(self, minor: int, like: Mapping[str, Any], language: str) -> str:
        """An amount in the currency of one that a tool told."""
        return Money(like["currency"], minor).text(language)

    def listed(self, names: Sequence[str], language: str) -> str:
        """Names in a row."""
        return _in_a_row(names, "and", language)

    def either(self, names: Sequence[str], language: str) -> str:
        """Names of which one is meant."""
        return _in_a_row(names, "or", language)


def _in_a_row(names: Sequence[str], last: str, language: str) -> str:
    if language == "zh":
        return "、".join(names)
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
