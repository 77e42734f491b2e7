"""The gateway's shared calls: what goes over them, how they end, and what the edge makes of a far end that errs."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest

from gateway import frames
from gateway.edge.actions import Offer, Opened
from gateway.upstream.lane import WINDOW
from servicekit.errors import Code, ServiceError
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.gateway.test_orchestrator_stream import edge_links
from tests.gateway.upstream.far_end import OPEN, Near, ended, near, opened, typing

pytestmark = pytest.mark.integration

_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TYPING = Offer(frames.TypingSignal(active=True))


async def why(events: Any) -> ServiceError:
    """Reads to the end: what it ended with."""
    try:
        async with asyncio.timeout(10):
            async for _ in events:
                pass
    except ServiceError as error:
        return error
    raise AssertionError("a stream ends with an error")


async def until(true: Any) -> None:
    """Waits for it."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)


async def test_lanes_share_a_call_and_say_whose_trace_they_are() -> None:
    """Numbers rise from 1; open follows begin; offers and events find their lane; hanging up says so."""
    async with near(edge_links()) as both:
        one = both.stream(_TRACE)
        first = one.events(OPEN)
        assert (await anext(first)).conversation == "c-1"  # type: ignore[union-attr]
        two, second = await both.open()
        (call,) = both.far.calls
        assert [(item.lane, item.WhichOneof("item")) for item in call.heard] == [
            (1, "begin"), (1, "request"), (2, "begin"), (2, "request"),
        ]  # fmt: skip
        assert call.heard[0].begin.traceparent == _TRACE
        await two.offer(TYPING)
        await call.until(3, "request")
        assert call.heard[-1] == pb.LaneRequest(lane=2, request=pb.ConverseRequest(typing=pb.TypingSignal(active=True)))
        await call.say(typing(2), typing(1))
        assert isinstance(await anext(first), frames.Typing)
        assert isinstance(await anext(second), frames.Typing)
        one.cancel()
        await call.until(1, "hang_up")
        assert (await why(first)).code is Code.CANCELLED
        assert both.metric("lanes") == 1
        assert both.metric("trunk_items_count", direction="in") >= 2


async def test_what_waits_leaves_together() -> None:
    """A hundred openings at once need a handful of messages."""
    async with near(edge_links()) as both:
        await asyncio.gather(*(both.open() for _ in range(60)))
        assert both.metric("lanes") == 60
        assert both.metric("trunk_items_sum", direction="out") == 120
        assert both.metric("trunk_items_count", direction="out") < 60


async def test_each_ending_reaches_its_own_connection() -> None:
    """Code, reason, patience and facts as in a status; an OK and a code that nobody knows are told from errors."""
    async with near(edge_links()) as both:
        streams = [await both.open() for _ in range(4)]
        (call,) = both.far.calls
        slow = ended(1, 429, "SLOW_CONSUMER", message="read", retryable=True, metadata={"field": "x"})
        slow.ended.retry_after.FromMilliseconds(250)
        await call.say(slow, ended(2, 200, ""), ended(3, 299, "ODD"))
        errors = [await why(events) for _, events in streams[:3]]
        assert [(error.code, error.reason) for error in errors] == [
            (Code.EXHAUSTED, "SLOW_CONSUMER"), (Code.UNAVAILABLE, "UNAVAILABLE"), (Code.INTERNAL, "INTERNAL"),
        ]  # fmt: skip
        assert (errors[0].retryable, errors[0].retry_after_s, errors[0].metadata) == (True, 0.25, {"field": "x"})
        await call.say(ended(1), typing(2), typing(4))
        assert isinstance(await anext(streams[3][1]), frames.Typing)


async def test_events_that_came_before_the_end_are_told_first() -> None:
    """In line, also when the whole call ends."""
    async with near(edge_links()) as both:
        _, events = await both.open()
        (call,) = both.far.calls
        await call.say(typing(1), typing(1))
        call.end()
        assert [type(await anext(events)) for _ in range(2)] == [frames.Typing] * 2
        assert (await why(events)).code is Code.UNAVAILABLE


