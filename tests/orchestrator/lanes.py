"""The edge's side of ConverseMany, as plain as the contract allows; a lane looks like a Converse call of `grpc.aio`."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import grpc

from servicekit.errors import GRPC_OF_CODE, Code, ServiceError, to_status
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as rpc

WINDOW = 64


class LinkCall:
    """One ConverseMany call.

    Attributes:
        call: The gRPC call, for tests that write what no edge would.
        batches: The sizes of the messages that came down.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.call: Any = rpc.OrchestratorServiceStub(channel).ConverseMany()
        self.batches: list[int] = []
        self._lanes: dict[int, LaneCall] = {}
        self._numbers = 0
        self._writing = asyncio.Lock()
        self._reader = asyncio.create_task(self._read())

    def lane(self, begin: pb.LaneBegin | None = None) -> LaneCall:
        """The next lane; it begins with its first request."""
        self._numbers += 1
        made = self._lanes[self._numbers] = LaneCall(self, self._numbers, begin or pb.LaneBegin())
        return made

    async def write(self, *items: pb.LaneRequest) -> None:
        """Writes one message."""
        async with self._writing:
            await self.call.write(pb.ConverseManyRequest(items=items))

    async def _read(self) -> None:
        try:
            async for batch in self.call:
                self.batches.append(len(batch.items))
                for item in batch.items:
                    if item.lane in self._lanes:
                        self._lanes[item.lane].put(item)
        except grpc.RpcError:
            pass
        finally:
            for lane in self._lanes.values():
                lane.put(pb.LaneResponse(ended=pb.LaneEnded(code=503, reason="UNAVAILABLE", message="the link broke")))

    async def close(self) -> None:
        """Cuts it."""
        self.call.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)


class LaneCall:
    """One lane, with the methods of a bidirectional call.

    Attributes:
        sent: How many requests were sent.
        credits: How many more the server welcomed.
    """

    def __init__(self, link: LinkCall, number: int, begin: pb.LaneBegin) -> None:
        self.number = number
        self.sent = self.credits = 0
        self._link = link
        self._begin: pb.LaneBegin | None = begin
        self._items: deque[pb.LaneResponse] = deque()
        self._came = asyncio.Event()
        self._ended: pb.LaneEnded | None = None
        self._read = 0

    def put(self, item: pb.LaneResponse) -> None:
        """Something came."""
        if item.WhichOneof("item") == "credit":
            self.credits += item.credit
        else:
            self._items.append(item)
            self._came.set()

    async def write(self, request: pb.ConverseRequest) -> None:
        """Sends a request, and the lane's begin before the first."""
        self.sent += 1
        await self._send(pb.LaneRequest(lane=self.number, request=request))

    async def done_writing(self) -> None:
        """Half-closes."""
        await self._send(pb.LaneRequest(lane=self.number, done=True))

    async def _send(self, item: pb.LaneRequest) -> None:
        begin, self._begin = self._begin, None
        first = [] if begin is None else [pb.LaneRequest(lane=self.number, begin=begin)]
        await self._link.write(*first, item)

    async def read(self) -> Any:
        """The next event, `grpc.aio.EOF` after the last; gives credit as a client that reads does."""
        while not self._items:
            if self._ended is not None:
                return grpc.aio.EOF
            self._came.clear()
            await self._came.wait()
        item = self._items.popleft()
        if item.HasField("ended"):
            return self._end(item.ended)
        self._read += 1
        if self._read % (WINDOW // 2) == 0:
            await self._send(pb.LaneRequest(lane=self.number, credit=WINDOW // 2))
        return item.response

    def _end(self, ended: pb.LaneEnded) -> Any:
        self._ended = ended
        if ended.code == 200:
            return grpc.aio.EOF
        error = ServiceError(Code(ended.code), ended.reason, ended.message, retryable=ended.retryable)
        status = to_status(error)
        trailers = grpc.aio.Metadata(*status.trailing_metadata)
        raise grpc.aio.AioRpcError(status.code, grpc.aio.Metadata(), trailers, details=status.details)

    def __aiter__(self) -> LaneCall:
        """Its events."""
        return self

    async def __anext__(self) -> pb.ConverseResponse:
        """The next event."""
        event = await self.read()
        if event is grpc.aio.EOF:
            raise StopAsyncIteration
        response: pb.ConverseResponse = event
        return response

    async def code(self) -> grpc.StatusCode:
        """How it ended; known when it has."""
        assert self._ended is not None
        return grpc.StatusCode.OK if self._ended.code == 200 else GRPC_OF_CODE[Code(self._ended.code)]

    def cancel(self) -> None:
        """Hangs up by cutting the link, which is this lane's own in the tests that use this."""
        self._link.call.cancel()
