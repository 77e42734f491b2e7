"""The Converse stream as a client sees it, on the real store: as a call of its own, and as a lane of ConverseMany."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest

from orchestrator.journal.keys import Keys
from orchestrator.journal.store import open_redis
from orchestrator.reply.engine import Brief, Closing
from servicekit.errors import unavailable
from servicekit.resilience import Deadline
from stickerdesk.catalog.v1 import catalog_pb2 as catalog
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as rpc
from tests.fakes import ScriptedEngine
from tests.orchestrator.harness import Client, by_lane, client, converse, running

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True, params=["call", "lane"])
def transport(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test runs over both."""
    token = by_lane.set(request.param == "lane")
    yield
    by_lane.reset(token)


@pytest.fixture
def prefix() -> str:
    """For replicas that share a store."""
    return "t" + secrets.token_hex(4)


@pytest.mark.parametrize(
    ("text", "article", "word"),
    [
        ("my parcel hasn't moved since Tuesday", "shipping-delay", "delay ticket"),
        ("快递三天没更新了", "shipping-delay", "延误工单"),
    ],
)
async def test_a_message_becomes_a_streamed_answer_with_stickers(
    redis_url: str, text: str, article: str, word: str
) -> None:
    """Ack, typing, deltas, entry, end; deltas say what the entry says; it cites its article and shows a sticker."""
    async with running(redis_url) as desk, client(desk.url) as kim:
        answer = await kim.ask(text)
        assert word in answer.text.text
        assert answer.engine == "retrieval"
        assert [one.article_id for one in answer.citations] == [article]
        assert answer.stickers
        assert kim.streamed(answer.turn_id) == answer.text.text
        assert kim.seqs == [1, 2]
        assert kim.entries[0].emotion == catalog.EMOTION_ANXIETY
        assert [delta.index for delta in kim.of("delta")] == list(range(len(kim.of("delta"))))
        assert kim.of("turn_ended")[0].outcome == pb.TurnEnded.OUTCOME_ANSWERED
        assert kim.of("ack")[0] == pb.Ack(client_msg_id=kim.entries[0].client_msg_id, seq=1, turn_id=answer.turn_id)


async def test_resuming_gives_exactly_what_is_missing(redis_url: str) -> None:
    """A second stream with a cursor gets the entries after it; one that has all gets none."""
    async with running(redis_url) as desk:
        async with client(desk.url, "resumer") as first:
            await first.ask("hello")
            epoch = first.of("opened")[0].conversation.epoch
        async with client(desk.url, "resumer", last_seq=1, epoch=epoch) as again:
            assert again.seqs == [2]
            assert again.of("opened")[0].resumed
            assert not again.has("gap")
        async with client(desk.url, "resumer", last_seq=2, epoch=epoch) as complete:
            assert complete.seqs == []
            assert complete.of("caught_up")[0].last_seq == 2


@pytest.mark.parametrize(
    ("cursor", "reason", "seqs"),
    [
        ({"last_seq": 9}, "ahead_of_journal", []),
        ({"last_seq": 1, "epoch": "other"}, "epoch_changed", [1, 2]),
        ({"replay_limit": 1}, "replay_limit", [2]),
    ],
)
async def test_out_of_order_resumes_get_a_gap(
    redis_url: str, cursor: dict[str, int | str], reason: str, seqs: list[int]
) -> None:
    """What cannot be replayed is said, never passed over."""
    async with running(redis_url) as desk:
        async with client(desk.url, f"gap-{reason}") as first:
            await first.ask("hello")
            epoch = first.of("opened")[0].conversation.epoch
        fields = {"epoch": epoch, **cursor} if cursor.get("last_seq") else cursor
        async with client(desk.url, f"gap-{reason}", **fields) as again:
            assert again.of("gap")[0].reason == reason
            assert again.seqs == seqs


async def test_a_repeated_message_is_acknowledged_and_not_answered_again(redis_url: str) -> None:
    """Duplicate is true, seq is the first one's, no second entry comes."""
    engine = ScriptedEngine("Hi.")
    async with running(redis_url, engine) as desk, client(desk.url) as kim:
        await kim.ask("hello there")
        first = kim.entries[0]
        await kim.say("hello there", first.client_msg_id)
        await kim.until(lambda: len(kim.of("ack")) == 2)
        assert kim.of("ack")[1].duplicate
        assert kim.of("ack")[1].seq == first.seq
        await kim.ask("something new")
        assert engine.runs == 2
        assert kim.seqs == [1, 2, 3, 4]


