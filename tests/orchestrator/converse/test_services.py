"""Receipts, ratings, older pages, revisions, announcements and the line, over gRPC on the real store."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import grpc
import pytest

from servicekit.errors import ServiceError, from_rpc_error
from stickerdesk.catalog.v1.catalog_pb2 import LocalizedText
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as rpc
from tests.orchestrator.harness import Client, Running, client, running

pytestmark = pytest.mark.integration

CUSTOMER, ASSISTANT = pb.AUTHOR_CUSTOMER, pb.AUTHOR_ASSISTANT
PERSON = "let me talk to a human agent please"


@asynccontextmanager
async def stub_of(running_: Running) -> AsyncIterator[rpc.OrchestratorServiceAsyncStub]:
    """The unary calls."""
    async with grpc.aio.insecure_channel(running_.url) as channel:
        yield rpc.OrchestratorServiceStub(channel)  # type: ignore[misc]


def receipts(one: Client, reader: pb.Author.ValueType) -> list[tuple[int, int]]:
    """What a client heard of a reader."""
    return [(it.delivered_seq, it.read_seq) for it in one.of("receipt") if it.reader == reader]


async def refused(call: object) -> ServiceError:
    """The error that a call ends with."""
    with pytest.raises(grpc.RpcError) as caught:
        await call  # type: ignore[misc]
    return from_rpc_error(caught.value)


async def linked(one: Client, other: Client) -> None:
    """Returns when news of the one's process reach the other's: a subscription takes a moment."""
    for _ in range(200):
        await one.send(typing=pb.TypingSignal(active=True))
        with contextlib.suppress(TimeoutError):
            await other.until(lambda: any(it.author == CUSTOMER for it in other.of("typing")), timeout_s=0.1)
            return
    raise AssertionError("the processes do not hear each other")


async def announced(stub: rpc.OrchestratorServiceAsyncStub, request: pb.AnnounceRequest) -> pb.AnnounceResponse:
    """Announces, again while no process listens yet, as the error tells a caller to do."""
    for _ in range(200):
        try:
            return await stub.Announce(request)
        except grpc.RpcError as error:
            if not from_rpc_error(error).retryable:
                raise
            await asyncio.sleep(0.05)
    raise AssertionError("nobody listens")


async def test_the_assistant_reads_when_its_turn_begins(redis_url: str) -> None:
    """Before the answer is there; a client that comes later is told too."""
    async with running(redis_url) as one, client(one.url, "kim") as kim:
        await kim.ask("hello")
        kinds = [it.WhichOneof("event") for it in kim.heard]
        assert receipts(kim, ASSISTANT) == [(1, 1)]
        assert kinds.index("receipt") < kinds.index("turn_ended")
        async with client(one.url, "kim") as later:
            assert receipts(later, ASSISTANT) == [(1, 1)]


async def test_what_one_device_read_the_other_shows(redis_url: str) -> None:
    """Across two processes; the one that said so does not hear it again; after a reconnect it is known."""
    prefix = "t" + secrets.token_hex(4)
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(running(redis_url, prefix=prefix))
        there = await stack.enter_async_context(running(redis_url, prefix=prefix))
        left = await stack.enter_async_context(client(here.url, "kim"))
        right = await stack.enter_async_context(client(there.url, "kim"))
        await left.ask("hello")
        await left.send(receipt=pb.ReceiptSignal(delivered_seq=2, read_seq=1))
        await right.until(lambda: receipts(right, CUSTOMER))
        await left.send(receipt=pb.ReceiptSignal(delivered_seq=2, read_seq=99))
        await right.until(lambda: receipts(right, CUSTOMER)[-1] == (2, 2))
        assert receipts(left, CUSTOMER) == []
        again = await stack.enter_async_context(client(there.url, "kim"))
        assert receipts(again, CUSTOMER) == [(2, 2)]


async def test_devices_see_the_same_talk(redis_url: str) -> None:
    """Entries, deltas, typing and the end of the turn reach every device, each once."""
    prefix = "t" + secrets.token_hex(4)
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(running(redis_url, prefix=prefix))
        there = await stack.enter_async_context(running(redis_url, prefix=prefix))
        devices = [await stack.enter_async_context(client(url, "kim")) for url in (here.url, here.url, there.url)]
        for other in devices[1:]:
            await linked(devices[0], other)
        answer = await devices[0].ask("hello")
        for device in devices:
            await device.until(lambda device=device: device.of("turn_ended"))
            assert device.seqs == [1, 2]
            assert answer.text.text.startswith(device.streamed(answer.turn_id))  # elsewhere its end may come too late
            assert len(device.of("turn_ended")) == 1
            await device.until(lambda device=device: any(it.author == ASSISTANT for it in device.of("typing")))
        assert not any(it.author == CUSTOMER for it in devices[0].of("typing"))


async def test_a_rating_is_acknowledged_and_counted_once(redis_url: str) -> None:
    """Seq 0; the same again is a duplicate; a bad one is an error under its id."""
    async with running(redis_url) as one, client(one.url) as kim:
        for _ in range(2):
            await kim.send(rating=pb.RatingSignal(rating_id="r1", score=4, comment="  good\x00 "))
        await kim.until(lambda: len(kim.of("ack")) == 2)
        assert [(ack.client_msg_id, ack.seq, ack.duplicate) for ack in kim.of("ack")] == [
            ("r1", 0, False),
            ("r1", 0, True),
        ]
        assert one.registry.get_sample_value("stickerdesk_rating_score_count") == 1
        await kim.send(rating=pb.RatingSignal(rating_id="r2", score=9))
        await kim.until(lambda: kim.of("error"))
        assert (kim.of("error")[0].reason, kim.of("error")[0].client_msg_id) == ("INVALID_FRAME", "r2")


async def test_older_pages_are_read_backwards(redis_url: str) -> None:
    """The newest before a seq, in order; both cursors at once are refused."""
    async with running(redis_url) as one, client(one.url) as kim, stub_of(one) as stub:
        for _ in range(2):
            await kim.ask("hello")
        known = kim.of("opened")[0].conversation.id
        page = await stub.ListEntries(pb.ListEntriesRequest(conversation_id=known, before_seq=4, page_size=2))
        assert ([entry.seq for entry in page.entries], page.has_more) == ([2, 3], True)
        both = pb.ListEntriesRequest(conversation_id=known, before_seq=4, after_seq=1)
        assert (await refused(stub.ListEntries(both))).reason == "INVALID_FRAME"


async def test_a_revision_reaches_every_device_in_order(redis_url: str) -> None:
    """It is an entry like any other; what the customer wrote is not the shop's to change."""
    async with running(redis_url) as one, client(one.url, "kim") as kim, stub_of(one) as stub:
        await kim.ask("hello")
        known = kim.of("opened")[0].conversation.id
        edited = pb.RevisionContent(target_seq=2, kind=pb.RevisionContent.KIND_EDITED, text="Better")
        request = pb.ReviseEntryRequest(conversation_id=known, revision_id="v1", revision=edited)
        answers = [await stub.ReviseEntry(request) for _ in range(2)]
        assert [answer.entry.seq for answer in answers] == [3, 3]
        await kim.until(lambda: kim.seqs == [1, 2, 3])
        assert kim.entries[-1].revision == edited
        theirs = pb.RevisionContent(target_seq=1, kind=pb.RevisionContent.KIND_RETRACTED)
        request = pb.ReviseEntryRequest(conversation_id=known, revision_id="v2", revision=theirs)
        assert (await refused(stub.ReviseEntry(request))).reason == "ENTRY_NOT_OURS"


