"""Who has a conversation: one person at a time, whatever comes twice, late or from elsewhere."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack
from typing import Any

import pytest

from servicekit.errors import Code
from stickerdesk.orchestrator.v1 import desk_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2
from tests.orchestrator.attending.agents import PERSON, agent, handed_over, in_line, refused
from tests.orchestrator.harness import client, running

pytestmark = pytest.mark.integration


async def test_a_customer_gets_a_person(redis_url: str) -> None:
    """The line is left, the customer reads who has joined, and the lists show it."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        (waits,) = await anna.listed(pb.DESK_LIST_WAITING)
        assert (waits.position, waits.last_author) == (1, orchestrator_pb2.AUTHOR_CUSTOMER)
        assert waits.last_text == PERSON
        assert waits.waiting_since.ToMilliseconds() > 0
        assert not waits.HasField("agent")

        taken = await anna.take(conversation)
        assert not taken.already
        assert (taken.conversation.agent.name, taken.conversation.position) == ("Anna", 0)
        await kim.until(lambda: kim.entries[-1].notice.kind == "agent_joined")
        assert "Anna" in kim.entries[-1].notice.text
        await kim.until(lambda: kim.of("queue") and kim.of("queue")[-1].position == 0)
        assert await anna.waiting() == []
        assert [it.conversation.id for it in await anna.listed(pb.DESK_LIST_MINE)] == [conversation]


async def test_of_two_who_take_at_once_one_wins(redis_url: str) -> None:
    """Across two processes; the other is told who has it; who has it may take it again."""
    prefix = "t" + secrets.token_hex(4)
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(running(redis_url, prefix=prefix))
        there = await stack.enter_async_context(running(redis_url, prefix=prefix))
        kim = await stack.enter_async_context(client(here.url))
        anna = await stack.enter_async_context(agent(here.url, "Anna"))
        ben = await stack.enter_async_context(agent(there.url, "Ben"))
        conversation = await handed_over(kim, anna)
        results = await asyncio.gather(anna.take(conversation), ben.take(conversation), return_exceptions=True)
        won, lost = (anna, ben) if isinstance(results[1], Exception) else (ben, anna)
        assert sum(isinstance(it, Exception) for it in results) == 1
        error = await refused(lost.take(conversation))
        assert (error.code, error.reason, error.metadata["by"]) == (Code.CONFLICT, "ALREADY_TAKEN", won.who.name)
        assert (await won.take(conversation)).already
        assert await lost.listed(pb.DESK_LIST_MINE) == []
        assert [it.agent.name for it in await lost.listed(pb.DESK_LIST_TAKEN)] == [won.who.name]
        await kim.say("thank you")
        await kim.until(lambda: len(kim.of("ack")) == 2)
        assert [it.notice.kind for it in kim.entries if it.HasField("notice")].count("agent_joined") == 1


@pytest.mark.parametrize("deed", ["take", "hand_back", "end", "say", "type", "read"])
async def test_another_tenants_conversation_is_none(redis_url: str, deed: str) -> None:
    """Nor does it show in any list."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        async with agent(one.url, "Eve", tenant="other") as eve:
            calls: dict[str, Any] = {
                "take": lambda: eve.take(conversation),
                "hand_back": lambda: eve.hand_back(conversation),
                "end": lambda: eve.end(conversation),
                "say": lambda: eve.say(conversation, "hello"),
                "type": lambda: eve.desk.SetTyping(pb.SetTypingRequest(**eve.about(conversation))),
                "read": lambda: eve.desk.MarkRead(pb.MarkReadRequest(**eve.about(conversation))),
            }
            assert (await refused(calls[deed]())).reason == "CONVERSATION_NOT_FOUND"
            assert await eve.waiting() == []
            eve.watch(conversation_id=conversation)
            await eve.until(lambda: eve.ended)
            assert eve.ended is not None
            assert eve.ended.reason == "CONVERSATION_NOT_FOUND"
            assert eve.heard == []


async def test_only_who_has_it_acts(redis_url: str) -> None:
    """Before it is taken, when somebody else has it, after it was given back."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna, agent(one.url, "Ben") as ben:
        conversation = await handed_over(kim, anna)
        typing = pb.SetTypingRequest(**ben.about(conversation), active=True)
        for _ in range(2):
            assert (await refused(ben.say(conversation, "hi"))).reason == "NOT_TAKEN"
            assert (await refused(ben.desk.SetTyping(typing))).reason == "NOT_TAKEN"
            assert (await refused(ben.end(conversation))).reason == "NOT_TAKEN"
            await anna.take(conversation)
        assert (await refused(ben.hand_back(conversation))).reason == "NOT_TAKEN"
        await anna.hand_back(conversation)
        assert (await refused(anna.say(conversation, "one more thing"))).reason == "NOT_TAKEN"
        assert (await anna.hand_back(conversation)).conversation.state == orchestrator_pb2.CONVERSATION_STATE_OPEN


