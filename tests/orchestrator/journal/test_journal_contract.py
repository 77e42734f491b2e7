"""What every journal must do; runs against the fake and against the real server."""

from __future__ import annotations

import asyncio
import secrets
from functools import partial

import pytest

from orchestrator.journal.entries import Author, Body, ConversationState, Head, Notice, NoticeKind, Summary
from servicekit.errors import Code, ServiceError
from tests.fakes import said
from tests.orchestrator.stores import LIMITS, Stores

pytestmark = pytest.mark.integration

CLOSING = Body(author=Author.SYSTEM, notice=Notice(NoticeKind.CLOSED, "bye"))


async def opened(stores: Stores, customer: str = "") -> Head:
    head, _ = await stores.journal.open(
        conversation_id="", tenant="demo", customer_id=customer or secrets.token_hex(8), language="en"
    )
    return head


async def refused(stores: Stores, head: Head, body: Body) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await stores.journal.post(head.conversation_id, body, owner="a")
    return caught.value


async def test_a_customer_keeps_the_conversation(stores: Stores) -> None:
    """Opening without an id gives the same conversation again, and says that it was there."""
    first, before = await stores.journal.open(conversation_id="", tenant="demo", customer_id="kim", language="zh")
    again, after = await stores.journal.open(conversation_id="", tenant="demo", customer_id="kim", language="en")
    assert (before, after) == (False, True)
    assert again == first
    assert first.language == "zh"


async def test_many_opens_at_once_make_one_conversation(stores: Stores) -> None:
    """A race of two tabs ends in one conversation with one epoch."""
    opens = (
        stores.journal.open(conversation_id="", tenant="demo", customer_id="racer", language="en") for _ in range(20)
    )
    heads = [head for head, _ in await asyncio.gather(*opens)]
    assert len({(head.conversation_id, head.epoch) for head in heads}) == 1


async def test_tenants_do_not_share_customers(stores: Stores) -> None:
    """The same customer id at two merchants is two people."""
    one, _ = await stores.journal.open(conversation_id="", tenant="one", customer_id="kim2", language="en")
    two, _ = await stores.journal.open(conversation_id="", tenant="two", customer_id="kim2", language="en")
    assert one.conversation_id != two.conversation_id


async def test_somebody_elses_conversation_is_forbidden(stores: Stores) -> None:
    """An id alone opens nothing."""
    head = await opened(stores)
    with pytest.raises(ServiceError) as caught:
        await stores.journal.open(
            conversation_id=head.conversation_id, tenant="demo", customer_id="thief", language="en"
        )
    assert (caught.value.code, caught.value.reason) == (Code.FORBIDDEN, "CONVERSATION_FORBIDDEN")


async def test_an_unknown_id_counts_as_none(stores: Stores) -> None:
    """A client that names a lost conversation gets its current one."""
    head = await opened(stores, "lost")
    found, before = await stores.journal.open(
        conversation_id="c-gone", tenant="demo", customer_id="lost", language="en"
    )
    assert (found.conversation_id, before) == (head.conversation_id, True)


async def test_messages_are_numbered_without_holes(stores: Stores) -> None:
    """Seq rises by one; what was said comes back as it was said."""
    head = await opened(stores)
    posted = [
        await stores.journal.post(head.conversation_id, said(f"text {i} 你好", f"m{i}"), owner="a") for i in range(3)
    ]
    page = await stores.journal.read(head.conversation_id, after_seq=0, limit=10)
    assert [one.seq for one in posted] == [entry.seq for entry in page.entries] == [1, 2, 3]
    assert [entry.body.text for entry in page.entries] == [f"text {i} 你好" for i in range(3)]
    assert page.entries[0].body.turn_id == posted[0].turn_id
    assert (page.has_more, page.epoch, page.last_seq) == (False, head.epoch, 3)


async def test_older_entries_come_in_order(stores: Stores) -> None:
    """The newest before a seq, and whether there are older ones; what is trimmed is gone, and no seq is too large."""
    head = await opened(stores)
    for number in range(3):
        await stores.journal.post(head.conversation_id, said("x", f"m{number}"), owner="a")
    page = await stores.journal.read_before(head.conversation_id, before_seq=3, limit=1)
    assert ([entry.seq for entry in page.entries], page.has_more, page.epoch) == ([2], True, head.epoch)
    page = await stores.journal.read_before(head.conversation_id, before_seq=2**53, limit=5)
    assert ([entry.seq for entry in page.entries], page.has_more) == ([1, 2, 3], False)
    assert (await stores.journal.read_before(head.conversation_id, before_seq=1, limit=5)).entries == ()


async def test_a_repeated_message_is_one_message(stores: Stores) -> None:
    """The same id with the same words answers with the first seq and makes no second turn."""
    head = await opened(stores)
    first = await stores.journal.post(head.conversation_id, said("hello"), owner="a")
    again = await stores.journal.post(head.conversation_id, said("hello"), owner="b")
    assert (again.seq, again.turn_id, again.duplicate, again.turn) == (first.seq, first.turn_id, True, None)
    assert (await stores.journal.head(head.conversation_id)).last_seq == 1