async def test_bad_input_is_an_error_and_the_stream_goes_on(redis_url: str) -> None:
    """Each with its code, reason and client_msg_id; then a good message is answered."""
    text, sticker = pb.TextContent, pb.StickerContent(sticker=catalog.Sticker(id="noto-emoji/none"))
    bad = [
        (pb.UserMessage(client_msg_id="e1", text=text(text="  ")), 400, "INVALID_FRAME"),
        (pb.UserMessage(client_msg_id="e2", text=text(text="x" * 4001)), 413, "TEXT_TOO_LONG"),
        (pb.UserMessage(client_msg_id="e3"), 400, "INVALID_FRAME"),
        (pb.UserMessage(client_msg_id="e4 !", text=text(text="x")), 400, "INVALID_FRAME"),
        (pb.UserMessage(client_msg_id="e5", sticker=sticker), 404, "STICKER_NOT_FOUND"),
    ]
    async with running(redis_url) as desk, client(desk.url) as kim:
        for message, *_ in bad:
            await kim.send(user_message=message)
        await kim.until(lambda: len(kim.of("error")) == len(bad))
        got = [(error.client_msg_id, error.code, error.reason) for error in kim.of("error")]
        assert got == [(message.client_msg_id, code, reason) for message, code, reason in bad]
        assert (await kim.ask("hello")).text.text


async def test_an_id_with_other_words_is_a_conflict(redis_url: str) -> None:
    """409 MESSAGE_ID_CONFLICT, in the conversation's language."""
    async with running(redis_url) as desk, client(desk.url, locale="zh-CN") as kim:
        await kim.say("你好", "same")
        await kim.say("再见", "same")
        await kim.until(lambda: kim.has("error"))
        error = kim.of("error")[0]
        assert (error.code, error.reason, error.retryable) == (409, "MESSAGE_ID_CONFLICT", False)
        assert "消息" in error.message


async def test_a_closed_conversation_refuses(redis_url: str) -> None:
    """Everybody sees the notice; a message is CONVERSATION_CLOSED; the same customer then gets a new conversation."""
    async with running(redis_url) as desk, client(desk.url, "closer") as kim:
        conversation_id = kim.of("opened")[0].conversation.id
        async with grpc.aio.insecure_channel(desk.url) as channel:
            stub = rpc.OrchestratorServiceStub(channel)
            for _ in range(2):
                closed = await stub.CloseConversation(pb.CloseConversationRequest(conversation_id=conversation_id))
                assert closed.conversation.state == pb.CONVERSATION_STATE_CLOSED
        await kim.until(lambda: bool(kim.entries))
        assert kim.entries[0].notice.kind == "closed"
        await kim.say("hello?")
        await kim.until(lambda: kim.has("error"))
        assert kim.of("error")[0].reason == "CONVERSATION_CLOSED"
        async with client(desk.url, "closer") as fresh:
            assert fresh.of("opened")[0].conversation.id != conversation_id


@pytest.mark.parametrize(
    ("first", "status"),
    [
        (pb.ConverseRequest(typing=pb.TypingSignal()), grpc.StatusCode.INVALID_ARGUMENT),
        (pb.ConverseRequest(), grpc.StatusCode.INVALID_ARGUMENT),
        (pb.ConverseRequest(open=pb.OpenRequest(tenant="demo")), grpc.StatusCode.INVALID_ARGUMENT),
        (pb.ConverseRequest(open=pb.OpenRequest(customer_id="u", tenant="De mo")), grpc.StatusCode.INVALID_ARGUMENT),
        (
            pb.ConverseRequest(open=pb.OpenRequest(customer_id="u", tenant="demo", last_seq=-1)),
            grpc.StatusCode.INVALID_ARGUMENT,
        ),
    ],
)
async def test_a_bad_first_request_ends_the_stream(
    redis_url: str, first: pb.ConverseRequest, status: grpc.StatusCode
) -> None:
    """INVALID_ARGUMENT."""
    async with running(redis_url) as desk, grpc.aio.insecure_channel(desk.url) as channel:
        call = converse(channel)
        await call.write(first)
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await call.read()
        assert ended.value.code() == status


async def test_a_second_open_ends_the_stream(redis_url: str) -> None:
    """FAILED_PRECONDITION."""
    async with running(redis_url) as desk, client(desk.url) as kim:
        await kim.send(open=pb.OpenRequest(customer_id="u", tenant="demo"))
        await kim.until(lambda: kim.status is not None)
        assert kim.status == grpc.StatusCode.FAILED_PRECONDITION


async def test_somebody_elses_conversation_is_forbidden(redis_url: str) -> None:
    """PERMISSION_DENIED."""
    async with running(redis_url) as desk, client(desk.url) as kim:
        thief = Client(desk.url)
        await thief.send(
            open=pb.OpenRequest(customer_id="thief", tenant="demo", conversation_id=kim.of("opened")[0].conversation.id)
        )
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await thief._call.read()
        assert ended.value.code() == grpc.StatusCode.PERMISSION_DENIED
        await thief.close()


