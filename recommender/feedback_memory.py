"""Feedback kept in the process: for a recommender that was started without Redis, and for tests."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from recommender.feedback import Counts, Event, Evidence, faded, increments

_MAX_RECEIPTS = 10_000
_MAX_QUERIES = 5_000


class MemoryFeedbackStore:
    """Counts in memory; they end with the process."""

    def __init__(self) -> None:
        self._receipts: OrderedDict[str, None] = OrderedDict()
        self._counts: OrderedDict[str, dict[str, tuple[Counts, float]]] = OrderedDict({"": {}})

    async def record(self, request_id: str, events: Sequence[Event]) -> int:
        """Adds events once per request id."""
        if request_id in self._receipts:
            return 0
        self._receipts[request_id] = None
        while len(self._receipts) > _MAX_RECEIPTS:
            self._receipts.popitem(last=False)
        for event in events:
            for key in {"", event.query_key}:
                self._add(key, event)
        return len(events)

    async def evidence(self, query_key: str, now: float) -> Evidence:
        """Returns counts faded to `now`."""
        return Evidence(self._faded("", now), self._faded(query_key, now) if query_key else {})

    def _add(self, key: str, event: Event) -> None:
        table = self._counts.setdefault(key, {})
        old, since = table.get(event.sticker_id, (Counts(), event.at))
        now = max(event.at, since)
        kept, more = faded(old, now - since), increments(event)
        table[event.sticker_id] = (Counts(kept.exposure + more.exposure, kept.clicks + more.clicks), now)
        self._counts.move_to_end(key)
        while len(self._counts) > _MAX_QUERIES:
            stale = next(name for name in self._counts if name)
            del self._counts[stale]

    def _faded(self, key: str, now: float) -> dict[str, Counts]:
        table = self._counts.get(key, {})
        return {sticker_id: faded(counts, now - since) for sticker_id, (counts, since) in table.items()}
