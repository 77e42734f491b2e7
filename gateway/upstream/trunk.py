"""One ConverseMany call with the lanes on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc

from gateway.metrics import EdgeMetrics
from gateway.upstream.endings import broken, cancelled, ending_of, task_is_cancelled
from gateway.upstream.lane import Lane, Said
from gateway.views import Links
from servicekit.errors import Code, ServiceError, from_rpc_error, internal, unavailable
from servicekit.lanes import LaneQueue
from servicekit.telemetry import get_logger
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb

_log = get_logger("gateway.upstream")


class Trunk:
    """One shared call: a task that reads it and one that writes what waits, all that waits in one message.

    Args:
        call: The ConverseMany call.
        metrics: Where messages are counted.
        until_s: When it takes no new lanes any more.
        on_over: Told once, when the call has ended and why.

    Attributes:
        retired: Whether it takes no new lanes.
    """

    def __init__(
        self, call: Any, metrics: EdgeMetrics, *, until_s: float, on_over: Callable[[Trunk, ServiceError], None]
    ) -> None:
        self.until_s = until_s
        self.retired = False
        self._call = call
        self._items_in, self._items_out = metrics.trunk_items.labels("in"), metrics.trunk_items.labels("out")
        self._on_over = on_over
        self._lanes: dict[int, Lane] = {}
        self._numbers = 0
        self._out: LaneQueue[Said] = LaneQueue()
        loop = asyncio.get_running_loop()
        self._reading = loop.create_task(self._read(), name="trunk-read")
        self._writing = loop.create_task(self._write(), name="trunk-write")

    def __len__(self) -> int:
        """How many lanes are on it."""
        return len(self._lanes)

    def lane(self, begin: pb.LaneBegin, links: Links) -> Lane:
        """Begins a lane."""
        self._numbers += 1
        lane = self._lanes[self._numbers] = Lane(self._numbers, self, links)
        self.say(self._numbers, begin)
        return lane

    def say(self, lane: int, what: Said) -> None:
        """Sends it as soon as the call takes it."""
        self._out.put(lane, what, 0 if what is None or isinstance(what, int) else what.ByteSize())

    def leave(self, lane: int) -> None:
        """The lane is over."""
        self._lanes.pop(lane, None)
        if self.retired and not self._lanes:
            self._out.end()

    def retire(self) -> None:
        """Takes no new lanes any more; ends after the last that it has."""
        self.retired = True
        if not self._lanes:
            self._out.end()

    def cancel(self) -> None:
        """Cuts the call with all that is on it."""
        self._call.cancel()

    async def _write(self) -> None:
        try:
            while items := await self._out.batch():
                self._items_out.observe(len(items))
                await self._call.write(_message(items))
            await self._call.done_writing()
        except (grpc.RpcError, grpc.aio.UsageError, asyncio.InvalidStateError):
            self._call.cancel()  # where it has not ended by itself; the reader tells why
        except asyncio.CancelledError:
            if task_is_cancelled():
                raise

    async def _read(self) -> None:
        error = internal()
        try:
            while (batch := await self._call.read()) is not grpc.aio.EOF:
                self._items_in.observe(len(batch.items))
                for item in batch.items:
                    self._take(item)
            error = await ending_of(self._call)
        except grpc.RpcError as ended:
            error = from_rpc_error(ended)
        except ServiceError as ended:
            error = ended
        except asyncio.InvalidStateError:
            error = broken()
        except asyncio.CancelledError:
            error = cancelled()
            if task_is_cancelled():
                raise
        finally:
            self._over(error)

    def _take(self, item: pb.LaneResponse) -> None:
        lane, kind = self._lanes.get(item.lane), item.WhichOneof("item")
        if lane is None:
            if not 0 < item.lane <= self._numbers:
                _log.error("a lane that never began", lane=item.lane)
                raise internal()
        elif kind == "response":
            lane.put(item.response)
        elif kind == "credit":
            lane.give(item.credit)
        elif kind == "ended":
            self.leave(item.lane)
            error = _error_of(item.ended)
            if error.reason == "DRAINING":
                self.retire()
            lane.end(error)

    def _over(self, error: ServiceError) -> None:
        self.retired = True
        self._out.end(error)
        self._writing.cancel()
        self._call.cancel()
        lanes, self._lanes = self._lanes, {}
        # Whatever befell the call, it is nobody's own fault: each conversation goes on elsewhere.
        lost = error if error.code is Code.UNIMPLEMENTED else broken()
        for lane in lanes.values():
            lane.end(lost)
        self._on_over(self, error)


def _message(items: list[tuple[int, Said]]) -> pb.ConverseManyRequest:
    batch = pb.ConverseManyRequest()
    add = batch.items.add
    for lane, what in items:
        if isinstance(what, pb.ConverseRequest):
            add(lane=lane, request=what)
        elif isinstance(what, int):
            add(lane=lane, credit=what)
        elif what is None:
            add(lane=lane, hang_up=True)
        else:
            add(lane=lane, begin=what)
    return batch


def _error_of(ended: pb.LaneEnded) -> ServiceError:
    if ended.code == 200:
        return unavailable("UNAVAILABLE", "the conversation service ended the stream, try again")
    if ended.code not in Code.__members__.values():
        return internal()
    return ServiceError(
        Code(ended.code),
        ended.reason,
        ended.message,
        retryable=ended.retryable,
        retry_after_s=ended.retry_after.ToMilliseconds() / 1000 if ended.HasField("retry_after") else None,
        metadata=dict(ended.metadata),
    )
