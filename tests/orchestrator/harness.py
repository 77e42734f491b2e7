"""An orchestrator in this process on the real store, with the other services as fakes; and a client of its stream."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial
from typing import Any

import grpc
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry

from orchestrator.attending.approving import Approving
from orchestrator.attending.assembling import DeskStaff, assemble_desk
from orchestrator.backoffice.desk_records import About, Act, DeskRecords
from orchestrator.backoffice.forgetting import ErasedRows, forget
from orchestrator.backoffice.memory import SqlMemory
from orchestrator.backoffice.office import BackOffice, Who
from orchestrator.cases.confirming import ConfirmedCalls
from orchestrator.cases.deciding import Decisions
from orchestrator.cases.form_words import FormWords
from orchestrator.cases.wording import Wording
from orchestrator.converse.announcing import Announcer
from orchestrator.converse.lining import LineKeeper
from orchestrator.converse.live import LiveStreams
from orchestrator.converse.servicer import OrchestratorServicer
from orchestrator.converse.stream import Parts
from orchestrator.dialogue.forms import Forms
from orchestrator.forgetting.forgetting import Forgetting
from orchestrator.journal.erasing import ConversationEraser
from orchestrator.journal.feed import ApprovalsMoved, HintMade, Hub
from orchestrator.journal.keys import Keys
from orchestrator.journal.redis_feed import RedisBus
from orchestrator.journal.redis_journal import RedisJournal
from orchestrator.journal.redis_line import RedisLine
from orchestrator.journal.redis_marks import RedisAmendments, RedisMarks
from orchestrator.journal.store import Limits, Store, open_redis
from orchestrator.messages import Messages
from orchestrator.metrics import Metrics
from orchestrator.policy.assembling import assemble_planning
from orchestrator.policy.decision import DecisionTree
from orchestrator.policy.hours import SupportHours
from orchestrator.recommendation import Recommendation
from orchestrator.record import Recorder
from orchestrator.reply.chain import EngineChain
from orchestrator.reply.engine import ReplyEngine
from orchestrator.reply.retrieval import RetrievalEngine
from orchestrator.reply.templates import Templates
from orchestrator.retrieval.knowledge import Knowledge, load_knowledge
from orchestrator.retrieval.lookup import KnowledgeLookup
from orchestrator.retrieval.search import KnowledgeSearch
from orchestrator.steps import Steps
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.catalogue import ShopTools
from orchestrator.tools.effects import Effects
from orchestrator.tools.knowledge import SearchKnowledge
from orchestrator.turn import Turn
from orchestrator.turns.redis_turns import RedisTurnLog
from orchestrator.turns.runner import Answering, Pace, TurnRunner
from orchestrator.understanding.lexicon import Lexicon
from orchestrator.understanding.picture import PictureSense
from orchestrator.understanding.understand import Understanding
from servicekit.errors import not_found
from servicekit.interceptors import RpcMetrics, ServiceInterceptor
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as rpc
from stickerdesk.orchestrator.v1.desk_pb2_grpc import add_DeskServiceServicer_to_server
from tests.fakes import FakeEncoder, FakePictures, FakeReader, FakeRecommender
from tests.orchestrator.lanes import LinkCall

_KNOWLEDGE: list[Knowledge] = []


def knowledge() -> Knowledge:
    """The shipped knowledge base, read once."""
    if not _KNOWLEDGE:
        _KNOWLEDGE.append(load_knowledge())
    return _KNOWLEDGE[0]


@dataclass
class Running:
    """A running orchestrator and the fakes around it."""

    url: str
    servicer: OrchestratorServicer
    runner: TurnRunner
    hub: Hub
    recommender: FakeRecommender
    encoder: FakeEncoder
    registry: CollectorRegistry
    desk: DeskStaff


def office(now: datetime | None = None) -> SupportHours:
    """Support hours with the clock stopped, by default at noon in Beijing."""
    return SupportHours(time(9), time(21), "Asia/Shanghai", lambda: now or datetime(2026, 6, 1, 4, tzinfo=UTC))


def use_case(
    engines: list[ReplyEngine],
    recommender: FakeRecommender,
    encoder: FakeEncoder,
    metrics: Metrics,
    pictures: PictureSense | None = None,
    shop: BackOffice | None = None,
    belt: ToolBelt | None = None,
    hub: Hub | None = None,
    hint: Callable[[HintMade], None] = lambda hint: None,
) -> Turn:
    """The real use case over fakes; `belt` in place of the shop's tools."""
    search, templates, tree = KnowledgeSearch(knowledge()), Templates(knowledge()), DecisionTree()
    shop_tools = watched_tools(shop, hub).tools() if shop is not None else []
    belt = belt or ToolBelt([SearchKnowledge(KnowledgeLookup(search, encoder, 0.5).find), *shop_tools])
    understanding = Understanding(FakeReader(encoder), search, Lexicon(), pictures or FakePictures(), metrics, 0.5)
    planning = assemble_planning(
        belt, knowledge(), understanding, tree, office(), metrics, zone="Asia/Shanghai",
        now=shop.now if shop is not None else lambda: datetime.now(UTC),
        memory=SqlMemory(shop) if shop is not None else None, confirming=ConfirmedCalls(belt, Effects()),
    )  # fmt: skip
    engines = engines or [RetrievalEngine(knowledge(), templates, tree, pace_s=0)]
    return Turn(
        understanding,
        planning,
        EngineChain(engines, metrics),
        Recommendation(recommender, metrics, 0.5),
        Recorder(templates, office(), metrics),
        Steps(TracerProvider().get_tracer("tests"), metrics),
        hint=hint,
    )