@pytest.mark.parametrize(
    "revision",
    [
        pb.RevisionContent(target_seq=1),
        pb.RevisionContent(target_seq=0, kind=pb.RevisionContent.KIND_RETRACTED),
        pb.RevisionContent(target_seq=1, kind=pb.RevisionContent.KIND_EDITED),
        pb.RevisionContent(target_seq=1, kind=pb.RevisionContent.KIND_EDITED, text="x" * 4001),
    ],
)
async def test_malformed_revisions_are_refused(redis_url: str, revision: pb.RevisionContent) -> None:
    """Before the store is asked."""
    async with running(redis_url) as one, stub_of(one) as stub:
        request = pb.ReviseEntryRequest(conversation_id="c", revision_id="v", revision=revision)
        assert (await refused(stub.ReviseEntry(request))).reason == "INVALID_FRAME"


async def test_an_announcement_reaches_everybody_once(redis_url: str) -> None:
    """Two processes, one conversation live on both; asked twice; by language and by customer."""
    prefix = "t" + secrets.token_hex(4)
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(running(redis_url, prefix=prefix))
        there = await stack.enter_async_context(running(redis_url, prefix=prefix))
        kim = await stack.enter_async_context(client(here.url, "kim"))
        kim_too = await stack.enter_async_context(client(there.url, "kim"))
        lin = await stack.enter_async_context(client(there.url, "lin", locale="zh-CN"))
        stub = await stack.enter_async_context(stub_of(here))
        await linked(kim, kim_too)
        await linked(kim_too, kim)
        text = LocalizedText(en="We are back", zh="我们回来了")
        request = pb.AnnounceRequest(announcement_id="a1", tenant="demo", text=text)
        first, again = await stub.Announce(request), await stub.Announce(request)
        assert (first.reached, first.duplicates) == (2, 0)
        assert (again.reached, again.duplicates) == (0, 3)  # kim's is asked about by both processes
        for one in (kim, kim_too, lin):
            await one.until(lambda one=one: one.seqs == [1])
        assert (kim.entries[0].notice.kind, kim.entries[0].notice.text) == ("announcement", "We are back")
        assert lin.entries[0].notice.text == "我们回来了"
        chinese = pb.AnnounceRequest(announcement_id="a2", tenant="demo", text=text, languages=["zh"])
        named = pb.AnnounceRequest(announcement_id="a3", tenant="demo", text=text, customer_ids=["kim"])
        foreign = pb.AnnounceRequest(announcement_id="a4", tenant="other", text=text)
        assert [(await stub.Announce(one)).reached for one in (chinese, named, foreign)] == [1, 1, 0]


