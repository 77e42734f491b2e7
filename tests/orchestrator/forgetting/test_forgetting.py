"""Erasure of a customer through the RPC, while the orchestrator runs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest

from orchestrator.backoffice.schema import Customer, Ticket
from orchestrator.journal.entries import Author, Body
from orchestrator.journal.erasing import ConversationEraser
from orchestrator.journal.keys import Keys
from orchestrator.journal.redis_journal import RedisJournal
from orchestrator.journal.store import Limits, Store, open_redis
from orchestrator.reply.engine import Brief, Closing
from servicekit.errors import ServiceError, from_rpc_error
from servicekit.resilience import Deadline
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as rpc
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.cluster import one_node_cluster
from tests.orchestrator.harness import Client, client, running

pytestmark = pytest.mark.integration

TENANT = "demo"
SECRET = "my quartz lamp is broken"


class SlowEngine:
    """Says something and goes on when it is let."""

    name = "slow"

    def __init__(self) -> None:
        self.go_on = asyncio.Event()

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Closing]:
        """See the port."""
        yield "a slow "
        await self.go_on.wait()
        yield "answer"
        yield Closing(self.name)


async def forget(url: str, customer: str, tenant: str = TENANT) -> pb.ForgetCustomerResponse:
    """Calls the RPC."""
    async with grpc.aio.insecure_channel(url) as channel:
        stub = rpc.OrchestratorServiceStub(channel)
        return await stub.ForgetCustomer(pb.ForgetCustomerRequest(tenant=tenant, customer_id=customer), timeout=30)


async def refused(url: str, customer: str, tenant: str = TENANT) -> ServiceError:
    """The error that the RPC ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await forget(url, customer, tenant)
    return from_rpc_error(caught.value)


async def state_of(url: str, conversation: str) -> int:
    """The state of a conversation."""
    async with grpc.aio.insecure_channel(url) as channel:
        stub = rpc.OrchestratorServiceStub(channel)
        answer = await stub.GetConversation(pb.GetConversationRequest(conversation_id=conversation), timeout=10)
    return int(answer.conversation.state)


async def stored(redis_url: str, prefix: str) -> dict[str, str]:
    """Everything under a prefix, as text by key; streams with all that is in them."""
    redis = open_redis(redis_url)
    found = {}
    async for key in redis.scan_iter(match=f"{prefix}:*"):
        dump = await redis.execute_command("DUMP", key)
        found[key.decode()] = dump.decode("latin-1")
    await redis.aclose()
    return found


@asynccontextmanager
async def talked(redis_url: str, shop: Shop, customer: str, prefix: str) -> AsyncIterator[tuple[str, Client]]:
    """An orchestrator and an open stream of a customer who has said something and has a ticket."""
    async with running(redis_url, shop=shop.office, prefix=prefix) as on, client(on.url, customer) as stream:
        await stream.ask(SECRET)
        await stream.ask("my parcel hasn't moved for three days")
        yield on.url, stream


async def test_nothing_is_left_of_a_customer(redis_url: str, shop: Shop) -> None:
    """Journal, state, mapping and records are gone; the open stream ends so that the client begins anew."""
    customer, prefix = "v-" + secrets.token_hex(6), "t" + secrets.token_hex(4)
    async with talked(redis_url, shop, customer, prefix) as (url, stream):
        conversation = stream.of("opened")[0].conversation.id
        before = await stored(redis_url, prefix)
        assert any(conversation in key for key in before)
        done = await forget(url, customer)
        await stream.until(lambda: stream.status is not None)
        after = await stored(redis_url, prefix)
    assert stream.status is grpc.StatusCode.UNAVAILABLE
    assert (done.conversations, done.entries) == (1, 4)
    assert {one.kind: one.erased for one in done.records}["tickets"] == 1
    assert [key for key in after if conversation in key] == []
    assert Keys(prefix).current(TENANT, customer) not in after
    assert [
        key for key, value in after.items() if customer in value or conversation in value or "quartz" in value
    ] == []
    assert await shop.count(Customer, Customer.external_id == customer) == 0


async def test_a_second_call_changes_nothing_and_says_so(redis_url: str, shop: Shop) -> None:
    """CUSTOMER_UNKNOWN, as for somebody who never was there."""
    async with talked(redis_url, shop, "v-twice", "t" + secrets.token_hex(4)) as (url, _):
        await forget(url, "v-twice")
        again, never = await refused(url, "v-twice"), await refused(url, "v-never")
    assert (again.reason, never.reason) == ("CUSTOMER_UNKNOWN", "CUSTOMER_UNKNOWN")


async def test_who_comes_back_is_somebody_new(redis_url: str, shop: Shop) -> None:
    """The same token opens an empty conversation, even when it names the old one."""
    async with talked(redis_url, shop, "v-back", "t" + secrets.token_hex(4)) as (url, stream):
        old = stream.of("opened")[0].conversation
        await forget(url, "v-back")
        async with client(url, "v-back", conversation_id=old.id, last_seq=4, epoch=old.epoch) as back:
            opened = back.of("opened")[0]
            assert not opened.resumed
            assert opened.conversation.epoch != old.epoch
            answer = await back.ask("hello")
    assert answer.seq == 2


