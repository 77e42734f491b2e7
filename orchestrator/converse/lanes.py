"""Many Converse streams over one call: see ConverseMany in the proto.

A lane is to its stream what a call of its own would be: an iterator of requests, and credit for events.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

from opentelemetry import trace

from orchestrator.converse.outbox import Credit
from orchestrator.metrics import Metrics
from servicekit.errors import ServiceError, exhausted, internal, invalid, precondition
from servicekit.lanes import LaneQueue
from servicekit.telemetry import get_logger, trace_id
from servicekit.tracing import begin_stream
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb

WINDOW = 64
_METHOD = "/stickerdesk.orchestrator.v1.OrchestratorService/Converse"

Converse = Callable[[AsyncIterator[pb.ConverseRequest], Credit], AsyncIterator[pb.ConverseResponse]]
"""One stream: its requests and the credit for its events in, its events out; ends as the contract of Converse says."""
_Item = pb.ConverseResponse | pb.LaneEnded | int

_log = get_logger("lanes")


class Lane:
    """One client's requests, in order, and how many of its events are welcome.

    Args:
        number: Its id on the trunk.
        give: Tells the edge that so many more requests are welcome.

    Attributes:
        credit: For its events.
        task: What works on it.
    """

    __slots__ = ("_done", "_give", "_requests", "_taken", "_waiter", "credit", "number", "task")

    def __init__(self, number: int, give: Callable[[int, int], None]) -> None:
        self.number = number
        self.credit = Credit(WINDOW)
        self.task: asyncio.Task[None] | None = None
        self._give = give
        self._requests: deque[pb.ConverseRequest] = deque()
        self._taken = 0
        self._waiter: asyncio.Future[None] | None = None
        self._done = False

    def put(self, request: pb.ConverseRequest) -> bool:
        """A request came; False when there was no credit for it."""
        if len(self._requests) >= WINDOW:
            return False
        if not self._done:
            self._requests.append(request)
            self._wake()
        return True

    def done(self) -> None:
        """No request follows."""
        self._done = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> Lane:
        """The requests; for one taker."""
        return self

    async def __anext__(self) -> pb.ConverseRequest:
        """The next request."""
        while not self._requests:
            if self._done:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        self._taken += 1
        if self._taken >= WINDOW // 2:
            self._give(self.number, self._taken)
            self._taken = 0
        return self._requests.popleft()


class Trunk:
    """One ConverseMany call.

    Args:
        converse: Serves a lane.
        metrics: Where lanes and batches are counted.
        tracer: Makes a span for each lane's beginning.
    """

    def __init__(self, converse: Converse, metrics: Metrics, tracer: trace.Tracer) -> None:
        self._converse = converse
        self._tracer = tracer
        self._metrics = metrics
        self._items_in, self._items_out = metrics.trunk_items.labels("in"), metrics.trunk_items.labels("out")
        self._lanes: dict[int, Lane] = {}
        self._out: LaneQueue[_Item] = LaneQueue()
        self._highest = 0
        self._closing = False

    async def run(self, batches: AsyncIterator[pb.ConverseManyRequest]) -> AsyncIterator[pb.ConverseManyResponse]:
        """What goes down, until the edge is done and all lanes are over.

        Raises:
            ServiceError: LANE_ZERO (400).
        """
        reading = asyncio.create_task(self._read(batches), name="lanes-read")
        try:
            while items := await self._out.batch():
                self._items_out.observe(len(items))
                yield _message(items)
        finally:
            reading.cancel()
            self._metrics.lanes.dec(len(self._lanes))
            for lane in self._lanes.values():
                if lane.task is not None:
                    lane.task.cancel()
            self._lanes.clear()

    def close(self) -> None:
        """Ends the call when the lanes that it has now are over."""
        self._closing = True
        self._end_if_empty()

    def _end_if_empty(self) -> None:
        if self._closing and not self._lanes:
            self._out.end()

    async def _read(self, batches: AsyncIterator[pb.ConverseManyRequest]) -> None:
        try:
            async for batch in batches:
                self._items_in.observe(len(batch.items))
                for item in batch.items:
                    self._take(item)
        except ServiceError as error:
            self._out.end(error)
        except Exception as error:
            _log.error("a trunk failed", exc_info=error)
            self._out.end(internal())
        else:
            for lane in self._lanes.values():
                lane.done()
            self.close()

    def _take(self, item: pb.LaneRequest) -> None:
        number, kind = item.lane, item.WhichOneof("item")
        lane = self._lanes.get(number)
        if lane is None or kind == "begin":
            self._begin(number, lane, item)
        elif kind == "request":
            if not lane.put(item.request):
                self._break(lane, exhausted("LANE_OVERRUN", "more requests than there was credit for"))
        elif kind == "credit":
            lane.credit.add(item.credit)
        elif kind == "done":
            lane.done()
        elif kind == "hang_up":
            self._over(lane)
            self._out.drop(number)
        else:
            self._break(lane, invalid("LANE_ITEM_EMPTY", "an item needs one of its kinds"))

    def _begin(self, number: int, known: Lane | None, item: pb.LaneRequest) -> None:
        if number == 0:
            raise invalid("LANE_ZERO", "lanes are counted from 1")
        if known is not None:
            self._break(known, precondition("LANE_BEGUN_TWICE", "the lane has begun already"))
        elif item.WhichOneof("item") != "begin":
            if number > self._highest:
                self._out.put(number, _ended(precondition("LANE_UNKNOWN", "the lane has not begun")))
        elif number <= self._highest:
            self._out.put(number, _ended(precondition("LANE_BEGUN_TWICE", "the lane was used before")))
        else:
            self._highest = number
            lane = self._lanes[number] = Lane(number, self._out.put)
            lane.task = asyncio.create_task(self._serve(lane, item.begin), name="lane")
            self._metrics.lanes.inc()

    def _over(self, lane: Lane) -> None:
        if self._lanes.pop(lane.number, None) is not None:
            self._metrics.lanes.dec()
        if lane.task is not None and lane.task is not asyncio.current_task():
            lane.task.cancel()
        self._end_if_empty()

    def _break(self, lane: Lane, error: ServiceError) -> None:
        self._out.put(lane.number, _ended(error))
        self._over(lane)

    async def _serve(self, lane: Lane, begin: pb.LaneBegin) -> None:
        ended = pb.LaneEnded(code=200)
        begin_stream(self._tracer, _METHOD, {"traceparent": begin.traceparent, "tracestate": begin.tracestate})
        try:
            async with aclosing(self._converse(lane, lane.credit)) as responses:  # type: ignore[type-var]
                async for response in responses:
                    self._out.put(lane.number, response, response.ByteSize())
        except ServiceError as error:
            ended = _ended(error)
        except Exception as error:
            _log.error("a lane failed", exc_info=error)
            ended = _ended(internal(metadata={"trace_id": trace_id()}))
        self._out.put(lane.number, ended)
        self._over(lane)


def _message(items: list[tuple[int, _Item]]) -> pb.ConverseManyResponse:
    batch = pb.ConverseManyResponse()
    add = batch.items.add
    for number, item in items:
        if isinstance(item, pb.ConverseResponse):
            add(lane=number, response=item)
        elif isinstance(item, int):
            add(lane=number, credit=item)
        else:
            add(lane=number, ended=item)
    return batch


def _ended(error: ServiceError) -> pb.LaneEnded:
    ended = pb.LaneEnded(
        code=int(error.code),
        reason=error.reason,
        message=error.message,
        retryable=error.retryable,
        metadata=error.metadata,
    )
    if error.retry_after_s is not None:
        ended.retry_after.FromMilliseconds(round(error.retry_after_s * 1000))
    return ended