async def test_a_client_that_does_not_read_fills_its_own_lane_only() -> None:
    """Credit comes for what was read, in batches; none for the lane that rests."""
    async with near(edge_links()) as both:
        _, resting = await both.open()
        _, reading = await both.open()
        (call,) = both.far.calls
        await call.say(*(typing(1) for _ in range(WINDOW - 1)), *(typing(2) for _ in range(WINDOW - 1)))
        for _ in range(WINDOW // 2):  # opened was one more
            await anext(reading)
        await call.until(1, "credit")
        assert [(item.lane, item.credit) for item in call.of("credit")] == [(2, WINDOW // 2)]
        for _ in range(WINDOW // 2):
            await anext(resting)
        await call.until(2, "credit")


async def test_a_far_end_that_overruns_a_window_loses_that_lane() -> None:
    """It ends with INTERNAL and is hung up; its neighbour goes on."""
    async with near(edge_links()) as both:
        _, resting = await both.open()
        _, other = await both.open()
        (call,) = both.far.calls
        await call.say(*(typing(1) for _ in range(WINDOW + 1)))
        await call.until(1, "hang_up")
        assert (await why(resting)).code is Code.INTERNAL
        await call.say(typing(2))
        assert isinstance(await anext(other), frames.Typing)


async def test_requests_beyond_the_window_wait_for_credit() -> None:
    """The client is held back, as by a call of its own; the end of the lane frees it."""
    async with near(edge_links()) as both:
        stream, events = await both.open()
        (call,) = both.far.calls
        for _ in range(WINDOW - 1):  # the open was the first
            await stream.offer(TYPING)
        held = asyncio.create_task(stream.offer(TYPING))
        await call.until(WINDOW, "request")
        assert not held.done()
        await call.say(pb.LaneResponse(lane=1, credit=1))
        await held
        held = asyncio.create_task(stream.offer(TYPING))
        await call.until(WINDOW + 1, "request")
        await call.say(ended(1))
        await held
        assert (await why(events)).reason == "DRAINING"
        assert len(call.of("request")) == WINDOW + 1


@pytest.mark.parametrize("item", [typing(9), pb.LaneResponse(lane=9), typing(0), pb.LaneResponse()])
async def test_a_lane_that_never_began_ends_the_call(item: pb.LaneResponse) -> None:
    """The far end has lost count: its conversations go on elsewhere, over another call."""
    async with near(edge_links()) as both:
        _, events = await both.open()
        await both.far.calls[0].say(item)
        assert (await why(events)).code is Code.UNAVAILABLE
        await until(both.far.calls[0].over.is_set)
        await both.open()
        assert len(both.far.calls) == 2


async def test_items_of_kinds_that_are_not_known_yet_are_passed_over() -> None:
    """A newer orchestrator may say more than this edge understands."""
    async with near(edge_links()) as both:
        _, events = await both.open()
        await both.far.calls[0].say(
            pb.LaneResponse(lane=1), pb.LaneResponse(lane=1, response=pb.ConverseResponse()), typing(1)
        )
        assert isinstance(await anext(events), frames.Typing)


async def test_a_call_that_breaks_ends_all_its_lanes() -> None:
    """UNAVAILABLE, whatever the call's own status says, for the conversations did nothing wrong."""
    for status in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.CANCELLED, grpc.StatusCode.INTERNAL):
        async with near(edge_links()) as both:
            streams = [await both.open() for _ in range(10)]
            both.far.calls[0].end(status)
            for stream, events in streams:
                assert (await why(events)).code is Code.UNAVAILABLE
                await stream.offer(TYPING)  # dropped
            await until(lambda both=both: both.metric("trunks") == 0)


async def test_an_older_orchestrator_is_spoken_to_by_converse() -> None:
    """At once for those who come meanwhile, and shared calls are tried again after a while."""
    async with near(edge_links()) as both:
        both.far.answers = False
        waiting = asyncio.create_task(both.open())
        await until(lambda: both.far.calls)
        both.far.calls[0].end(grpc.StatusCode.UNIMPLEMENTED)
        stream, events = await waiting
        await stream.offer(Offer(frames.Message(client_msg_id="m", text="hello")))
        async for event in events:
            if isinstance(event, frames.Ack):
                break
        await both.open()
        assert len(both.far.calls) == 1
        assert both.metric("lanes") == 0
        stream.cancel()
        assert (await why(events)).code is Code.CANCELLED
        both.now_s += 31
        both.far.answers = True
        await both.open()
        assert (len(both.far.calls), both.metric("lanes")) == (2, 1)


async def test_without_shared_calls_each_has_its_own() -> None:
    """By setting."""
    async with near(edge_links(), size=0) as both:
        _, events = await both.open()
        assert not both.far.calls
        await events.aclose()


async def test_a_drained_orchestrator_gets_no_new_lanes() -> None:
    """The next goes over another call; the first ends with its last lane."""
    async with near(edge_links()) as both:
        (_, gone), (stream, _) = await both.open(), await both.open()
        await both.far.calls[0].say(ended(1))
        assert (await why(gone)).reason == "DRAINING"
        await both.open()
        assert [len(call.of("begin")) for call in both.far.calls] == [2, 1]
        stream.cancel()
        await until(both.far.calls[0].over.is_set)
        assert not both.far.calls[1].over.is_set()


async def test_calls_are_renewed_and_end_with_their_last_lane() -> None:
    """So that a new replica gets its share; who talks on an old one is not disturbed."""
    async with near(edge_links(), size=2) as both:
        (one, kept), (two, _) = await both.open(), await both.open()
        assert [len(call.of("begin")) for call in both.far.calls] == [1, 1]
        both.now_s += 2 * 60.0
        await both.open()
        assert len(both.far.calls) == 3
        two.cancel()
        await until(both.far.calls[1].over.is_set)
        assert both.far.calls[1].of("hang_up")
        await both.far.calls[0].say(typing(1))
        assert isinstance(await anext(kept), frames.Typing)
        one.cancel()
        await until(both.far.calls[0].over.is_set)
        assert not both.far.calls[2].over.is_set()


async def test_a_silent_orchestrator_is_given_up() -> None:
    """TIMEOUT in time; the next conversation is opened over another call."""
    async with near(edge_links(), open_s=0.1) as both:
        both.far.answers = False
        assert (await why(both.stream().events(OPEN))).code is Code.TIMEOUT
        both.far.answers = True
        await both.open()
        assert len(both.far.calls) == 2
        await until(both.far.calls[0].over.is_set)


async def test_hanging_up_while_it_opens() -> None:
    """Nothing is left of it on either side, and its late answer is ignored."""
    async with near(edge_links()) as both:
        both.far.answers = False
        stream = both.stream()
        waiting = asyncio.create_task(why(stream.events(OPEN)))
        await until(lambda: both.far.calls and both.far.calls[0].of("request"))
        stream.cancel()
        assert (await waiting).code is Code.CANCELLED
        (call,) = both.far.calls
        await call.until(1, "hang_up")
        assert both.metric("lanes") == 0
        await call.say(opened(1))
        both.far.answers = True
        _, events = await both.open()
        await call.say(typing(2))
        assert isinstance(await anext(events), frames.Typing)


async def test_a_cancelled_task_leaves_its_lane() -> None:
    """The connection's task ends in the middle of waiting for an event."""
    async with near(edge_links()) as both:

        async def converse(both: Near = both) -> None:
            async for event in both.stream().events(OPEN):
                assert isinstance(event, Opened)

        task = asyncio.create_task(converse())
        await until(lambda: both.metric("lanes") == 1 and both.far.calls and both.far.calls[0].of("request"))
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        await until(lambda: both.metric("lanes") == 0)
