"""The RPCs: convert, call, convert."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
from opentelemetry import trace

from orchestrator.attending.notices import closed
from orchestrator.converse.amending import announcement_of, checked_id, revision_of
from orchestrator.converse.convert import bad, conversation, downward, entry_proto, upward
from orchestrator.converse.events import Open, Upward
from orchestrator.converse.forgetting import forget_customer
from orchestrator.converse.lanes import Trunk
from orchestrator.converse.outbox import Credit
from orchestrator.converse.stream import ConverseStream, Parts
from orchestrator.forgetting.forgetting import Forgetting
from servicekit.errors import ServiceError, precondition, timeout, unavailable
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as rpc

_NO_SPANS = trace.NoOpTracer()
_OPEN_TIMEOUT_S = 10.0
_Context = grpc.aio.ServicerContext[pb.ConverseRequest, pb.ConverseResponse]
_ManyContext = grpc.aio.ServicerContext[pb.ConverseManyRequest, pb.ConverseManyResponse]


def draining() -> ServiceError:
    """What open streams end with when this process goes."""
    return unavailable("DRAINING", "this server is going away, reconnect and resume", retry_after_s=0.1)


class OrchestratorServicer(rpc.OrchestratorServiceServicer):
    """See the proto.

    Args:
        parts: What streams share.
        forgetting: Erases customers.
        tracer: Makes a span for each lane's beginning.
    """

    def __init__(self, parts: Parts, forgetting: Forgetting, tracer: trace.Tracer = _NO_SPANS) -> None:
        self._parts, self._forgetting, self._tracer = parts, forgetting, tracer
        self._streams: set[ConverseStream] = set()
        self._trunks: set[Trunk] = set()
        self._draining = False

    def drain(self) -> None:
        """Ends every stream with UNAVAILABLE: clients reconnect elsewhere and resume."""
        self._draining = True
        for stream in self._streams:
            stream.end(draining())
        for trunk in tuple(self._trunks):
            trunk.close()

    def Converse(
        self, request_iterator: AsyncIterator[pb.ConverseRequest], context: _Context
    ) -> AsyncIterator[pb.ConverseResponse]:
        """See the proto."""
        return self._converse(request_iterator, Credit())

    async def ConverseMany(
        self, request_iterator: AsyncIterator[pb.ConverseManyRequest], context: _ManyContext
    ) -> AsyncIterator[pb.ConverseManyResponse]:
        """See the proto."""
        if self._draining:
            raise draining()
        trunk = Trunk(self._converse, self._parts.metrics, self._tracer)
        self._trunks.add(trunk)
        self._parts.metrics.trunks.set(len(self._trunks))
        try:
            async for batch in trunk.run(request_iterator):
                yield batch
        finally:
            self._trunks.discard(trunk)
            self._parts.metrics.trunks.set(len(self._trunks))

    async def _converse(
        self, requests: AsyncIterator[pb.ConverseRequest], credit: Credit
    ) -> AsyncIterator[pb.ConverseResponse]:
        if self._draining:
            raise draining()
        opening = await _first(requests)
        stream = ConverseStream(self._parts, credit)
        self._streams.add(stream)
        self._parts.metrics.streams.set(len(self._streams))
        try:
            async for event in stream.run(opening, _rest(requests)):
                yield downward(event)
        finally:
            self._streams.discard(stream)
            self._parts.metrics.streams.set(len(self._streams))

    async def GetConversation(self, request: pb.GetConversationRequest, context: object) -> pb.GetConversationResponse:
        """See the proto."""
        head = await self._parts.journal.head(request.conversation_id)
        return pb.GetConversationResponse(conversation=conversation(head))

    async def ListEntries(self, request: pb.ListEntriesRequest, context: object) -> pb.ListEntriesResponse:
        """See the proto."""
        if request.after_seq < 0:
            raise bad("after_seq", "must not be negative")
        if request.before_seq < 0 or (request.before_seq and request.after_seq):
            raise bad("before_seq", "must not be negative, nor be set together with after_seq")
        if not 0 <= request.page_size <= 500:
            raise bad("page_size", "1 to 500, or 0 for 100")
        identity, journal, limit = request.conversation_id, self._parts.journal, request.page_size or 100
        if request.before_seq:
            page = await journal.read_before(identity, before_seq=request.before_seq, limit=limit)
        else:
            page = await journal.read(identity, after_seq=request.after_seq, limit=limit)
        entries = map(entry_proto, page.entries)
        return pb.ListEntriesResponse(entries=entries, has_more=page.has_more, epoch=page.epoch)

    async def ReviseEntry(self, request: pb.ReviseEntryRequest, context: object) -> pb.ReviseEntryResponse:
        """See the proto."""
        entry = await self._parts.amendments.revise(
            request.conversation_id, revision_id=checked_id(request.revision_id), revision=revision_of(request.revision)
        )
        return pb.ReviseEntryResponse(entry=entry_proto(entry))

    async def Announce(self, request: pb.AnnounceRequest, context: object) -> pb.AnnounceResponse:
        """See the proto."""
        reached, duplicates = await self._parts.announcer.announce(announcement_of(request))
        return pb.AnnounceResponse(reached=reached, duplicates=duplicates)

    async def CloseConversation(
        self, request: pb.CloseConversationRequest, context: object
    ) -> pb.CloseConversationResponse:
        """See the proto."""
        if len(request.note) > 200:
            raise bad("note", "at most 200 characters")
        head = await self._parts.journal.head(request.conversation_id)
        head = await self._parts.journal.close(request.conversation_id, closed(head.language))
        return pb.CloseConversationResponse(conversation=conversation(head))

    async def ForgetCustomer(self, request: pb.ForgetCustomerRequest, context: object) -> pb.ForgetCustomerResponse:
        """See the proto."""
        return await forget_customer(self._forgetting, request)


async def _first(requests: AsyncIterator[pb.ConverseRequest]) -> Open:
    try:
        async with asyncio.timeout(_OPEN_TIMEOUT_S):
            request = await anext(aiter(requests))
    except TimeoutError as error:
        raise timeout("DEADLINE_EXCEEDED", "no open request came") from error
    except StopAsyncIteration as error:
        raise bad("open", "must come first") from error
    opening = upward(request)
    if not isinstance(opening, Open):
        raise bad("open", "must come first")
    return opening


async def _rest(requests: AsyncIterator[pb.ConverseRequest]) -> AsyncIterator[Upward | ServiceError]:
    async for request in requests:
        try:
            event = upward(request)
        except ServiceError as error:
            named = request.user_message.client_msg_id or request.rating.rating_id
            error.metadata["client_msg_id"] = named[:64]
            yield error
            continue
        if isinstance(event, Open):
            yield precondition("SECOND_OPEN", "the stream is open already")
        else:
            yield event
