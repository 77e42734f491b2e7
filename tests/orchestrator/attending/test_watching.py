"""What people at the desk are told as it happens: the lists, and one conversation without holes."""

from __future__ import annotations

import secrets
from contextlib import AsyncExitStack

import pytest

from stickerdesk.orchestrator.v1 import desk_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2, orchestrator_pb2_grpc
from tests.orchestrator.attending.agents import PERSON, Agent, agent, handed_over, refused
from tests.orchestrator.harness import client, running

pytestmark = pytest.mark.integration


def latest(anna: Agent, conversation: str) -> pb.ConversationSummary | None:
    """What the lists say of a conversation after all that was told."""
    known: dict[str, pb.ConversationSummary] = {}
    for one in anna.heard:
        match one.WhichOneof("event"):
            case "listed":
                known = {it.conversation.id: it for it in one.listed.conversations}
            case "changed":
                known[one.changed.conversation.id] = one.changed
            case "removed":
                known.pop(one.removed, None)
    return known.get(conversation)


async def test_the_lists_follow_a_conversation_through_its_life(redis_url: str) -> None:
    """It waits, is taken, goes on, is given back: each is told, also by another process than the one it happens in."""
    prefix = "t" + secrets.token_hex(4)
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(running(redis_url, prefix=prefix))
        there = await stack.enter_async_context(running(redis_url, prefix=prefix))
        anna = await stack.enter_async_context(agent(there.url))
        ben = await stack.enter_async_context(agent(here.url, "Ben"))
        kim = await stack.enter_async_context(client(here.url))
        anna.watch()
        await anna.until(lambda: anna.of("listed"))
        conversation = await handed_over(kim, ben)
        await anna.until(lambda: (it := latest(anna, conversation)) and it.position == 1)
        await ben.take(conversation)
        await anna.until(lambda: (it := latest(anna, conversation)) and it.agent.name == "Ben")
        await kim.say("I am so angry about this!!!")
        await anna.until(lambda: (it := latest(anna, conversation)) and "angry" in it.last_text)
        shown = latest(anna, conversation)
        assert shown is not None
        assert shown.position == 0
        await ben.hand_back(conversation)
        await anna.until(lambda: latest(anna, conversation) is None)


async def test_a_tenants_lists_tell_nothing_of_another(redis_url: str) -> None:
    """Neither its beginning nor what is said."""
    async with (
        running(redis_url) as one,
        client(one.url) as kim,
        agent(one.url) as anna,
        agent(one.url, "Eve", "other") as eve,
    ):
        eve.watch()
        await eve.until(lambda: eve.of("listed"))
        conversation = await handed_over(kim, anna)
        anna.watch()
        await anna.take(conversation)
        await anna.until(lambda: latest(anna, conversation) is not None)
        assert [it for it in eve.heard if it.WhichOneof("event") != "listed"] == []
        assert all(not it.conversations for it in eve.of("listed"))


async def test_a_conversation_is_followed_from_where_one_was(redis_url: str) -> None:
    """From the beginning, from a seq, from another epoch: entries in order without holes, then what is live."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        epoch = kim.of("opened")[0].conversation.epoch
        anna.watch(conversation_id=conversation)
        await anna.until(lambda: anna.events("caught_up"))
        assert [it.seq for it in anna.events("entry")] == [1, 2, 3]
        async with agent(one.url) as again:
            again.watch(conversation_id=conversation, last_seq=2, epoch=epoch)
            await kim.say("hello?")
            await again.until(lambda: len(again.events("entry")) == 2)
            assert [it.seq for it in again.events("entry")] == [3, 4]
        async with agent(one.url) as lost:
            lost.watch(conversation_id=conversation, last_seq=2, epoch="another")
            await lost.until(lambda: lost.events("caught_up"))
            assert [it.reason for it in lost.events("gap")] == ["epoch_changed"]
            assert [it.seq for it in lost.events("entry")] == [1, 2, 3, 4]
        await anna.until(lambda: [it.seq for it in anna.events("entry")] == [1, 2, 3, 4])


async def test_a_draining_server_ends_its_watches(redis_url: str) -> None:
    """With an error that says to watch again; new ones are refused."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna, agent(one.url) as ben:
        conversation = await handed_over(kim, anna)
        anna.watch()
        await anna.until(lambda: anna.of("listed"))
        ben.watch(conversation_id=conversation)
        await ben.until(lambda: ben.events("caught_up"))
        one.desk.servicer.drain()
        for watcher in (anna, ben):
            await watcher.until(lambda watcher=watcher: watcher.ended)  # type: ignore[misc]
            assert watcher.ended is not None
            assert (watcher.ended.reason, watcher.ended.retryable) == ("DRAINING", True)
        anna.watch()
        assert (await refused(_first(anna))).reason == "DRAINING"


async def _first(anna: Agent) -> object:
    async for one in anna.desk.WatchDesk(pb.WatchDeskRequest(tenant="demo", agent=anna.who)):
        return one
    return None


async def test_an_erased_conversation_leaves_the_desk(redis_url: str) -> None:
    """Who follows it is told; no list names it any more."""
    async with running(redis_url) as one, client(one.url, "kim") as kim, agent(one.url) as anna:
        conversation = await handed_over(kim, anna)
        await anna.take(conversation)
        anna.watch()
        await anna.until(lambda: latest(anna, conversation) is not None)
        async with agent(one.url) as ben:
            ben.watch(conversation_id=conversation)
            await ben.until(lambda: ben.events("caught_up"))
            stub = orchestrator_pb2_grpc.OrchestratorServiceStub(anna.channel)
            await stub.ForgetCustomer(orchestrator_pb2.ForgetCustomerRequest(tenant="demo", customer_id="kim"))
            await ben.until(lambda: ben.ended)
            assert ben.ended is not None
            assert ben.ended.reason == "CONVERSATION_ERASED"
        await anna.until(lambda: latest(anna, conversation) is None)
        for shelf in (pb.DESK_LIST_WAITING, pb.DESK_LIST_TAKEN, pb.DESK_LIST_RECENT):
            assert await anna.listed(shelf) == []


async def test_who_waits_is_listed_by_what_tells_something(redis_url: str) -> None:
    """Not by a yes or a no said last; once somebody has the conversation the last word counts."""
    async with running(redis_url) as one, client(one.url) as kim, agent(one.url) as anna:
        await kim.ask("the teapot has a crack")
        conversation = await handed_over(kim, anna)
        await kim.ask("好的")
        (waits,) = await anna.listed(pb.DESK_LIST_WAITING)
        assert waits.last_text == PERSON
        taken = await anna.take(conversation)
        assert taken.conversation.last_text == "好的"