async def test_repeats_at_once_are_one_message(stores: Stores) -> None:
    """A client that sends in panic is answered once."""
    head = await opened(stores)
    posts = (stores.journal.post(head.conversation_id, said("hello"), owner="a") for _ in range(25))
    answers = await asyncio.gather(*posts)
    assert sum(not one.duplicate for one in answers) == 1
    assert {one.seq for one in answers} == {1}


async def test_an_id_with_other_words_is_a_conflict(stores: Stores) -> None:
    """The same id cannot mean two things."""
    head = await opened(stores)
    await stores.journal.post(head.conversation_id, said("hello"), owner="a")
    error = await refused(stores, head, said("something else"))
    assert (error.code, error.reason) == (Code.CONFLICT, "MESSAGE_ID_CONFLICT")


async def test_a_closed_conversation_takes_no_message_but_knows_old_ones(stores: Stores) -> None:
    """After closing: CONVERSATION_CLOSED, except for a repeat of an acknowledged one; closing twice is once."""
    head = await opened(stores)
    await stores.journal.post(head.conversation_id, said("hello"), owner="a")
    closed = await stores.journal.close(head.conversation_id, CLOSING)
    assert await stores.journal.close(head.conversation_id, CLOSING) == closed
    assert (closed.state, closed.last_seq) == (ConversationState.CLOSED, 2)
    assert (await refused(stores, head, said("more", "m2"))).reason == "CONVERSATION_CLOSED"
    assert (await stores.journal.post(head.conversation_id, said("hello"), owner="a")).duplicate


async def test_after_a_closed_one_comes_a_new_one(stores: Stores) -> None:
    """A customer whose conversation was closed gets a fresh one, but may still look at the old."""
    head = await opened(stores, "closer")
    await stores.journal.close(head.conversation_id, CLOSING)
    fresh = await opened(stores, "closer")
    assert fresh.conversation_id != head.conversation_id
    old, _ = await stores.journal.open(
        conversation_id=head.conversation_id, tenant="demo", customer_id="closer", language="en"
    )
    assert old.state is ConversationState.CLOSED


async def test_too_many_unanswered_messages_are_refused(stores: Stores) -> None:
    """TOO_MANY_PENDING, retryable, and nothing is appended."""
    head = await opened(stores)
    for number in range(LIMITS.max_pending):
        await stores.journal.post(head.conversation_id, said("x", f"m{number}"), owner="a")
    error = await refused(stores, head, said("x", "one-more"))
    assert (error.code, error.reason, error.retryable) == (Code.EXHAUSTED, "TOO_MANY_PENDING", True)
    assert (await stores.journal.head(head.conversation_id)).last_seq == LIMITS.max_pending


async def test_pages_go_on_where_the_last_ended(stores: Stores) -> None:
    """Reading in pages gives every entry once."""
    head = await opened(stores)
    for number in range(3):
        await stores.journal.post(head.conversation_id, said("x", f"m{number}"), owner="a")
    first = await stores.journal.read(head.conversation_id, after_seq=0, limit=2)
    rest = await stores.journal.read(head.conversation_id, after_seq=2, limit=2)
    assert ([e.seq for e in first.entries], first.has_more) == ([1, 2], True)
    assert ([e.seq for e in rest.entries], rest.has_more) == ([3], False)


@pytest.mark.parametrize("call", ["head", "read", "close", "post"])
async def test_an_unknown_conversation_is_not_found(stores: Stores, call: str) -> None:
    """Every method says CONVERSATION_NOT_FOUND."""
    calls = {
        "head": lambda: stores.journal.head("c-none"),
        "read": lambda: stores.journal.read("c-none", after_seq=0, limit=1),
        "close": lambda: stores.journal.close("c-none", CLOSING),
        "post": lambda: stores.journal.post("c-none", said("x"), owner="a"),
    }
    with pytest.raises(ServiceError) as caught:
        await calls[call]()
    assert (caught.value.code, caught.value.reason) == (Code.NOT_FOUND, "CONVERSATION_NOT_FOUND")


async def test_a_summary_is_kept_with_the_head_until_a_later_one(stores: Stores) -> None:
    """It only ever covers more, of the same journal; a conversation that is not there keeps none."""
    head = await opened(stores)
    for text in ("one", "two", "three"):
        await stores.journal.post(head.conversation_id, said(text, text), owner="a")
    keep = partial(stores.journal.summarise, head.conversation_id)
    assert await keep(epoch=head.epoch, summary=Summary(2, "two things"))
    assert not await keep(epoch=head.epoch, summary=Summary(2, "the same again"))
    assert not await keep(epoch="another", summary=Summary(3, "of another journal"))
    assert not await stores.journal.summarise("c-nowhere", epoch=head.epoch, summary=Summary(3, "x"))
    assert (await stores.journal.head(head.conversation_id)).summary == Summary(2, "two things")
    assert await keep(epoch=head.epoch, summary=Summary(3, "三件事"))
    assert (await stores.journal.head(head.conversation_id)).summary == Summary(3, "三件事")