async def test_whoever_reconnects_meanwhile_gets_the_announcement(redis_url: str) -> None:
    """A client that was between two connections at that moment."""
    async with running(redis_url) as one, stub_of(one) as stub:
        text = LocalizedText(en="Hello")
        request = pb.AnnounceRequest(announcement_id="a1", tenant="demo", text=text)
        await announced(stub, request)
        async with client(one.url) as kim:
            await kim.until(lambda: kim.seqs == [1])
            assert kim.entries[0].notice.text == "Hello"


@pytest.mark.parametrize(
    "changes",
    [
        {"announcement_id": ""},
        {"announcement_id": "a b"},
        {"tenant": ""},
        {"text": LocalizedText()},
        {"text": LocalizedText(en="x" * 1001)},
        {"languages": ["fr"]},
        {"customer_ids": [""]},
        {"customer_ids": ["x"] * 1001},
    ],
)
async def test_malformed_announcements_are_refused(redis_url: str, changes: dict[str, object]) -> None:
    """ANNOUNCEMENT_INVALID, and nobody is asked."""
    fields: dict[str, object] = {"announcement_id": "a", "tenant": "demo", "text": LocalizedText(en="x")}
    async with running(redis_url) as one, stub_of(one) as stub:
        request = pb.AnnounceRequest(**{**fields, **changes})  # type: ignore[arg-type]
        assert (await refused(stub.Announce(request))).reason == "ANNOUNCEMENT_INVALID"


async def test_waiting_customers_are_told_their_place(redis_url: str) -> None:
    """Second in line moves up when the first is served, over two processes; 0 when it is over."""
    prefix = "t" + secrets.token_hex(4)
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(running(redis_url, prefix=prefix))
        there = await stack.enter_async_context(running(redis_url, prefix=prefix))
        stub = await stack.enter_async_context(stub_of(here))
        kim = await stack.enter_async_context(client(here.url, "kim"))
        lin = await stack.enter_async_context(client(there.url, "lin"))
        for waiting in (kim, lin):
            assert (await waiting.ask(PERSON)).notice.kind == "handed_over"
            await waiting.until(lambda waiting=waiting: waiting.of("queue"))
        assert [kim.of("queue")[-1].position, lin.of("queue")[-1].position] == [1, 2]
        again = await stack.enter_async_context(client(here.url, "lin"))
        await again.until(lambda: again.of("queue"))
        assert again.of("queue")[-1].position == 2
        closing = pb.CloseConversationRequest(conversation_id=kim.of("opened")[0].conversation.id)
        await stub.CloseConversation(closing)
        await lin.until(lambda: lin.of("queue")[-1].position == 1)
        await again.until(lambda: again.of("queue")[-1].position == 1)
        await kim.until(lambda: kim.of("queue")[-1].position == 0)


async def test_a_flood_of_receipts_ends_in_the_highest(redis_url: str) -> None:
    """In any order; what is told only rises."""
    async with running(redis_url) as one, client(one.url, "kim") as kim:
        await kim.ask("hello")
        async with client(one.url, "kim") as other:
            signals = [pb.ReceiptSignal(delivered_seq=number % 3, read_seq=number % 2) for number in range(50)]
            for signal in signals:
                await kim.send(receipt=signal)
            await other.until(lambda: receipts(other, CUSTOMER)[-1:] == [(2, 1)])
            told = receipts(other, CUSTOMER)
            assert told == sorted(set(told))
