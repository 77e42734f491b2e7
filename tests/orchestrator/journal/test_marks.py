"""What is kept beside the entries, and what the shop puts in from outside a turn, on the real server."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from orchestrator.journal.announcement import Announcement
from orchestrator.journal.entries import (
    Author,
    Body,
    Head,
    Notice,
    NoticeKind,
    Rating,
    Receipt,
    Revision,
    RevisionKind,
    Summary,
)
from orchestrator.journal.keys import Keys
from orchestrator.journal.ports import Announced, revised
from orchestrator.journal.redis_journal import RedisJournal
from orchestrator.journal.redis_line import RedisLine
from orchestrator.journal.redis_marks import MAX_RATINGS, RedisAmendments, RedisMarks
from orchestrator.journal.store import Limits, Store, open_redis
from servicekit.errors import Code, ServiceError
from tests.fakes import said

pytestmark = pytest.mark.integration

HELLO = Announcement(id="a1", tenant="demo", text_en="Hello", text_zh="你好")


@dataclass
class Shelf:
    """The journal and all that stands beside it."""

    journal: RedisJournal
    marks: RedisMarks
    amendments: RedisAmendments
    line: RedisLine

    async def opened(self, language: str = "en", messages: int = 0) -> Head:
        """A conversation of a customer of its own."""
        head, _ = await self.journal.open(
            conversation_id="", tenant="demo", customer_id=secrets.token_hex(8), language=language
        )
        for number in range(messages):
            await self.journal.post(head.conversation_id, said("x", f"m{number}"), owner="a")
        return head

    async def receipts(self, head: Head) -> dict[Author, Receipt]:
        """As the head tells them."""
        return (await self.journal.head(head.conversation_id)).receipts

    async def bodies(self, head: Head) -> list[Body]:
        """All entries."""
        page = await self.journal.read(head.conversation_id, after_seq=0, limit=100)
        return [entry.body for entry in page.entries]


@pytest.fixture
async def shelf(redis_url: str) -> AsyncIterator[Shelf]:
    """Under a prefix of its own."""
    client = open_redis(redis_url)
    store = Store(client, Keys("t" + secrets.token_hex(4)), Limits(max_entries=8, max_pending=20))
    yield Shelf(RedisJournal(store), RedisMarks(store), RedisAmendments(store), RedisLine(store))
    await client.aclose()


async def test_receipts_rise_and_never_pass_the_end(shelf: Shelf) -> None:
    """Lower ones change nothing, higher ones than there are entries count as the last, what was read has arrived."""
    head = await shelf.opened(messages=3)
    known = head.conversation_id
    assert await shelf.marks.receive(known, reader=Author.CUSTOMER, receipt=Receipt(2, 1))
    assert not await shelf.marks.receive(known, reader=Author.CUSTOMER, receipt=Receipt(1, 1))
    assert await shelf.marks.receive(known, reader=Author.AGENT, receipt=Receipt(0, 2**53))
    assert await shelf.receipts(head) == {Author.CUSTOMER: Receipt(2, 1), Author.AGENT: Receipt(3, 3)}


async def test_receipts_at_once_leave_the_highest(shelf: Shelf) -> None:
    """Many devices at once, in any order."""
    head = await shelf.opened(messages=5)
    wanted = [Receipt(number % 6, number % 4) for number in range(40)]
    await asyncio.gather(
        *(shelf.marks.receive(head.conversation_id, reader=Author.CUSTOMER, receipt=one) for one in wanted)
    )
    assert await shelf.receipts(head) == {Author.CUSTOMER: Receipt(5, 3)}


async def test_the_newest_rating_is_kept(shelf: Shelf) -> None:
    """The same id with the same words is the same rating, with others it is refused; a new id replaces."""
    head = await shelf.opened()
    known = head.conversation_id
    assert not await shelf.marks.rate(known, rating_id="r1", rating=Rating(2, "meh"))
    assert await shelf.marks.rate(known, rating_id="r1", rating=Rating(2, "meh"))
    with pytest.raises(ServiceError) as caught:
        await shelf.marks.rate(known, rating_id="r1", rating=Rating(5))
    assert caught.value.reason == "MESSAGE_ID_CONFLICT"
    assert not await shelf.marks.rate(known, rating_id="r2", rating=Rating(5, "好"))
    assert await shelf.marks.rate(known, rating_id="r1", rating=Rating(2, "meh"))
    assert (await shelf.journal.head(known)).rating == Rating(5, "好")


async def test_ratings_have_an_end(shelf: Shelf) -> None:
    """Nobody fills the store with judgements."""
    head = await shelf.opened()
    for number in range(MAX_RATINGS):
        await shelf.marks.rate(head.conversation_id, rating_id=f"r{number}", rating=Rating(1))
    with pytest.raises(ServiceError) as caught:
        await shelf.marks.rate(head.conversation_id, rating_id="more", rating=Rating(1))
    assert (caught.value.code, caught.value.reason) == (Code.EXHAUSTED, "RATE_LIMITED")


async def test_a_closed_conversation_can_be_rated_and_read(shelf: Shelf) -> None:
    """That is when customers judge."""
    head = await shelf.opened(messages=1)
    await shelf.journal.close(head.conversation_id, Body(author=Author.SYSTEM, notice=Notice(NoticeKind.CLOSED, "bye")))
    assert not await shelf.marks.rate(head.conversation_id, rating_id="r1", rating=Rating(4))
    assert await shelf.marks.receive(head.conversation_id, reader=Author.CUSTOMER, receipt=Receipt(2, 2))


async def test_an_entry_of_the_shop_is_revised_once(shelf: Shelf) -> None:
    """The change is an entry; the same id is the same change, with other words it is refused."""
    head = await shelf.opened()
    await shelf.amendments.announce([head.conversation_id], call="c", announcement=HELLO)
    edited = Revision(target_seq=1, kind=RevisionKind.EDITED, text="Hello!")
    entry = await shelf.amendments.revise(head.conversation_id, revision_id="v1", revision=edited)
    again = await shelf.amendments.revise(head.conversation_id, revision_id="v1", revision=edited)
    assert (entry.seq, entry) == (2, again)
    assert (await shelf.bodies(head))[1].revision == edited
    other = Revision(target_seq=1, kind=RevisionKind.RETRACTED)
    with pytest.raises(ServiceError) as caught:
        await shelf.amendments.revise(head.conversation_id, revision_id="v1", revision=other)
    assert caught.value.reason == "MESSAGE_ID_CONFLICT"


async def test_what_is_taken_back_does_not_live_on_in_the_summary(shelf: Shelf) -> None:
    """A revision of what a summary covers drops it; of what came later, it stays."""
    head = await shelf.opened()
    for name in ("a1", "a2"):
        await shelf.amendments.announce(
            [head.conversation_id], call="c", announcement=Announcement(id=name, tenant="demo", text_en=name)
        )
    await shelf.journal.summarise(head.conversation_id, epoch=head.epoch, summary=Summary(1, "a1"))
    for target, left in ((2, Summary(1, "a1")), (1, None)):
        taken_back = Revision(target_seq=target, kind=RevisionKind.RETRACTED)
        await shelf.amendments.revise(head.conversation_id, revision_id=f"v{target}", revision=taken_back)
        assert (await shelf.journal.head(head.conversation_id)).summary == left


@pytest.mark.parametrize(("target", "reason"), [(1, "ENTRY_NOT_OURS"), (3, "ENTRY_NOT_OURS"), (9, "ENTRY_NOT_FOUND")])
async def test_not_everything_can_be_revised(shelf: Shelf, target: int, reason: str) -> None:
    """Nothing that the customer wrote, no change, nothing that is not there."""
    head = await shelf.opened(messages=1)
    await shelf.amendments.announce([head.conversation_id], call="c", announcement=HELLO)
    retracted = Revision(target_seq=2, kind=RevisionKind.RETRACTED)
    await shelf.amendments.revise(head.conversation_id, revision_id="v1", revision=retracted)
    wrong = Revision(target_seq=target, kind=RevisionKind.RETRACTED)
    with pytest.raises(ServiceError) as caught:
        await shelf.amendments.revise(head.conversation_id, revision_id="v2", revision=wrong)
    assert caught.value.reason == reason


async def test_a_turn_sees_entries_as_they_read_now(shelf: Shelf) -> None:
    """Edited words, nothing that was taken back, no changes."""
    head = await shelf.opened(messages=1)
    for name in ("a1", "a2"):
        announcement = Announcement(id=name, tenant="demo", text_en=name)
        await shelf.amendments.announce([head.conversation_id], call="c", announcement=announcement)
    edited = Revision(target_seq=2, kind=RevisionKind.EDITED, text="new")
    taken_back = Revision(target_seq=3, kind=RevisionKind.RETRACTED)
    await shelf.amendments.revise(head.conversation_id, revision_id="v1", revision=edited)
    await shelf.amendments.revise(head.conversation_id, revision_id="v2", revision=taken_back)
    page = await shelf.journal.read(head.conversation_id, after_seq=0, limit=10)
    now = revised(page.entries)
    assert [entry.seq for entry in now] == [1, 2]
    assert now[1].body.notice == Notice(NoticeKind.ANNOUNCEMENT, "new")


async def test_an_announcement_comes_once_in_the_right_language(shelf: Shelf) -> None:
    """Again by the same call it is known as such, by another it is a duplicate."""
    english, chinese, closed = await shelf.opened(), await shelf.opened("zh"), await shelf.opened()
    await shelf.journal.close(closed.conversation_id, Body(author=Author.SYSTEM, notice=Notice(NoticeKind.CLOSED, "")))
    everybody = [english.conversation_id, chinese.conversation_id, closed.conversation_id, "c-gone"]
    announce = shelf.amendments.announce
    first = await announce(everybody, call="c1", announcement=HELLO)
    assert first == [Announced.REACHED, Announced.REACHED, Announced.CLOSED, Announced.MISSING]
    assert (await announce(everybody, call="c1", announcement=HELLO))[:2] == [Announced.SAME, Announced.SAME]
    assert (await announce(everybody, call="c2", announcement=HELLO))[:2] == [Announced.DUPLICATE] * 2
    texts = [one.notice.text for head in (english, chinese) for one in await shelf.bodies(head) if one.notice]
    assert texts == ["Hello", "你好"]


async def test_an_announcement_for_one_language_spares_the_others(shelf: Shelf) -> None:
    """The journal knows the language; one text serves both where only one was given."""
    english, chinese = await shelf.opened(), await shelf.opened("zh")
    both = [english.conversation_id, chinese.conversation_id]
    only = Announcement(id="a2", tenant="demo", text_en="Hi", languages=("zh",))
    assert await shelf.amendments.announce(both, call="c", announcement=only) == [Announced.OTHER, Announced.REACHED]
    assert [one.notice.text for one in await shelf.bodies(chinese) if one.notice] == ["Hi"]


async def test_the_shop_says_something_outside_a_turn_once(shelf: Shelf) -> None:
    """The same id is the same entry, with other words it is refused."""
    head = await shelf.opened(messages=1)
    body = Body(author=Author.ASSISTANT, text="Your refund was approved.")
    first = await shelf.amendments.say(head.conversation_id, say_id="s1", body=body)
    again = await shelf.amendments.say(head.conversation_id, say_id="s1", body=body)
    assert (first.seq, first) == (2, again)
    assert (await shelf.bodies(head))[1] == body
    with pytest.raises(ServiceError) as caught:
        await shelf.amendments.say(head.conversation_id, say_id="s1", body=said("other"))
    assert caught.value.reason == "MESSAGE_ID_CONFLICT"


async def test_a_trimmed_announcement_is_forgotten_with_its_id(shelf: Shelf) -> None:
    """Ids live as long as their entries, so a long conversation's ids have an end."""
    head = await shelf.opened()
    for number in range(9):
        announcement = Announcement(id=f"a{number}", tenant="demo", text_en="x")
        await shelf.amendments.announce([head.conversation_id], call="c", announcement=announcement)
    again = Announcement(id="a0", tenant="demo", text_en="x")
    assert await shelf.amendments.announce([head.conversation_id], call="d", announcement=again) == [Announced.REACHED]


