"""`python -m benchmarks.null_orchestrator PORT`: answers at once and keeps nothing.

`Converse`, and each lane of `ConverseMany`, acknowledges a message and sends it back as an entry, or only acknowledges
it for a client whose locale is `x-ack`; `/bench.Echo/Echo` sends back what it gets, which is the least that a stream of
`grpc.aio` can do.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from typing import Any

import grpc
import uvloop
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from launcher.ports import LOOPBACK
from servicekit.lifecycle import wait_for_signal
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as pb_grpc

ECHO = "/bench.Echo/Echo"
ACK_ONLY = "x-ack"
_CREDIT = 32


class NullOrchestrator(pb_grpc.OrchestratorServiceServicer):
    """Converse without a conversation; what the edge does not call is not implemented, as gRPC says it."""

    GetConversation = ListEntries = CloseConversation = None  # type: ignore[assignment]
    ReviseEntry = Announce = ForgetCustomer = None  # type: ignore[assignment]

    async def Converse(self, request_iterator: Any, context: Any) -> None:  # type: ignore[override]
        """See the contract; nothing is kept, so nothing is replayed."""
        answers = _Answers()
        while (request := await context.read()) is not grpc.aio.EOF:
            for response in answers.to(request):
                await context.write(response)

    async def ConverseMany(self, request_iterator: Any, context: Any) -> None:  # type: ignore[override]
        """See the contract; what came in one message is answered in one."""
        lanes: dict[int, _Answers] = {}
        while (batch := await context.read()) is not grpc.aio.EOF:
            answer = pb.ConverseManyResponse()
            for item in batch.items:
                _answer(lanes, item, answer)
            if answer.items:
                await context.write(answer)


def _answer(lanes: dict[int, _Answers], item: pb.LaneRequest, answer: pb.ConverseManyResponse) -> None:
    kind, number = item.WhichOneof("item"), item.lane
    if kind == "begin":
        lanes[number] = _Answers()
    elif kind == "hang_up":
        lanes.pop(number, None)
    elif kind == "request":
        lane = lanes[number]
        for response in lane.to(item.request):
            answer.items.add(lane=number, response=response)
        lane.taken += 1
        if lane.taken % _CREDIT == 0:
            answer.items.add(lane=number, credit=_CREDIT)


class _Answers:
    """What one conversation is answered; the client's credit is not asked for, for it waits for each answer."""

    __slots__ = ("_brief", "_seq", "taken")

    def __init__(self) -> None:
        self._brief = False
        self._seq = self.taken = 0

    def to(self, request: pb.ConverseRequest) -> list[pb.ConverseResponse]:
        kind = request.WhichOneof("event")
        if kind == "open":
            return self._opened(request.open)
        if kind != "user_message":
            return []
        self._seq += 1
        message = request.user_message
        ack = pb.ConverseResponse(ack=pb.Ack(client_msg_id=message.client_msg_id, seq=self._seq))
        if self._brief:
            return [ack]
        entry = pb.Entry(
            seq=self._seq, author=pb.AUTHOR_CUSTOMER, client_msg_id=message.client_msg_id, text=message.text
        )
        entry.created_at.GetCurrentTime()
        return [ack, pb.ConverseResponse(entry=entry)]

    def _opened(self, opening: pb.OpenRequest) -> list[pb.ConverseResponse]:
        self._brief = opening.locale == ACK_ONLY
        head = pb.Conversation(id=f"c-{opening.customer_id}"[:64], epoch="e1", language="en")
        head.state = pb.CONVERSATION_STATE_OPEN
        opened = pb.ConverseResponse(opened=pb.Opened(conversation=head))
        return [opened, pb.ConverseResponse(caught_up=pb.CaughtUp())]


async def _echo(requests: AsyncIterator[pb.ConverseRequest], context: Any) -> None:
    while (request := await context.read()) is not grpc.aio.EOF:
        await context.write(request)


def _bare() -> grpc.GenericRpcHandler:
    handler = grpc.stream_stream_rpc_method_handler(
        _echo,
        request_deserializer=pb.ConverseRequest.FromString,
        response_serializer=pb.ConverseRequest.SerializeToString,
    )
    _, service, method = ECHO.split("/")
    return grpc.method_handlers_generic_handler(service, {method: handler})


async def serve(port: int) -> None:
    """Serves until a signal."""
    server = grpc.aio.server()
    pb_grpc.add_OrchestratorServiceServicer_to_server(NullOrchestrator(), server)
    server.add_generic_rpc_handlers((_bare(),))
    well = health.aio.HealthServicer()
    await well.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(well, server)
    server.add_insecure_port(f"{LOOPBACK}:{port}")
    await server.start()
    await wait_for_signal()
    await server.stop(0)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
