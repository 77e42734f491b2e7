"""Many lanes on one ConverseMany call, kept and broken, on the real store; one lane alone is in `test_converse`."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from orchestrator.reply.engine import Brief, Closing
from servicekit.resilience import Deadline
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.fakes import ScriptedEngine
from tests.orchestrator.harness import Running, client, running
from tests.orchestrator.lanes import WINDOW, LaneCall, LinkCall

pytestmark = pytest.mark.integration


@asynccontextmanager
async def linked(desk: Running) -> AsyncIterator[LinkCall]:
    """A call to it."""
    async with grpc.aio.insecure_channel(desk.url) as channel:
        link = LinkCall(channel)
        yield link
        await link.close()


async def opened(link: LinkCall, customer: str = "", **fields: Any) -> LaneCall:
    """A lane that is caught up."""
    lane = link.lane()
    await lane.write(opening(customer, **fields))
    await until(lane, "caught_up")
    return lane


def opening(customer: str = "", **fields: Any) -> pb.ConverseRequest:
    """The first request."""
    name = customer or "u" + secrets.token_hex(6)
    return pb.ConverseRequest(open=pb.OpenRequest(customer_id=name, tenant="demo", **fields))


def saying(text: str = "hello", name: str = "m") -> pb.ConverseRequest:
    """A message."""
    return pb.ConverseRequest(user_message=pb.UserMessage(client_msg_id=name, text=pb.TextContent(text=text)))


async def until(lane: LaneCall, kind: str) -> pb.ConverseResponse:
    """The next event of a kind."""
    async with asyncio.timeout(20):
        while True:
            event = await lane.read()
            assert event is not grpc.aio.EOF
            if event.WhichOneof("event") == kind:
                response: pb.ConverseResponse = event
                return response


async def ended(lane: LaneCall) -> str:
    """Reads to the end; its reason, empty when all was said."""
    async with asyncio.timeout(20):
        try:
            while await lane.read() is not grpc.aio.EOF:
                pass
        except grpc.aio.AioRpcError as error:
            details = dict(error.trailing_metadata())["grpc-status-details-bin"]
            return next(word for word in _REASONS if word.encode() in details)
    return ""


_REASONS = (
    "LANE_UNKNOWN", "LANE_BEGUN_TWICE", "LANE_OVERRUN", "LANE_ITEM_EMPTY", "SLOW_CONSUMER", "DRAINING", "UNAVAILABLE",
    "INVALID_FRAME",
)  # fmt: skip


def open_lanes(desk: Running) -> float | None:
    """What the metrics say."""
    return desk.registry.get_sample_value("stickerdesk_lanes")


def open_streams(desk: Running) -> float | None:
    """What the metrics say."""
    return desk.registry.get_sample_value("stickerdesk_conversations_connected")


async def settled(desk: Running, lanes: int) -> None:
    """Returns when so many lanes and streams are open."""
    async with asyncio.timeout(10):
        while (open_lanes(desk), open_streams(desk)) != (lanes, lanes):
            await asyncio.sleep(0.01)


async def test_a_hundred_conversations_share_a_call(redis_url: str) -> None:
    """Each gets its own answer, complete; together they need fewer messages than events."""
    async with running(redis_url, ScriptedEngine("All ", "is ", "well.")) as desk, linked(desk) as link:
        lanes = await asyncio.gather(*(opened(link) for _ in range(100)))
        assert open_lanes(desk) == 100
        await asyncio.gather(*(lane.write(saying(f"hello {number}")) for number, lane in enumerate(lanes)))
        entries = await asyncio.gather(*(until(lane, "entry") for lane in lanes))
        assert [entry.entry.text.text for entry in entries] == [f"hello {number}" for number in range(100)]
        answers = await asyncio.gather(*(until(lane, "entry") for lane in lanes))
        assert [answer.entry.seq for answer in answers] == [2] * 100
        assert max(link.batches) > 1
        assert sum(link.batches) >= 100 * 8
    assert open_lanes(desk) == 0


async def test_hanging_up_ends_the_stream_and_frees_the_number_for_nobody(redis_url: str) -> None:
    """The others go on; the number is used up; what still comes for it is ignored."""
    async with running(redis_url) as desk, linked(desk) as link:
        gone, kept = await opened(link), await opened(link)
        await link.write(pb.LaneRequest(lane=gone.number, hang_up=True))
        await settled(desk, 1)
        for late in (
            pb.LaneRequest(lane=gone.number, request=saying()),
            pb.LaneRequest(lane=gone.number, credit=1),
            pb.LaneRequest(lane=gone.number, hang_up=True),
            pb.LaneRequest(lane=gone.number, done=True),
            pb.LaneRequest(lane=gone.number),
        ):
            await link.write(late)
        await link.write(pb.LaneRequest(lane=gone.number, begin=pb.LaneBegin()))
        assert await ended(gone) == "LANE_BEGUN_TWICE"
        await kept.write(saying())
        assert (await until(kept, "ack")).ack.seq == 1


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([pb.LaneRequest(lane=2, begin=pb.LaneBegin())], "LANE_BEGUN_TWICE"),
        ([pb.LaneRequest(lane=2)], "LANE_ITEM_EMPTY"),
        ([pb.LaneRequest(lane=2, request=pb.ConverseRequest())] * (WINDOW + 1), "LANE_OVERRUN"),
        ([pb.LaneRequest(lane=2, request=pb.ConverseRequest())], "INVALID_FRAME"),
    ],
)
async def test_a_lane_that_breaks_its_rules_ends_alone(
    redis_url: str, items: list[pb.LaneRequest], reason: str
) -> None:
    """With its reason; its neighbour does not notice."""
    async with running(redis_url) as desk, linked(desk) as link:
        neighbour, bad = await opened(link), link.lane()
        await link.write(pb.LaneRequest(lane=2, begin=pb.LaneBegin()), *items)
        assert await ended(bad) == reason
        await neighbour.write(saying())
        await until(neighbour, "turn_ended")
        await settled(desk, 1)


@pytest.mark.parametrize(
    "item",
    [
        pb.LaneRequest(lane=7, request=saying()),
        pb.LaneRequest(lane=7, credit=2**32 - 1),
        pb.LaneRequest(lane=7, hang_up=True),
        pb.LaneRequest(lane=7),
    ],
)
async def test_a_lane_that_never_began(redis_url: str, item: pb.LaneRequest) -> None:
    """Ends with LANE_UNKNOWN, whatever is said on it."""
    async with running(redis_url) as desk, linked(desk) as link:
        for _ in range(7):
            lane = link.lane()
        await link.write(item)
        assert await ended(lane) == "LANE_UNKNOWN"
        assert open_lanes(desk) == 0


async def test_lane_zero_ends_the_call(redis_url: str) -> None:
    """INVALID_ARGUMENT, and its lanes' streams are over."""
    async with running(redis_url) as desk, linked(desk) as link:
        lane = await opened(link)
        await link.write(pb.LaneRequest(request=saying()))
        assert await link.call.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert await ended(lane) == "UNAVAILABLE"
        await settled(desk, 0)