async def test_the_line_is_first_come_first_served(shelf: Shelf) -> None:
    """Joining twice keeps the place; whoever leaves lets the others move up; tenants have lines of their own."""
    line = shelf.line
    assert await line.join("demo", "c1")
    assert await line.join("demo", "c2")
    assert not await line.join("demo", "c1")
    assert await line.join("other", "c9")
    places = await line.places("demo", ["c1", "c2", "c3"])
    assert {name: place.position for name, place in places.items()} == {"c1": 1, "c2": 2}
    assert await line.first("demo", 1) == ["c1"]
    assert await line.leave("demo", "c1", served=True)
    assert not await line.leave("demo", "c1", served=True)
    assert (await line.places("demo", ["c2"]))["c2"].position == 1


async def test_the_wait_is_told_when_the_pace_is_known(shelf: Shelf) -> None:
    """After some were served; who just goes away says nothing about the pace."""
    for number in range(7):
        await shelf.line.join("demo", f"c{number}")
    await shelf.line.leave("demo", "c0", served=False)
    for number in range(1, 4):
        await shelf.line.leave("demo", f"c{number}", served=True)
    assert (await shelf.line.places("demo", ["c4"]))["c4"].wait_s is None
    await shelf.line.leave("demo", "c4", served=True)
    places = await shelf.line.places("demo", ["c5", "c6"])
    assert places["c5"].wait_s is not None
    assert places["c6"].position == 2


@pytest.mark.parametrize("call", ["receive", "rate", "revise"])
async def test_a_conversation_that_is_gone_is_said_to_be(shelf: Shelf, call: str) -> None:
    """404, not a new conversation."""
    gone = "c-gone"
    calls = {
        "receive": lambda: shelf.marks.receive(gone, reader=Author.CUSTOMER, receipt=Receipt(1, 1)),
        "rate": lambda: shelf.marks.rate(gone, rating_id="r", rating=Rating(1)),
        "revise": lambda: shelf.amendments.revise(
            gone, revision_id="v", revision=Revision(target_seq=1, kind=RevisionKind.RETRACTED)
        ),
    }
    with pytest.raises(ServiceError) as caught:
        await calls[call]()
    assert (caught.value.code, caught.value.reason) == (Code.NOT_FOUND, "CONVERSATION_NOT_FOUND")
