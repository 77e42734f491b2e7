"""Conversations as the desk lists them: from the journal's head and newest entries, and the shop's records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from orchestrator.backoffice.desk_records import About
from orchestrator.journal.cards import TicketCard
from orchestrator.journal.entries import Author, Body, Emotion, Entry, Head
from orchestrator.journal.ports import revised
from orchestrator.journal.redis_attending import Glance, RedisAttending, RedisDeskLists
from servicekit.errors import ServiceError

_NEWEST = 12
_TEXT_CHARS = 200
_REASON_CHARS = 500
_FEW_CHARS = 4  # a yes, a no, "转人工"


class Shelf(Enum):
    """A list of the desk."""

    WAITING = "waiting"
    MINE = "mine"
    TAKEN = "taken"
    RECENT = "recent"


@dataclass(frozen=True)
class Summary:
    """A conversation in a list; see the proto."""

    head: Head
    customer: str
    last_text: str
    last_author: Author | None
    emotion: Emotion | None
    waited_ms: int
    position: int
    reason: str
    ticket: str


class Customers(Protocol):
    """What the records say of conversations."""

    async def about(self, tenant: str, customers: Mapping[str, str]) -> dict[str, About]:
        """By conversation, given the customer of each.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        ...


class Summaries:
    """Reads lists.

    Args:
        attending: Reads conversations.
        lists: Finds them.
        customers: The shop's records; without them the lists say less.
        now_ms: The clock, in ms since 1970.
    """

    def __init__(
        self, attending: RedisAttending, lists: RedisDeskLists, customers: Customers, now_ms: Callable[[], int]
    ) -> None:
        self._attending, self._lists, self._customers, self._now_ms = attending, lists, customers, now_ms

    async def page(
        self, tenant: str, shelf: Shelf, *, agent_id: str, start: int, count: int
    ) -> tuple[list[Summary], int | None]:
        """A page of a list, and where the next one begins; None: that was all.

        Raises:
            ServiceError: UNAVAILABLE.
        """
        found: list[Summary] = []
        while True:
            ids = await self._ids(tenant, shelf, start, count)
            place = start + 1 if shelf is Shelf.WAITING else 0
            known = await self.of(tenant, ids, place=place)
            found += [one for one in known if _belongs(one.head, shelf, agent_id)]
            start += len(ids)
            if len(ids) < count:
                return found, None
            if len(found) >= count:
                return found, start

    async def of(self, tenant: str, conversation_ids: Sequence[str], *, place: int = 0) -> list[Summary]:
        """Summaries of those that are this tenant's; `place`: of the first in line, when they stand in it."""
        glances = await self._attending.glance(conversation_ids, newest=_NEWEST)
        own = [one for one in glances if one.head.tenant == tenant]
        places = {one: place + offset for offset, one in enumerate(conversation_ids)} if place else {}
        try:
            about = await self._customers.about(tenant, {one.head.conversation_id: one.head.customer_id for one in own})
        except ServiceError:  # the journal says enough to help the customer
            about = {}
        return [self._summary(one, about.get(one.head.conversation_id, About()), places) for one in own]

    async def _ids(self, tenant: str, shelf: Shelf, start: int, count: int) -> list[str]:
        if shelf is Shelf.WAITING:
            return await self._lists.waiting(tenant, start=start, count=count)
        if shelf is Shelf.RECENT:
            return await self._lists.recent(tenant, start=start, count=count)
        return await self._lists.taken(tenant, start=start, count=count)

    def _summary(self, glance: Glance, about: About, places: Mapping[str, int]) -> Summary:
        head = glance.head
        said = [entry.body for entry in reversed(revised(glance.newest[::-1])) if _speaks(entry.body)]
        theirs = _telling(said, waits=head.waits)
        felt = (body.emotion for body in said if body.author is Author.CUSTOMER and body.emotion is not None)
        return Summary(
            head,
            about.customer,
            _words(theirs, head.language) if theirs is not None else "",
            theirs.author if theirs is not None else None,
            next(felt, None),
            max(0, self._now_ms() - head.handed_ms) if head.handed_ms else 0,
            places.get(head.conversation_id, 0) if head.waits else 0,
            (about.reason or _notice(glance.handing))[:_REASON_CHARS],
            about.ticket or _ticket(glance.handing),
        )


def _belongs(head: Head, shelf: Shelf, agent_id: str) -> bool:
    if shelf is Shelf.WAITING:
        return head.waits
    if shelf is Shelf.RECENT:
        return head.agent is None or not head.open
    return head.agent is not None and head.open and (shelf is Shelf.TAKEN or head.agent.id == agent_id)


def _telling(said: Sequence[Body], *, waits: bool) -> Body | None:
    """The customer's last words, newest first in `said`; of one who waits those that tell more than a yes does."""
    theirs = [body for body in said if body.author is Author.CUSTOMER]
    longer = (body for body in theirs if body.text is None or len(body.text.strip()) > _FEW_CHARS)
    return (next(longer, None) if waits else None) or next(iter(theirs or said), None)


def _speaks(body: Body) -> bool:
    return bool(body.text) or body.sticker is not None or body.image is not None


def _words(body: Body, language: str) -> str:
    if body.text:
        return body.text[:_TEXT_CHARS]
    if body.sticker is not None:
        own, other = (body.sticker.alt_zh, body.sticker.alt_en)[:: 1 if language == "zh" else -1]
        return f"[{own or other or body.sticker.emoji or body.sticker.id}]"[:_TEXT_CHARS]
    return "[图片]" if language == "zh" else "[picture]"


def _notice(entry: Entry | None) -> str:
    if entry is None:
        return ""
    return entry.body.notice.text if entry.body.notice is not None else entry.body.text or ""


def _ticket(entry: Entry | None) -> str:
    cards = entry.body.cards if entry is not None else ()
    return next((card.number for card in cards if isinstance(card, TicketCard)), "")