async def test_empty_messages_and_garbage(redis_url: str) -> None:
    """A message without items is nothing; bytes that are no message end the call, and the next call is served."""
    async with running(redis_url) as desk:
        async with grpc.aio.insecure_channel(desk.url) as channel:
            raw: Any = channel.stream_stream("/stickerdesk.orchestrator.v1.OrchestratorService/ConverseMany")()
            await raw.write(b"")
            await raw.write(b"\xff\xff\xff no message at all")
            with pytest.raises(grpc.RpcError):
                await raw.read()
        async with linked(desk) as link:
            await link.call.write(pb.ConverseManyRequest())
            await opened(link)


class Paced(ScriptedEngine):
    """Lets the loop run between its words, as an engine behind a network does."""

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Closing]:
        async for part in super().stream(brief, deadline):
            yield part
            await asyncio.sleep(0.001)


async def test_one_that_does_not_read_stalls_nobody(redis_url: str) -> None:
    """Its own events wait and it ends with SLOW_CONSUMER; its neighbour on the call gets all of the same answer."""
    words = Paced(*(f"word{i} " * 100 for i in range(300)))
    async with running(redis_url, words, outgoing=16) as desk, linked(desk) as link:
        name = "u" + secrets.token_hex(6)
        slow, quick = await opened(link, name), await opened(link, name)
        await quick.write(saying("tell me about my order"))
        await until(quick, "turn_ended")
        assert await ended(slow) == "SLOW_CONSUMER"