def watched_tools(shop: BackOffice, hub: Hub | None) -> ShopTools:
    """The shop's tools; what waits for a person's word is told to the hub."""
    tools = ShopTools(shop)
    if hub is not None:
        tools.approvals.watch(lambda tenant: hub.tell(ApprovalsMoved(conversation_id="approvals", tenant=tenant)))
    return tools


def approving(shop: BackOffice | None, amendments: RedisAmendments, hub: Hub) -> Approving:
    """A person's word, over the shop; without one nothing ever waits."""
    if shop is None:
        return Approving(NoApprovals(), None)  # type: ignore[arg-type]
    tools = watched_tools(shop, hub)
    words, templates = FormWords(Wording("Asia/Shanghai")), Templates(knowledge())
    return Approving(tools.approvals, Decisions(tools, amendments, Forms(), words, templates))


class NoApprovals:
    """Approvals of a shop without records."""

    async def of(self, tenant: str, statuses: Sequence[object], *, limit: int) -> list[object]:
        return []

    async def one(self, tenant: str, approval_id: str) -> tuple[object, str]:
        raise not_found("APPROVAL_UNKNOWN", "there is no such approval")


class NoRecords:
    """The records of a shop that knows nobody."""

    async def about(self, tenant: str, customers: Mapping[str, str]) -> dict[str, About]:
        return {}

    async def write(self, acts: Sequence[Act]) -> None:
        """Nothing is kept."""


async def _erase(shop: BackOffice | None, who: Who) -> list[ErasedRows]:
    return await forget(shop, who) if shop is not None else []


