"""An orchestrator that says on its lanes whatever a test wants, behind a real gRPC server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
from prometheus_client import CollectorRegistry

from gateway.edge.actions import OpenRequest
from gateway.links import LinkDesk
from gateway.metrics import EdgeMetrics
from gateway.orchestrator_stream import OrchestratorStream
from gateway.upstream.stream import LaneStream
from gateway.upstream.trunks import Trunks
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as pb_grpc
from tests.fakes_orchestrator import FakeOrchestrator, Journal, Script

OPEN = OpenRequest(conversation="", customer="kim", tenant="default", locale="en", last_seq=0, epoch="")


class FarCall:
    """One ConverseMany call as the server sees it.

    Attributes:
        heard: What came, item by item.
        over: Set when the edge is done with it, or it broke.
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self.heard: list[pb.LaneRequest] = []
        self.over = asyncio.Event()
        self.ended: asyncio.Future[grpc.StatusCode] = asyncio.get_running_loop().create_future()
        self._writing = asyncio.Lock()

    async def say(self, *items: pb.LaneResponse) -> None:
        """Writes one message; the edge may have read the one before while its write is not over here."""
        async with self._writing:
            await self._context.write(pb.ConverseManyResponse(items=items))

    async def answer(self, lane: int) -> None:
        """The conversation on a lane is open."""
        await self.say(opened(lane))

    def end(self, status: grpc.StatusCode = grpc.StatusCode.OK) -> None:
        """Ends the call."""
        self.ended.set_result(status)

    def of(self, kind: str) -> list[pb.LaneRequest]:
        """What came of a kind."""
        return [item for item in self.heard if item.WhichOneof("item") == kind]

    async def until(self, count: int, kind: str) -> None:
        """Waits for so many of a kind."""
        async with asyncio.timeout(10):
            while len(self.of(kind)) < count:
                await asyncio.sleep(0.005)


class FarEnd(FakeOrchestrator):
    """Hands its ConverseMany calls to the test; Converse is the fake's."""

    def __init__(self) -> None:
        super().__init__(Journal(), Script())
        self.calls: list[FarCall] = []
        self.answers = True

    async def ConverseMany(self, request_iterator: Any, context: Any) -> None:  # type: ignore[override]
        call = FarCall(context)
        self.calls.append(call)
        reading = asyncio.ensure_future(self._hear(call, request_iterator))
        try:
            await asyncio.wait({reading, call.ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            reading.cancel()
            call.over.set()
        if call.ended.done() and call.ended.result() is not grpc.StatusCode.OK:
            await context.abort(call.ended.result(), "as the test wants")

    async def _hear(self, call: FarCall, requests: AsyncIterator[pb.ConverseManyRequest]) -> None:
        async for batch in requests:
            for item in batch.items:
                call.heard.append(item)
                if self.answers and item.request.HasField("open"):
                    await call.answer(item.lane)


def opened(lane: int) -> pb.LaneResponse:
    """Answers open."""
    head = pb.Conversation(id=f"c-{lane}", epoch="e1", language="en", state=pb.CONVERSATION_STATE_OPEN)
    return pb.LaneResponse(lane=lane, response=pb.ConverseResponse(opened=pb.Opened(conversation=head)))


def typing(lane: int, active: bool = True) -> pb.LaneResponse:
    """A small event."""
    event = pb.TypingEvent(author=pb.AUTHOR_AGENT, active=active)
    return pb.LaneResponse(lane=lane, response=pb.ConverseResponse(typing=event))


def ended(lane: int, code: int = 503, reason: str = "DRAINING", **more: Any) -> pb.LaneResponse:
    """The lane is over."""
    return pb.LaneResponse(lane=lane, ended=pb.LaneEnded(code=code, reason=reason, **more))


class Near:
    """The edge's side: the shared calls, and streams on them.

    Attributes:
        now_s: The clock of the calls' lives.
    """

    def __init__(self, far: FarEnd, stub: Any, links: LinkDesk, **settings: Any) -> None:
        self.far = far
        self.now_s = 1000.0
        self.registry = CollectorRegistry()
        self._stub, self._links = stub, links
        self._gate = asyncio.Semaphore(64)
        values: dict[str, Any] = {"size": 1, "life_s": 60.0, **settings}
        self._open_s = values.pop("open_s", 10.0)
        self.trunks = Trunks(stub.ConverseMany, EdgeMetrics(self.registry), clock=lambda: self.now_s, **values)

    def stream(self, trace: str = "") -> LaneStream:
        """A connection's upstream side."""
        metadata = (("traceparent", trace),) if trace else ()

        def own() -> OrchestratorStream:
            return OrchestratorStream(self._stub, self._open_s, self._links, self._gate, metadata)

        return LaneStream(self.trunks, self._open_s, self._links, self._gate, metadata, own)

    async def open(self) -> tuple[LaneStream, Any]:
        """A stream that is open, and its events."""
        stream = self.stream()
        events = stream.events(OPEN)
        await anext(events)
        return stream, events

    def metric(self, name: str, **labels: str) -> float:
        """A sample, 0 when there is none."""
        return self.registry.get_sample_value(f"stickerdesk_edge_{name}", labels) or 0.0


@asynccontextmanager
async def near(links: LinkDesk, **settings: Any) -> AsyncIterator[Near]:
    """Both ends."""
    far, server = FarEnd(), grpc.aio.server()
    pb_grpc.add_OrchestratorServiceServicer_to_server(far, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = pb_grpc.OrchestratorServiceStub(channel)
        made = Near(far, stub, links, **settings)
        yield made
        made.trunks.close()
    await server.stop(None)