async def test_every_conversation_is_found(redis_url: str) -> None:
    """Also those that were closed before; other customers and other tenants keep theirs."""
    async with running(redis_url) as on, client(on.url, "v-many") as first, client(on.url, "v-other") as other:
        await first.ask("hello")
        await other.ask("hello")
        old = first.of("opened")[0].conversation.id
        async with grpc.aio.insecure_channel(on.url) as channel:
            await rpc.OrchestratorServiceStub(channel).CloseConversation(
                pb.CloseConversationRequest(conversation_id=old)
            )
        async with client(on.url, "v-many") as second:
            await second.ask("hello again")
            assert second.of("opened")[0].conversation.id != old
            assert (await refused(on.url, "v-many", "elsewhere")).reason == "CUSTOMER_UNKNOWN"
            assert (await forget(on.url, "v-many")).conversations == 2
        assert (await other.ask("still there?")).seq == 4


async def test_an_answer_that_is_being_written_is_waited_for(redis_url: str) -> None:
    """The turn ends as ever; nothing of it comes back after the erasure."""
    engine, prefix = SlowEngine(), "t" + secrets.token_hex(4)
    async with running(redis_url, engine, prefix=prefix) as on, client(on.url, "v-writes") as stream:
        await stream.say("tell me")
        await stream.until(lambda: stream.has("delta"))
        conversation = stream.of("opened")[0].conversation.id
        erasing = asyncio.create_task(forget(on.url, "v-writes"))
        while await state_of(on.url, conversation) != pb.CONVERSATION_STATE_CLOSED:
            await asyncio.sleep(0.01)
        await stream.say("and this?")
        await stream.until(lambda: stream.has("error"))
        engine.go_on.set()
        done = await erasing
        assert [key for key in await stored(redis_url, prefix) if conversation in key] == []
    assert stream.of("error")[0].reason == "CONVERSATION_CLOSED"
    assert done.entries == 2


async def test_a_turn_that_does_not_end_is_not_waited_for_for_ever(redis_url: str) -> None:
    """After its patience the eraser erases all the same; the turn's late end finds no conversation."""
    now, slept = [0.0], []

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        slept.append(seconds)

    engine, prefix = SlowEngine(), "t" + secrets.token_hex(4)
    redis = open_redis(redis_url)
    eraser = ConversationEraser(Store(redis, Keys(prefix), Limits()), patience_s=1.0, sleep=sleep, now=lambda: now[0])
    async with running(redis_url, engine, prefix=prefix) as on, client(on.url, "v-hangs") as stream:
        await stream.say("tell me")
        await stream.until(lambda: stream.has("delta"))
        done = await eraser.erase(TENANT, "v-hangs")
        engine.go_on.set()
        conversation = stream.of("opened")[0].conversation.id
        await on.runner.drain()
        assert [key for key in await stored(redis_url, prefix) if f":c:{conversation}" in key] == []
    await redis.aclose()
    assert (done.conversations, done.entries) == (1, 1)
    assert 9 <= len(slept) <= 11


@pytest.mark.parametrize(("tenant", "customer"), [("", "kim"), ("UPPER", "kim"), ("demo", ""), ("demo", "k" * 129)])
async def test_bad_requests_are_refused(redis_url: str, tenant: str, customer: str) -> None:
    """INVALID_FRAME; nothing is looked for."""
    async with running(redis_url) as on:
        assert (await refused(on.url, customer, tenant)).reason == "INVALID_FRAME"


async def test_a_store_out_of_reach_is_unavailable() -> None:
    """UNAVAILABLE, and the caller may come again."""
    redis = open_redis("redis://127.0.0.1:1/0", timeout_s=0.2)
    eraser = ConversationEraser(Store(redis, Keys("t"), Limits()), patience_s=1.0)
    with pytest.raises(ServiceError) as caught:
        await eraser.erase(TENANT, "v-any")
    await redis.aclose()
    assert (caught.value.reason, caught.value.retryable) == ("UNAVAILABLE", True)


async def test_records_out_of_reach_are_erased_by_the_next_call(redis_url: str, shop: Shop) -> None:
    """The journal goes first; a second call finishes the work."""
    async with talked(redis_url, shop, "v-half", "t" + secrets.token_hex(4)) as (url, _):
        whole = shop.office.database
        shop.office.database = Shop("sqlite:////nonexistent-folder-of-nobody/x.sqlite3").office.database
        assert (await refused(url, "v-half")).retryable
        shop.office.database = whole
        done = await forget(url, "v-half")
    assert done.conversations == 0
    assert await shop.count(Ticket) == 0


async def test_conversations_on_a_cluster_are_found_and_erased(tmp_path: Path) -> None:
    """Heads lie on many slots; every one is looked at, and each conversation is erased in one step."""
    with one_node_cluster(tmp_path) as url:
        redis = open_redis(url, cluster=True)
        store = Store(redis, Keys("cl"), Limits())
        journal, eraser = RedisJournal(store), ConversationEraser(store, patience_s=1.0)
        for _ in range(3):
            head, _ = await journal.open(conversation_id="", tenant=TENANT, customer_id="v-far", language="en")
            await journal.close(head.conversation_id, Body(author=Author.SYSTEM, text="closed"))
        other, _ = await journal.open(conversation_id="", tenant=TENANT, customer_id="v-near", language="en")
        done = await eraser.erase(TENANT, "v-far")
        left = [key async for key in redis.scan_iter(match="cl:*")]
        assert (await journal.head(other.conversation_id)).customer_id == "v-near"
        await redis.aclose()
    assert (done.conversations, done.entries) == (3, 3)
    assert all(other.conversation_id.encode() in key or key.endswith(b":current") for key in left)