async def test_half_closing_waits_for_the_answer(redis_url: str) -> None:
    """The stream ends OK after the answers are sent."""
    async with running(redis_url) as desk, client(desk.url) as kim:
        await kim.say("hello")
        await kim.done()
        assert kim.status == grpc.StatusCode.OK
        assert kim.seqs == [1, 2]


async def test_other_devices_on_other_replicas_see_everything(redis_url: str, prefix: str) -> None:
    """Two orchestrators, one conversation: entries, deltas, typing and ends arrive on both sides, each once."""
    paced = Paced("Hello ", "and ", "welcome.")
    async with (
        running(redis_url, paced, prefix=prefix) as one,
        running(redis_url, prefix=prefix) as two,
        client(one.url, "devices") as phone,
        client(two.url, "devices") as laptop,
    ):
        await phone.send(typing=pb.TypingSignal(active=True))
        await laptop.until(lambda: any(event.author == pb.AUTHOR_CUSTOMER for event in laptop.of("typing")))
        answer = await phone.ask("hello")
        await laptop.until(lambda: laptop.has("turn_ended"))
        assert laptop.seqs == phone.seqs == [1, 2]
        assert laptop.streamed(answer.turn_id) == phone.streamed(answer.turn_id) == answer.text.text
        assert all(event.author == pb.AUTHOR_ASSISTANT for event in phone.of("typing"))
        answer = await laptop.ask("thanks")
        await phone.until(lambda: len(phone.of("turn_ended")) == 2)
        assert phone.seqs == laptop.seqs == [1, 2, 3, 4]


async def test_stop_from_another_device(redis_url: str, prefix: str) -> None:
    """A stop on one replica ends the turn that runs on the other; what was said stays."""
    blocked = BlockedEngine("Let me think")
    async with (
        running(redis_url, blocked, prefix=prefix) as one,
        running(redis_url, prefix=prefix) as two,
        client(one.url, "stopper") as phone,
        client(two.url, "stopper") as laptop,
    ):
        await phone.say("tell me a long story about my order")
        await laptop.until(lambda: laptop.has("delta"))
        await laptop.send(stop=pb.StopRequest())
        await phone.until(lambda: phone.has("turn_ended"))
        assert phone.of("turn_ended")[0].outcome == pb.TurnEnded.OUTCOME_STOPPED
        assert phone.entries[-1].text.text == "Let me think"
        assert blocked.cancelled


class Paced(ScriptedEngine):
    """Lets the loop run between its words, as an engine behind a network does."""

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Closing]:
        async for part in super().stream(brief, deadline):
            yield part
            await asyncio.sleep(0.005)


class BlockedEngine(ScriptedEngine):
    """Says something and then nothing, until it is cancelled."""

    cancelled = False

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Closing]:
        yield self._parts[0]
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled = True


async def test_suggestions_and_feedback_reach_the_recommender(redis_url: str) -> None:
    """The newest suggest request is answered; clicks are passed on; a recommender that is down means none."""
    async with running(redis_url) as desk, client(desk.url) as kim:
        for number, text in enumerate(("h", "ha", "happy")):
            await kim.send(suggest=pb.SuggestRequest(suggest_id=str(number), text=text))
        await kim.until(lambda: any(one.suggest_id == "2" for one in kim.of("suggestions")))
        assert kim.of("suggestions")[-1].stickers[0].id == "noto-emoji/1f600"
        click = pb.StickerFeedback(kind=pb.StickerFeedback.KIND_CLICKED, sticker_id="noto-emoji/1f600")
        await kim.send(sticker_feedback=click)
        desk.recommender.failing = unavailable("DOWN", "down")
        await kim.send(suggest=pb.SuggestRequest(suggest_id="3", text="sad"))
        await kim.until(lambda: kim.of("suggestions")[-1].suggest_id == "3")
        assert not kim.of("suggestions")[-1].stickers
        assert (await kim.ask("hello")).stickers == []


async def test_a_sticker_is_a_message(redis_url: str) -> None:
    """It stands complete in the journal and is answered in its mood."""
    async with running(redis_url) as desk, client(desk.url) as kim:
        content = pb.StickerContent(sticker=catalog.Sticker(id="noto-emoji/1f600"))
        await kim.send(user_message=pb.UserMessage(client_msg_id="s", sticker=content))
        await kim.until(lambda: kim.has("turn_ended"))
        sent = kim.entries[0].sticker.sticker
        assert (sent.alt_text.zh, sent.width_px, sent.emotion) == ("嘿嘿", 136, catalog.EMOTION_JOY)
        assert "?" in kim.entries[1].text.text


