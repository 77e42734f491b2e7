"""The desk's RPCs: convert, call, convert."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

import grpc

from orchestrator.attending.approving import Approving
from orchestrator.attending.attendance import Attendance, Visit
from orchestrator.attending.board import Board, Hint, News
from orchestrator.attending.convert import (
    agent_of,
    news_proto,
    page_of,
    said_of,
    shelf_of,
    summary_proto,
    visit_of,
)
from orchestrator.attending.following import Following
from orchestrator.attending.summaries import Summaries
from orchestrator.converse.convert import bad, entry_proto
from orchestrator.converse.events import Downward
from orchestrator.journal.entries import Agent
from orchestrator.journal.feed import Hub
from orchestrator.journal.ports import Journal
from orchestrator.journal.redis_attending import RedisDeskLists
from orchestrator.journal.redis_journal import conversation_missing
from orchestrator.journal.replay import Cursor
from orchestrator.metrics import Metrics
from servicekit.errors import ServiceError, unavailable
from stickerdesk.orchestrator.v1 import desk_pb2 as pb
from stickerdesk.orchestrator.v1 import desk_pb2_grpc as rpc


@dataclass(frozen=True)
class DeskParts:
    """What the desk's calls share.

    Attributes:
        approving: What waits for a person's word.
        sign_of_life_s: Between two of a watching agent.
        outgoing: Events that may wait for a watcher who is slow.
    """

    attendance: Attendance
    approving: Approving
    summaries: Summaries
    lists: RedisDeskLists
    journal: Journal
    hub: Hub
    metrics: Metrics
    sign_of_life_s: float
    outgoing: int
    rng: random.Random


class DeskServicer(rpc.DeskServiceServicer):
    """See the proto.

    Args:
        parts: Shared.
    """

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts
        self._watches: set[Board | Following] = set()
        self._draining = False

    def drain(self) -> None:
        """Ends every watch with UNAVAILABLE: whoever watches goes on elsewhere."""
        self._draining = True
        for watch in tuple(self._watches):
            watch.end(_draining())

    async def ListConversations(
        self, request: pb.ListConversationsRequest, context: object
    ) -> pb.ListConversationsResponse:
        """See the proto."""
        agent, shelf = agent_of(request), shelf_of(request.list)
        start, count = page_of(request)
        found, after = await self._parts.summaries.page(
            request.tenant, shelf, agent_id=agent.id, start=start, count=count
        )
        return pb.ListConversationsResponse(
            conversations=map(summary_proto, found), next_page_token="" if after is None else str(after)
        )

    async def TakeConversation(
        self, request: pb.TakeConversationRequest, context: object
    ) -> pb.TakeConversationResponse:
        """See the proto."""
        visit = visit_of(request)
        already = await self._parts.attendance.take(visit)
        return pb.TakeConversationResponse(conversation=await self._summary(visit), already=already)

    async def SayToCustomer(self, request: pb.SayToCustomerRequest, context: object) -> pb.SayToCustomerResponse:
        """See the proto."""
        visit = visit_of(request)
        entry = await self._parts.attendance.say(visit, said_of(request))
        return pb.SayToCustomerResponse(entry=entry_proto(entry))

    async def SetTyping(self, request: pb.SetTypingRequest, context: object) -> pb.SetTypingResponse:
        """See the proto."""
        await self._parts.attendance.type(visit_of(request), active=request.active)
        return pb.SetTypingResponse()

    async def MarkRead(self, request: pb.MarkReadRequest, context: object) -> pb.MarkReadResponse:
        """See the proto."""
        visit = visit_of(request)
        if request.seq < 0:
            raise bad("seq", "must not be negative")
        await self._parts.attendance.read(visit, request.seq)
        return pb.MarkReadResponse()

    async def HandBackConversation(
        self, request: pb.HandBackConversationRequest, context: object
    ) -> pb.HandBackConversationResponse:
        """See the proto."""
        visit = visit_of(request)
        await self._parts.attendance.hand_back(visit)
        return pb.HandBackConversationResponse(conversation=await self._summary(visit))

    async def EndConversation(self, request: pb.EndConversationRequest, context: object) -> pb.EndConversationResponse:
        """See the proto."""
        visit = visit_of(request)
        await self._parts.attendance.end(visit)
        return pb.EndConversationResponse(conversation=await self._summary(visit))

    async def ListApprovals(self, request: pb.ListApprovalsRequest, context: object) -> pb.ListApprovalsResponse:
        """See the proto."""
        return await self._parts.approving.list(request)

    async def DecideApproval(self, request: pb.DecideApprovalRequest, context: object) -> pb.DecideApprovalResponse:
        """See the proto."""
        return await self._parts.approving.decide(request)

    async def WatchDesk(
        self, request: pb.WatchDeskRequest, context: grpc.aio.ServicerContext[pb.WatchDeskRequest, pb.WatchDeskResponse]
    ) -> AsyncIterator[pb.WatchDeskResponse]:
        """See the proto."""
        agent = agent_of(request)
        if request.last_seq < 0:
            raise bad("last_seq", "must not be negative")
        if self._draining:
            raise _draining()
        parts = self._parts
        watch, news = self._watch(request, agent)
        present = asyncio.create_task(self._stay(request.tenant, agent.id, watch), name="desk-present")
        self._watches.add(watch)
        parts.metrics.watches.set(len(self._watches))
        try:
            async with contextlib.aclosing(news):
                async for one in news:
                    yield news_proto(one)
        finally:
            present.cancel()
            self._watches.discard(watch)
            parts.metrics.watches.set(len(self._watches))

    def _watch(
        self, request: pb.WatchDeskRequest, agent: Agent
    ) -> tuple[Board | Following, AsyncGenerator[News | Downward | Hint, None]]:
        parts = self._parts
        if request.conversation_id:
            following = Following(parts.journal, parts.hub, outgoing=parts.outgoing, rng=parts.rng)
            cursor = Cursor(request.last_seq, request.epoch)
            return following, following.run(request.tenant, request.conversation_id, cursor)
        board = Board(request.tenant, agent.id, parts.summaries, parts.hub)
        return board, board.run()

    async def _stay(self, tenant: str, agent_id: str, watch: Board | Following) -> None:
        while watch in self._watches:  # a cancellation may be lost inside the store's client
            with contextlib.suppress(ServiceError):
                await self._parts.lists.here(tenant, agent_id)
            await asyncio.sleep(self._parts.sign_of_life_s)

    async def _summary(self, visit: Visit) -> pb.ConversationSummary:
        found = await self._parts.summaries.of(visit.tenant, [visit.conversation_id])
        if not found:  # erased at this very moment
            raise conversation_missing()
        return summary_proto(found[0])


def _draining() -> ServiceError:
    return unavailable("DRAINING", "this server is going away, watch again", retry_after_s=0.1)