@asynccontextmanager
async def running(
    redis_url: str,
    *engines: ReplyEngine,
    prefix: str = "",
    limits: Limits | None = None,
    outgoing: int = 512,
    pictures: PictureSense | None = None,
    shop: BackOffice | None = None,
    belt: ToolBelt | None = None,
    answering: Answering | None = None,
    turn_s: float = 10.0,
    agent_gone_s: float = 60.0,
) -> AsyncIterator[Running]:
    """Starts an orchestrator; the same `prefix` makes two of them replicas."""
    limits = limits or Limits(lease_ms=1_000)
    client, keys = open_redis(redis_url, timeout_s=1.0), Keys(prefix or "t" + secrets.token_hex(4))
    store, bus, owner = Store(client, keys, limits), RedisBus(client, keys), "o-" + secrets.token_hex(4)
    hub, registry = Hub(bus, owner), CollectorRegistry()
    metrics, recommender, encoder = Metrics(registry), FakeRecommender(), FakeEncoder()
    runner = TurnRunner(
        RedisTurnLog(store),
        answering
        or use_case(
            list(engines), recommender, encoder, metrics, pictures, shop, belt, hub, lambda made: desk.hints.tell(made)
        ),
        hub,
        owner=owner, pace=Pace(limits.lease_ms / 1000, turn_s), limit=16, metrics=metrics,
    )  # fmt: skip
    journal, amendments, live = RedisJournal(store), RedisAmendments(store), LiveStreams()
    line, marks = RedisLine(store), RedisMarks(store)
    desk = assemble_desk(
        store, DeskRecords(shop) if shop is not None else NoRecords(), approving(shop, amendments, hub),
        journal=journal, line=line, marks=marks,
        hub=hub, recommender=recommender, metrics=metrics, gone_s=agent_gone_s, outgoing=outgoing,
        rng=random.Random(2),
    )  # fmt: skip
    parts = Parts(
        journal=journal, marks=marks, amendments=amendments, hub=hub, live=live,
        line=LineKeeper(line, journal, hub, together_s=0.01),
        announcer=Announcer(amendments, hub, bus, live, answer_s=5.0),
        runner=runner, recommender=recommender, lexicon=Lexicon(),
        messages=Messages(), metrics=metrics, outgoing=outgoing, suggest_per_s=50.0, linger_s=10.0,
        rng=random.Random(1),
    )  # fmt: skip
    servicer = OrchestratorServicer(parts, Forgetting(ConversationEraser(store, patience_s=5.0), partial(_erase, shop)))
    server = grpc.aio.server(interceptors=[ServiceInterceptor(RpcMetrics(registry))])
    rpc.add_OrchestratorServiceServicer_to_server(servicer, server)
    add_DeskServiceServicer_to_server(desk.servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await bus.start(hub.on_bus, hub.on_bus_restored)
    await runner.start()
    desk.start()
    await server.start()
    try:
        yield Running(f"127.0.0.1:{port}", servicer, runner, hub, recommender, encoder, registry, desk)
    finally:
        await server.stop(0)
        await runner.stop()
        await desk.stop()
        await bus.stop()
        await client.aclose()


def converse(channel: grpc.aio.Channel) -> Any:
    """Opens a Converse stream; tests of its contract run over lanes too, see `by_lane`."""
    return LinkCall(channel).lane() if by_lane.get() else rpc.OrchestratorServiceStub(channel).Converse()


by_lane: ContextVar[bool] = ContextVar("by_lane", default=False)


class Client:
    """One Converse stream from a client's side.

    Attributes:
        heard: Everything that came, in order.
    """

    def __init__(self, url: str) -> None:
        self._channel = grpc.aio.insecure_channel(url)
        self._call = converse(self._channel)
        self._changed = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self.heard: list[pb.ConverseResponse] = []
        self.status: grpc.StatusCode | None = None

    async def open(self, customer: str = "kim", **fields: Any) -> pb.Opened:
        """Opens and waits until it is caught up."""
        await self.send(open=pb.OpenRequest(customer_id=customer, **({"tenant": "demo"} | fields)))
        self._reader = asyncio.create_task(self._read())
        await self.until(lambda: self.has("caught_up") or self.status is not None)
        opened: pb.Opened = self.of("opened")[0]
        return opened

    async def _read(self) -> None:
        try:
            async for response in self._call:
                self.heard.append(response)
                self._changed.set()
        except grpc.RpcError:
            pass
        self.status = await self._call.code()
        self._changed.set()

    async def send(self, **event: Any) -> None:
        """Sends one request."""
        await self._call.write(pb.ConverseRequest(**event))

    async def say(self, text: str, client_msg_id: str = "") -> str:
        """Sends a text; returns its id."""
        client_msg_id = client_msg_id or secrets.token_hex(6)
        message = pb.UserMessage(client_msg_id=client_msg_id, text=pb.TextContent(text=text))
        await self.send(user_message=message)
        return client_msg_id

    async def ask(self, text: str) -> pb.Entry:
        """Sends a text and waits for the entry that answers it."""
        ended = len(self.of("turn_ended"))
        await self.say(text)
        await self.until(lambda: len(self.of("turn_ended")) > ended)
        return self.entries[-1]

    async def until(self, happened: Callable[[], Any], timeout_s: float = 20.0) -> None:
        """Waits until something is so."""
        async with asyncio.timeout(timeout_s):
            while not happened():
                self._changed.clear()
                await self._changed.wait()

    def of(self, kind: str) -> list[Any]:
        """Everything of a kind that came."""
        return [getattr(one, kind) for one in self.heard if one.WhichOneof("event") == kind]

    def has(self, kind: str) -> bool:
        """Whether such a thing came."""
        return bool(self.of(kind))

    @property
    def entries(self) -> list[pb.Entry]:
        """The entries."""
        return self.of("entry")

    @property
    def seqs(self) -> list[int]:
        """Their places."""
        return [entry.seq for entry in self.entries]

    def streamed(self, turn_id: str) -> str:
        """What the deltas of a turn's last attempt say."""
        deltas = [delta for delta in self.of("delta") if delta.turn_id == turn_id]
        last = max((delta.attempt for delta in deltas), default=0)
        return "".join(delta.text for delta in deltas if delta.attempt == last)

    async def done(self) -> None:
        """Half-closes and waits for the end."""
        await self._call.done_writing()
        await self.until(lambda: self.status is not None)

    async def close(self) -> None:
        """Hangs up."""
        self._call.cancel()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)  # gRPC cancels it with the call
        await self._channel.close()


@asynccontextmanager
async def client(url: str, customer: str = "", **fields: Any) -> AsyncIterator[Client]:
    """An open stream; a customer of its own unless named."""
    made = Client(url)
    try:
        await made.open(customer or "u" + secrets.token_hex(6), **fields)
        yield made
    finally:
        await made.close()
