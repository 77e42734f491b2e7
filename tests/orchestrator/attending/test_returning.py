"""People who are gone, processes that died at a bad moment, and the audit of all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest

from orchestrator.attending.auditing import Auditor
from orchestrator.backoffice.desk_records import Act
from orchestrator.backoffice.office import Deed, Who
from orchestrator.backoffice.schema import Audit
from servicekit.errors import unavailable
from stickerdesk.orchestrator.v1 import desk_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2
from tests.orchestrator.attending.agents import agent, handed_over, in_line, refused
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.harness import client, running

pytestmark = pytest.mark.integration


async def test_who_is_gone_gives_back_to_the_old_place(redis_url: str) -> None:
    """Ahead of who came later; the customer is told; the one who is gone has it no more."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(running(redis_url, agent_gone_s=1.0))
        anna = await stack.enter_async_context(agent(one.url))
        kim = await stack.enter_async_context(client(one.url))
        first = await handed_over(kim, anna)
        await anna.take(first)
        second = await handed_over(await stack.enter_async_context(client(one.url)), anna)
        await kim.until(lambda: kim.entries[-1].notice.kind == "agent_left")
        await in_line(anna, first)
        assert await anna.waiting() == [first, second]
        await kim.until(lambda: kim.of("queue")[-1].position == 1)
        assert (await refused(anna.say(first, "I am back"))).reason == "NOT_TAKEN"
        assert not (await anna.take(first)).already


async def test_who_watches_is_there(redis_url: str) -> None:
    """As long as a page is open nothing is taken from its agent, however long nothing is said."""
    async with running(redis_url, agent_gone_s=1.0) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        anna.watch()
        await anna.until(lambda: anna.of("listed"))
        await anna.take(conversation)
        for _ in range(5):
            assert await one.desk.returning.look("demo") == 0
            await asyncio.sleep(0.3)
        assert [it.conversation.id for it in await anna.listed(pb.DESK_LIST_MINE)] == [conversation]


async def test_a_conversation_that_was_let_go_halfway_waits_again(redis_url: str) -> None:
    """The process died after it was free and before the line had it: the next look puts it there."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        lists, line = one.desk.servicer._parts.lists, one.desk.attendance._line  # the state that a crash leaves
        await lists.put_taken("demo", conversation, 1)
        await line.leave("demo", conversation, served=False)
        assert await anna.waiting() == []
        assert await one.desk.returning.look("demo") == 1
        assert await anna.waiting() == [conversation]
        assert await one.desk.returning.look("demo") == 0


async def test_every_deed_is_in_the_audit(redis_url: str, shop: Shop) -> None:
    """What was done, done again, refused: by whom, in which conversation, without a word of what was said."""
    async with (
        running(redis_url, shop=shop.office) as one,
        client(one.url, "kim") as kim,
        agent(one.url) as anna,
        agent(one.url, "Ben") as ben,
    ):
        conversation = await handed_over(kim, anna)
        (waits,) = await anna.listed(pb.DESK_LIST_WAITING)
        assert waits.ticket.startswith("TK")
        assert "asked_for" in waits.reason
        await anna.take(conversation)
        await anna.take(conversation)
        await refused(ben.take(conversation))
        await anna.say(conversation, "our secret", "m1")
        await anna.say(conversation, "our secret", "m1")
        await anna.hand_back(conversation)
        rows = await shop.rows(Audit, Audit.tool.startswith("desk."))
        assert [(it.actor, it.tool, it.outcome, it.reason) for it in rows] == [
            ("agent:key:anna", "desk.take", "done", ""),
            ("agent:key:anna", "desk.take", "again", ""),
            ("agent:key:ben", "desk.take", "refused", "ALREADY_TAKEN"),
            ("agent:key:anna", "desk.say", "done", ""),
            ("agent:key:anna", "desk.say", "again", ""),
            ("agent:key:anna", "desk.hand_back", "done", ""),
        ]
        assert {it.conversation_id for it in rows} == {conversation}
        assert "secret" not in str([it.arguments for it in rows])


class DeadRecords:
    """Records that are away until they are mended."""

    def __init__(self) -> None:
        self.dead = True
        self.written: list[Act] = []

    async def write(self, acts: Sequence[Act]) -> None:
        if self.dead:
            raise unavailable("BACKOFFICE_UNAVAILABLE", "away")
        self.written += acts


async def test_the_audit_waits_for_records_that_are_away() -> None:
    """The deed goes on, and its line is written when the records are back, in order, or at the end."""
    records = DeadRecords()
    auditor = Auditor(records, patience_s=0.01, retry_s=0.01)
    acts = [Act(Deed(Who("demo", "kim"), "c-1", "", f"desk.{name}", {}), "agent:a", "done") for name in "abc"]
    await auditor.note(acts[0])
    await auditor.note(acts[1])
    assert records.written == []
    records.dead = False
    await auditor.note(acts[2])
    async with asyncio.timeout(5):
        while len(records.written) < 3:
            await asyncio.sleep(0.01)
    assert records.written == acts
    records.dead = True
    await auditor.note(acts[0])
    records.dead = False
    await auditor.close()
    assert records.written == [*acts, acts[0]]


async def test_the_desk_works_without_the_records(redis_url: str) -> None:
    """Lists say less, deeds are done."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        assert (await anna.end(conversation)).conversation.state == orchestrator_pb2.CONVERSATION_STATE_CLOSED
