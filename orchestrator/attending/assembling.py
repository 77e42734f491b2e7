"""The desk made from its parts."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Protocol

from orchestrator.attending.approving import Approving
from orchestrator.attending.attendance import Attendance
from orchestrator.attending.auditing import Auditor, Records
from orchestrator.attending.erasing import DeskErasing
from orchestrator.attending.hints import Hints
from orchestrator.attending.returning import Returning
from orchestrator.attending.servicer import DeskParts, DeskServicer
from orchestrator.attending.summaries import Customers, Summaries
from orchestrator.journal.feed import Hub
from orchestrator.journal.ports import Journal, Line, Marks
from orchestrator.journal.redis_attending import RedisAttending, RedisDeskLists
from orchestrator.journal.store import Store
from orchestrator.metrics import Metrics
from orchestrator.recommender import Recommender
from servicekit.background import keep_running, stop


class ShopRecords(Customers, Records, Protocol):
    """Both of what the desk needs of the shop's records."""


@dataclass
class DeskStaff:
    """The desk at work.

    Attributes:
        servicer: Its RPCs.
        attendance: Its deeds.
        returning: Looks after what people have.
        auditor: Writes down who did what.
        hints: Tells what is understood while people answer.
    """

    servicer: DeskServicer
    attendance: Attendance
    returning: Returning
    auditor: Auditor
    hints: Hints
    looking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to look for people who are gone."""
        self.looking = asyncio.create_task(keep_running(self.returning.run, name="desk-returning"))

    async def stop(self) -> None:
        """Ends that, and writes what is left of the audit."""
        if self.looking is not None:
            await stop([self.looking])
        await self.auditor.close()


def assemble_desk(
    store: Store,
    records: ShopRecords,
    approving: Approving,
    *,
    journal: Journal,
    line: Line,
    marks: Marks,
    hub: Hub,
    recommender: Recommender,
    metrics: Metrics,
    gone_s: float,
    outgoing: int,
    rng: random.Random,
) -> DeskStaff:
    """Builds it on the store and the shop's records; the rest it shares with the streams of customers.

    Args:
        store: Where conversations and lists are.
        records: The shop's.
        approving: What waits for a person's word.
        journal: Conversations.
        line: Who waits.
        marks: How far people have read.
        hub: Tells what happens.
        recommender: Knows stickers.
        metrics: Counts.
        gone_s: A person without a sign of life for so long is gone.
        outgoing: Events that may wait for a watcher who is slow.
        rng: For jitter.
    """
    attending, lists = RedisAttending(store), RedisDeskLists(store, present_ms=round(gone_s * 1000))
    auditor = Auditor(records)
    attendance = Attendance(attending, lists, journal, line, marks, hub, recommender, auditor, _now_ms)
    hub.watch(DeskErasing(lists))
    parts = DeskParts(
        attendance, approving, Summaries(attending, lists, records, _now_ms), lists, journal, hub, metrics,
        sign_of_life_s=gone_s / 4, outgoing=outgoing, rng=rng,
    )  # fmt: skip
    return DeskStaff(
        DeskServicer(parts),
        attendance,
        Returning(attendance, attending, lists, line, gone_s=gone_s, rng=rng),
        auditor,
        Hints(attending, hub),
    )


def _now_ms() -> int:
    return round(time.time() * 1000)