async def test_reading_without_a_stream(redis_url: str) -> None:
    """GetConversation and ListEntries give head and pages; unknown ids are NOT_FOUND, bad bounds INVALID_ARGUMENT."""
    async with running(redis_url) as desk, client(desk.url) as kim, grpc.aio.insecure_channel(desk.url) as channel:
        await kim.ask("hello")
        stub = rpc.OrchestratorServiceStub(channel)
        name = kim.of("opened")[0].conversation.id
        head = (await stub.GetConversation(pb.GetConversationRequest(conversation_id=name))).conversation
        assert (head.last_seq, head.state, head.language) == (2, pb.CONVERSATION_STATE_OPEN, "en")
        page = await stub.ListEntries(pb.ListEntriesRequest(conversation_id=name, page_size=1))
        assert (page.entries[0], page.has_more, page.epoch) == (kim.entries[0], True, head.epoch)
        with pytest.raises(grpc.aio.AioRpcError) as missing:
            await stub.GetConversation(pb.GetConversationRequest(conversation_id="c-none"))
        assert missing.value.code() == grpc.StatusCode.NOT_FOUND
        with pytest.raises(grpc.aio.AioRpcError) as bad:
            await stub.ListEntries(pb.ListEntriesRequest(conversation_id=name, page_size=501))
        assert bad.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_draining_ends_streams_with_unavailable(redis_url: str, prefix: str) -> None:
    """The client is told to go elsewhere, and finds everything there."""
    async with running(redis_url, prefix=prefix) as one, running(redis_url, prefix=prefix) as two:
        async with client(one.url, "drained") as kim:
            await kim.ask("hello")
            one.servicer.drain()
            await kim.until(lambda: kim.status is not None)
            assert kim.status == grpc.StatusCode.UNAVAILABLE
            epoch = kim.of("opened")[0].conversation.epoch
        async with client(two.url, "drained", last_seq=2, epoch=epoch) as again:
            await again.ask("thanks")
            assert again.seqs == [3, 4]


async def read_to_the_end(call: Any) -> None:
    while await call.read():
        pass


async def test_a_client_that_does_not_read_is_ended(redis_url: str) -> None:
    """RESOURCE_EXHAUSTED, and the journal has everything for its return."""
    words = Paced(*(f"word{i} " * 500 for i in range(300)))
    async with (
        running(redis_url, words, outgoing=16) as desk,
        grpc.aio.insecure_channel(
            desk.url, options=[("grpc.http2.lookahead_bytes", 1024), ("grpc.http2.bdp_probe", 0)]
        ) as channel,
    ):
        call = converse(channel)
        await call.write(pb.ConverseRequest(open=pb.OpenRequest(customer_id="slow", tenant="demo")))
        await call.read()
        message = pb.UserMessage(client_msg_id="m", text=pb.TextContent(text="tell me about my order"))
        await call.write(pb.ConverseRequest(user_message=message))
        async with client(desk.url, "slow") as other:
            await other.until(lambda: other.has("turn_ended"))
        with pytest.raises(grpc.aio.AioRpcError) as ended:
            await read_to_the_end(call)
        assert ended.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_journal_that_cannot_be_read_ends_the_stream(redis_url: str, prefix: str) -> None:
    """An entry of a newer version, after a rollback for example: the client is told, and does not wait in silence."""
    async with running(redis_url, prefix=prefix) as desk, client(desk.url, "kim") as kim:
        await kim.ask("hello")
        _, log, *_ = Keys(prefix).conversation(kim.of("opened")[0].conversation.id)
        store = open_redis(redis_url)
        await store.xadd(log, {"t": "1", "b": b'{"author":"oracle"}'}, id="900-0")
        await store.aclose()
        async with client(desk.url, "kim") as later:
            await later.until(lambda: later.status is not None)
            assert later.status is grpc.StatusCode.INTERNAL


async def test_the_time_to_the_first_text_counts_from_the_beginning_of_the_turn(redis_url: str) -> None:
    """What a customer waits for: understanding and looking up are part of it."""
    async with running(redis_url) as desk, client(desk.url) as kim:
        await kim.ask("my parcel hasn't moved since Tuesday")
        sample = desk.registry.get_sample_value
        first = sample("stickerdesk_first_text_seconds_sum")
        before = sum(
            sample("stickerdesk_turn_step_seconds_sum", {"step": step}) or 0.0 for step in ("understand", "act")
        )
        assert first is not None
        assert first >= before > 0.0