async def test_a_replay_longer_than_the_window(redis_url: str) -> None:
    """Comes at the pace of its credit, complete, while another lane is answered."""
    name, engine = "u" + secrets.token_hex(6), ScriptedEngine("Hi.")
    async with running(redis_url, engine) as desk:
        async with client(desk.url, name) as kim:
            for _ in range(WINDOW // 2 + 2):
                await kim.ask("hello")
            told = kim.seqs
        async with linked(desk) as link:
            other, replay = await opened(link), link.lane()
            await replay.write(opening(name))
            await other.write(saying())
            await until(other, "turn_ended")
            seqs = []
            while (event := await replay.read()).WhichOneof("event") != "caught_up":
                if event.HasField("entry"):
                    seqs.append(event.entry.seq)
            assert seqs == told
            assert len(seqs) > WINDOW


async def test_requests_get_credit(redis_url: str) -> None:
    """Half a window taken is half a window more; a client that waits for it may go on for ever."""
    async with running(redis_url) as desk, linked(desk) as link:
        lane = await opened(link)
        for _ in range(3 * WINDOW):
            await lane.write(pb.ConverseRequest(typing=pb.TypingSignal(active=True)))
            async with asyncio.timeout(10):
                while lane.sent - lane.credits >= WINDOW:
                    await asyncio.sleep(0.001)
        await lane.write(saying())
        await until(lane, "ack")


async def test_half_closing_the_call_is_half_closing_each_lane(redis_url: str) -> None:
    """Their answers still come, then each ends as if by itself, then the call does."""
    async with running(redis_url) as desk, linked(desk) as link:
        lanes = [await opened(link) for _ in range(3)]
        for lane in lanes:
            await lane.write(saying())
        await link.call.done_writing()
        for lane in lanes:
            await until(lane, "turn_ended")
            assert await ended(lane) == ""
        assert await link.call.code() is grpc.StatusCode.OK


async def test_draining_ends_every_lane_and_then_the_call(redis_url: str) -> None:
    """Each is told to come back; a lane that begins too late is told the same."""
    async with running(redis_url) as desk, linked(desk) as link:
        lanes = [await opened(link) for _ in range(3)]
        desk.servicer.drain()
        for lane in lanes:
            assert await ended(lane) == "DRAINING"
        assert await link.call.code() is grpc.StatusCode.OK
        async with linked(desk) as late:
            lane = late.lane()
            await lane.write(opening())
            assert await ended(lane) == "UNAVAILABLE"
            assert await late.call.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_call_that_is_cut_ends_its_streams(redis_url: str) -> None:
    """No lane is left behind; their customers come back over another."""
    async with running(redis_url) as desk:
        async with linked(desk) as link:
            lanes = await asyncio.gather(*(opened(link, f"cut-{number}") for number in range(20)))
            assert len(lanes) == 20
        await settled(desk, 0)
        async with linked(desk) as link:
            await asyncio.gather(*(opened(link, f"cut-{number}") for number in range(20)))


async def test_a_message_whose_client_vanishes_is_answered_without_a_takeover(redis_url: str) -> None:
    """Between the journal and the turn's line nothing is left lying until a lease is over."""
    async with running(redis_url, ScriptedEngine("Hi.")) as desk:
        async with linked(desk) as link:
            lanes = await asyncio.gather(*(opened(link, f"vanish-{number}") for number in range(40)))
            for lane in lanes:
                await lane.write(saying())
                await link.write(pb.LaneRequest(lane=lane.number, hang_up=True))
            await settled(desk, 0)
        async with linked(desk) as link:
            for number in range(40):
                lane = await opened(link, f"vanish-{number}")
                await lane.write(saying())  # a duplicate where it was posted
                await until(lane, "ack")
        async with asyncio.timeout(20):
            while desk.runner.owned:
                await asyncio.sleep(0.01)
        assert not desk.registry.get_sample_value("stickerdesk_turns_taken_over_total")


async def test_a_lane_that_begins_and_says_nothing_is_hung_up_with_the_rest(redis_url: str) -> None:
    """Half an opening holds nothing but its place."""
    async with running(redis_url) as desk, linked(desk) as link:
        lane = link.lane()
        await link.write(pb.LaneRequest(lane=lane.number, begin=pb.LaneBegin()))
        await opened(link)
        assert open_lanes(desk) == 2
        await link.write(pb.LaneRequest(lane=lane.number, done=True))
        assert await ended(lane) == "INVALID_FRAME"