async def test_the_engine_answers_again_after_it_is_given_back(redis_url: str) -> None:
    """The customer is told once; the conversation counts as recent; it can be handed over anew."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        await anna.hand_back(conversation)
        await anna.hand_back(conversation)
        await kim.until(lambda: kim.entries[-1].notice.kind == "agent_left")
        answer = await kim.ask("hello")
        assert answer.author == orchestrator_pb2.AUTHOR_ASSISTANT
        assert [it.notice.kind for it in kim.entries].count("agent_left") == 1
        assert [it.conversation.id for it in await anna.listed(pb.DESK_LIST_RECENT)] == [conversation]
        assert await anna.listed(pb.DESK_LIST_TAKEN) == []
        await kim.ask(PERSON)
        await in_line(anna, conversation)


async def test_an_end_is_an_end(redis_url: str) -> None:
    """Ending twice is one end; nothing can be taken or said any more; the rating can be given."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        for _ in range(2):
            assert (await anna.end(conversation)).conversation.state == orchestrator_pb2.CONVERSATION_STATE_CLOSED
        await kim.until(lambda: kim.entries[-1].notice.kind == "closed")
        assert (await refused(anna.take(conversation))).reason == "CONVERSATION_CLOSED"
        assert (await refused(anna.say(conversation, "bye"))).reason == "CONVERSATION_CLOSED"
        assert (await refused(anna.hand_back(conversation))).reason == "CONVERSATION_CLOSED"
        await kim.send(rating=orchestrator_pb2.RatingSignal(rating_id="r1", score=5))
        await kim.until(lambda: any(ack.client_msg_id == "r1" for ack in kim.of("ack")))
        assert [it.notice.kind for it in kim.entries].count("closed") == 1


async def test_a_conversation_that_did_not_wait_can_be_taken(redis_url: str) -> None:
    """Somebody of the shop steps in."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        await kim.ask("hello")
        conversation = kim.of("opened")[0].conversation.id
        await anna.take(conversation)
        await anna.say(conversation, "Hi, Anna here")
        await kim.until(lambda: kim.entries[-1].text.text == "Hi, Anna here")
        assert kim.entries[-1].agent_name == "Anna"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tenant": ""}, "tenant"),
        ({"tenant": "No Tenant"}, "tenant"),
        ({"agent": pb.DeskAgent(id="", name="A")}, "agent.id"),
        ({"agent": pb.DeskAgent(id="x" * 129, name="A")}, "agent.id"),
        ({"agent": pb.DeskAgent(id="x", name=" \x07 ")}, "agent.name"),
        ({"agent": pb.DeskAgent(id="x", name="A" * 65)}, "agent.name"),
        ({"conversation_id": ""}, "conversation_id"),
        ({"conversation_id": "c" * 65}, "conversation_id"),
    ],
)
async def test_a_bad_request_names_its_field(redis_url: str, change: dict[str, Any], field: str) -> None:
    """Empty, too long, of the wrong form."""
    async with running(redis_url) as one, agent(one.url) as anna:
        request = pb.TakeConversationRequest(**{**anna.about("c-1"), **change})
        error = await refused(anna.desk.TakeConversation(request))
        assert (error.code, error.metadata["field"]) == (Code.INVALID, field)
        assert (await refused(anna.take("c-unknown"))).reason == "CONVERSATION_NOT_FOUND"


async def test_a_list_comes_in_pages(redis_url: str) -> None:
    """In order of the line, each once; a token that is none is refused."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(running(redis_url))
        anna = await stack.enter_async_context(agent(one.url))
        wanted = [await handed_over(await stack.enter_async_context(client(one.url)), anna) for _ in range(5)]
        found, token = [], ""
        while True:
            page = await anna.desk.ListConversations(
                pb.ListConversationsRequest(
                    tenant="demo", agent=anna.who, list=pb.DESK_LIST_WAITING, page_size=2, page_token=token
                )
            )
            found += [(it.conversation.id, it.position) for it in page.conversations]
            token = page.next_page_token
            if not token:
                break
        assert found == [(conversation, place + 1) for place, conversation in enumerate(wanted)]
        for bad in ({"page_token": "x"}, {"page_size": 201}, {"list": pb.DESK_LIST_UNSPECIFIED}):
            fields: dict[str, Any] = {"tenant": "demo", "agent": anna.who, "list": pb.DESK_LIST_MINE, **bad}
            assert (await refused(anna.desk.ListConversations(pb.ListConversationsRequest(**fields)))).code == 400
