"""When people answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from zoneinfo import ZoneInfo


class SupportHours:
    """The hours in which a person can take over.

    Args:
        opens: First moment of the day.
        closes: Last moment of the day.
        zone: IANA name of the time zone.
        now: The clock; must return aware times.
    """

    def __init__(self, opens: time, closes: time, zone: str, now: Callable[[], datetime]) -> None:
        self._opens, self._closes, self._zone, self._now = opens, closes, ZoneInfo(zone), now

    @property
    def open(self) -> bool:
        """Whether somebody is there now."""
        local = self._now().astimezone(self._zone).time()
        return self._opens <= local < self._closes

    def handover_template(self) -> str:
        """What is said when a person is asked for."""
        return "handing_over" if self.open else "people_unavailable"
