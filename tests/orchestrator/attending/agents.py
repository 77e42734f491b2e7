"""A person at the desk, over gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from servicekit.errors import ServiceError, from_rpc_error
from stickerdesk.orchestrator.v1 import desk_pb2 as pb
from stickerdesk.orchestrator.v1 import desk_pb2_grpc as rpc
from stickerdesk.orchestrator.v1 import orchestrator_pb2
from tests.orchestrator.harness import Client

PERSON = "let me talk to a human agent please"


class Agent:
    """One agent's calls.

    Attributes:
        heard: What watches told, in order.
    """

    def __init__(self, url: str, name: str, tenant: str) -> None:
        self.channel = grpc.aio.insecure_channel(url)
        self.desk: Any = rpc.DeskServiceStub(self.channel)
        self.who = pb.DeskAgent(id=f"key:{name.lower()}", name=name)
        self.tenant = tenant
        self.heard: list[pb.WatchDeskResponse] = []
        self.ended: ServiceError | None = None
        self._changed = asyncio.Event()
        self._watching: list[asyncio.Task[None]] = []

    def about(self, conversation: str) -> dict[str, Any]:
        """What every deed names."""
        return {"tenant": self.tenant, "agent": self.who, "conversation_id": conversation}

    async def take(self, conversation: str) -> pb.TakeConversationResponse:
        """Takes one."""
        taken: pb.TakeConversationResponse = await self.desk.TakeConversation(
            pb.TakeConversationRequest(**self.about(conversation))
        )
        return taken

    async def say(self, conversation: str, text: str, message_id: str = "m1") -> orchestrator_pb2.Entry:
        """Says something."""
        said = await self.desk.SayToCustomer(
            pb.SayToCustomerRequest(
                **self.about(conversation), message_id=message_id, text=orchestrator_pb2.TextContent(text=text)
            )
        )
        entry: orchestrator_pb2.Entry = said.entry
        return entry

    async def hand_back(self, conversation: str) -> pb.ConversationSummary:
        """Gives one back."""
        done = await self.desk.HandBackConversation(pb.HandBackConversationRequest(**self.about(conversation)))
        summary: pb.ConversationSummary = done.conversation
        return summary

    async def end(self, conversation: str) -> pb.ConversationSummary:
        """Ends one."""
        done = await self.desk.EndConversation(pb.EndConversationRequest(**self.about(conversation)))
        summary: pb.ConversationSummary = done.conversation
        return summary

    async def listed(self, wanted: pb.DeskList.ValueType) -> list[pb.ConversationSummary]:
        """A list."""
        page = await self.desk.ListConversations(
            pb.ListConversationsRequest(tenant=self.tenant, agent=self.who, list=wanted)
        )
        return list(page.conversations)

    async def waiting(self) -> list[str]:
        """Who waits."""
        return [one.conversation.id for one in await self.listed(pb.DESK_LIST_WAITING)]

    def watch(self, **fields: Any) -> None:
        """Watches the lists, or a conversation."""
        self._watching.append(asyncio.create_task(self._watch(fields)))

    async def _watch(self, fields: dict[str, Any]) -> None:
        request = pb.WatchDeskRequest(tenant=self.tenant, agent=self.who, **fields)
        try:
            async for one in self.desk.WatchDesk(request):
                self.heard.append(one)
                self._changed.set()
        except grpc.RpcError as error:
            self.ended = from_rpc_error(error)
            self._changed.set()

    async def until(self, happened: Callable[[], Any], timeout_s: float = 20.0) -> None:
        """Waits until something is so."""
        async with asyncio.timeout(timeout_s):
            while not happened():
                self._changed.clear()
                await self._changed.wait()

    def of(self, kind: str) -> list[Any]:
        """Everything of a kind that a watch told."""
        return [getattr(one, kind) for one in self.heard if one.WhichOneof("event") == kind]

    def events(self, kind: str) -> list[Any]:
        """The same of the watched conversation."""
        return [getattr(one, kind) for one in self.of("conversation") if one.WhichOneof("event") == kind]

    async def stop(self) -> None:
        """Goes away."""
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await self.channel.close()


@asynccontextmanager
async def agent(url: str, name: str = "Anna", tenant: str = "demo") -> AsyncIterator[Agent]:
    """A person at the desk."""
    made = Agent(url, name, tenant)
    try:
        yield made
    finally:
        await made.stop()


async def refused(call: Any) -> ServiceError:
    """The error that a call ends with."""
    with pytest.raises(grpc.RpcError) as caught:
        await call
    return from_rpc_error(caught.value)


async def handed_over(kim: Client, boss: Agent) -> str:
    """A customer asks for a person and stands in line; the conversation."""
    await kim.ask(PERSON)
    conversation: str = kim.of("opened")[0].conversation.id
    await in_line(boss, conversation)
    return conversation


async def in_line(boss: Agent, conversation: str) -> None:
    """Returns when a conversation stands in line."""
    async with asyncio.timeout(10):
        while conversation not in await boss.waiting():
            await asyncio.sleep(0.01)
