"""Announcements to every live conversation of a tenant, whichever process it is connected to.

The process that is asked asks all, itself among them, over the bus; each writes into the journals of the conversations
that it has live and answers. The journal lets each announcement in once, so asking again does no harm: who is told that
not everybody answered asks again. Clients that are just changing their connection are reached too: each process keeps
an announcement in mind for some seconds and gives it to conversations that come meanwhile.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from orchestrator.converse.live import LiveStream, LiveStreams
from orchestrator.journal.announcement import Announcement
from orchestrator.journal.feed import AnnouncementAsked, AnnouncementMade, FeedEvent, Hub, encode_event
from orchestrator.journal.ports import Amendments, Announced
from servicekit.errors import ServiceError, unavailable
from servicekit.telemetry import get_logger

_CHANNEL = "announcements"  # stands where a conversation's id would
_BATCH = 500
_ANSWER_S = 20.0
_MINDED_S = 10.0


class AskingBus(Protocol):
    """Reaches every process at once."""

    async def ask(self, conversation_id: str, raw: bytes) -> int:
        """Sends to all that listen; how many do."""
        ...


@dataclass
class _Call:
    """One call of `announce` while its answers come."""

    processes: int = 0
    answered: int = 0
    reached: int = 0
    duplicates: int = 0
    failed: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Announcer:
    """Announces for the whole mesh, and does this process's part of it.

    Args:
        amendments: Writes into journals.
        hub: Hears what is asked; carries answers.
        bus: Reaches all processes.
        live: This process's open streams.
        answer_s: How long the others' answers are waited for.
        now: A clock in seconds.
    """

    def __init__(
        self,
        amendments: Amendments,
        hub: Hub,
        bus: AskingBus,
        live: LiveStreams,
        *,
        answer_s: float = _ANSWER_S,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._amendments, self._hub, self._bus, self._live = amendments, hub, bus, live
        self._answer_s, self._now = answer_s, now
        self._calls: dict[str, _Call] = {}
        self._minded: list[tuple[float, AnnouncementAsked]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = get_logger("announcements")
        hub.watch(self)

    async def announce(self, announcement: Announcement) -> tuple[int, int]:
        """Announces; how many conversations this call reached, and how many had it before.

        Raises:
            ServiceError: UNAVAILABLE: not everybody is known to have it; the same call again reaches the rest.
        """
        name, call = secrets.token_hex(8), _Call()
        self._calls[name] = call
        asked = AnnouncementAsked(conversation_id=_CHANNEL, call=name, announcement=announcement)
        try:
            call.processes = await self._bus.ask(_CHANNEL, encode_event(asked))
            async with asyncio.timeout(self._answer_s):
                while call.answered < call.processes:
                    call.changed.clear()
                    await call.changed.wait()
        except TimeoutError:
            raise _incomplete() from None
        finally:
            del self._calls[name]
        if call.failed or not call.processes:
            raise _incomplete()
        return call.reached, call.duplicates

    def joined(self, stream: LiveStream) -> None:
        """A conversation comes live: it gets what was announced a moment ago, unless it has it."""
        oldest_s = self._now() - _MINDED_S
        self._minded = [(at_s, asked) for at_s, asked in self._minded if at_s > oldest_s]
        for _, asked in self._minded:
            if asked.announcement.concerns(stream.tenant, stream.customer_id):
                self._start(asked, [stream.conversation_id], answer=False)

    def on_event(self, event: FeedEvent) -> None:
        """What is asked and answered over the bus."""
        if isinstance(event, AnnouncementAsked):
            self._minded.append((self._now(), event))
            self._start(event, self._concerned(event.announcement), answer=True)
        elif isinstance(event, AnnouncementMade):
            self._count(event)

    def on_missed(self) -> None:
        """Whoever asks learns from missing answers; nothing to do here."""

    def _concerned(self, announcement: Announcement) -> list[str]:
        meant = (one for one in self._live if announcement.concerns(one.tenant, one.customer_id))
        return list(dict.fromkeys(one.conversation_id for one in meant))

    def _start(self, asked: AnnouncementAsked, conversations: list[str], *, answer: bool) -> None:
        task = asyncio.create_task(self._carry_out(asked, conversations, answer), name="announce")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, asked: AnnouncementAsked, conversations: Sequence[str], answer: bool) -> None:
        outcomes: list[Announced] = []
        failed = 0
        for start in range(0, len(conversations), _BATCH):
            batch = conversations[start : start + _BATCH]
            try:
                outcomes += await self._amendments.announce(batch, call=asked.call, announcement=asked.announcement)
            except ServiceError as error:
                self._log.warning("announcement not written", reason=error.reason, conversations=len(batch))
                failed += len(batch)
        if answer:
            self._hub.tell(
                AnnouncementMade(
                    conversation_id=_CHANNEL,
                    call=asked.call,
                    reached=outcomes.count(Announced.REACHED),
                    duplicates=outcomes.count(Announced.DUPLICATE),
                    failed=failed,
                )
            )

    def _count(self, made: AnnouncementMade) -> None:
        call = self._calls.get(made.call)
        if call is not None:
            call.answered += 1
            call.reached += made.reached
            call.duplicates += made.duplicates
            call.failed += made.failed
            call.changed.set()


def _incomplete() -> ServiceError:
    return unavailable(
        "UNAVAILABLE", "not every conversation is known to have it, announce it again with the same id",
        retry_after_s=1.0,
    )  # fmt: skip
