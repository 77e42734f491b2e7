"""The orchestrator's composition root: `python -m orchestrator`."""

from __future__ import annotations

import asyncio
import random
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

import uvloop

from orchestrator.attending.approving import Approving
from orchestrator.attending.assembling import assemble_desk
from orchestrator.backoffice.desk_records import DeskRecords
from orchestrator.backoffice.expiring import Lives, expire
from orchestrator.backoffice.forgetting import forget
from orchestrator.backoffice.memory import SqlMemory
from orchestrator.backoffice.opening import Opening
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
from orchestrator.forgetting.sweeping import Sweeping
from orchestrator.journal.erasing import ConversationEraser
from orchestrator.journal.feed import ApprovalsMoved, Hub
from orchestrator.journal.keys import Keys
from orchestrator.journal.redis_feed import RedisBus
from orchestrator.journal.redis_journal import RedisJournal
from orchestrator.journal.redis_line import RedisLine
from orchestrator.journal.redis_marks import RedisAmendments, RedisMarks
from orchestrator.journal.store import Store, open_redis
from orchestrator.llm.accounting import Meter
from orchestrator.llm.limits import TenantLimits
from orchestrator.llm.opening import open_chats
from orchestrator.llm.redis_ledger import RedisLedger
from orchestrator.messages import Messages
from orchestrator.metrics import Metrics
from orchestrator.policy.assembling import assemble_planning
from orchestrator.policy.decision import DecisionTree
from orchestrator.policy.hours import SupportHours
from orchestrator.recommendation import Recommendation
from orchestrator.recommender import GrpcRecommender
from orchestrator.record import Recorder
from orchestrator.reply.chain import EngineChain
from orchestrator.reply.checking import FactCheck, Promises
from orchestrator.reply.llm_engine import Around, LlmEngine
from orchestrator.reply.prompt import Prompt
from orchestrator.reply.retrieval import RetrievalEngine
from orchestrator.reply.summing_up import Sizes, SummingUp
from orchestrator.reply.templates import Templates
from orchestrator.retrieval.knowledge import Knowledge, load_knowledge
from orchestrator.retrieval.lookup import KnowledgeLookup
from orchestrator.retrieval.precedence import Precedence
from orchestrator.retrieval.search import KnowledgeSearch
from orchestrator.retrieval.warming import DenseWarming
from orchestrator.settings import OrchestratorSettings
from orchestrator.steps import Steps
from orchestrator.tenancy import knowledge_of, open_book, packs_of
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.catalogue import ShopTools
from orchestrator.tools.effects import Effects
from orchestrator.tools.foreign import ForeignReceipts
from orchestrator.tools.knowledge import SearchKnowledge
from orchestrator.tools.mcp_mount import McpMount
from orchestrator.turn import Turn
from orchestrator.turns.by_tenant import Shelf, TurnByTenant
from orchestrator.turns.redis_turns import RedisTurnLog
from orchestrator.turns.runner import Pace, TurnRunner
from orchestrator.understanding.encoder import TritonEncoder
from orchestrator.understanding.lexicon import Lexicon
from orchestrator.understanding.picture import READING, SEEING, TritonPictures
from orchestrator.understanding.triton_reader import TritonReader
from orchestrator.understanding.understand import Understanding
from servicekit.algebra import keep_to_one_thread
from servicekit.background import keep_running, stop
from servicekit.channels import open_channel
from servicekit.lifecycle import GrpcServer
from servicekit.resilience import CircuitBreaker
from servicekit.starting import start
from servicekit.telemetry import Telemetry
from servicekit.tls import Tls
from stickerdesk.orchestrator.v1.desk_pb2 import DESCRIPTOR as DESK
from stickerdesk.orchestrator.v1.desk_pb2_grpc import add_DeskServiceServicer_to_server
from stickerdesk.orchestrator.v1.orchestrator_pb2 import DESCRIPTOR
from stickerdesk.orchestrator.v1.orchestrator_pb2_grpc import add_OrchestratorServiceServicer_to_server

_SERVICE = DESCRIPTOR.services_by_name["OrchestratorService"].full_name
_DESK = DESK.services_by_name["DeskService"].full_name
_ZONE = "Asia/Shanghai"
_OFFICE_PATIENCE_S = 3.0
_MOUNT_PATIENCE_S = 3.0


async def serve(settings: OrchestratorSettings) -> None:
    """Builds every part, serves until a signal, drains."""
    telemetry = Telemetry.create("orchestrator", settings)
    metrics = Metrics(telemetry.registry)
    client = open_redis(settings.redis_url, cluster=settings.redis_cluster)
    keys = Keys(settings.redis_prefix)
    store = Store(client, keys, settings.limits)
    bus = RedisBus(client, keys)
    owner = f"o-{secrets.token_hex(6)}"
    hub = Hub(bus, owner)

    encoder = TritonEncoder(settings.triton_url, _breaker("encoder", metrics))
    precedence = Precedence()
    reader = TritonReader(settings.triton_url, encoder, _breaker("reader", metrics), precedence=precedence)
    pictures = TritonPictures(
        settings.triton_url, {model: _breaker(model, metrics) for model in (SEEING, READING)}, settings.sureness,
        lambda model: metrics.degraded.labels(model).inc(),
    )  # fmt: skip
    channel = open_channel(settings.recommender_url, telemetry, Tls.of(settings))
    book = open_book(settings.tenants_file)
    recommender = GrpcRecommender(channel, _breaker("recommender", metrics), packs=partial(packs_of, book))
    knowledge, lexicon = load_knowledge(), Lexicon()
    search = KnowledgeSearch(knowledge)
    metrics.knowledge_embedded.set_function(lambda: search.has_dense)
    lookup = KnowledgeLookup(search, encoder, settings.encode_timeout_s, precedence)
    warm_up = partial(DenseWarming, encoder=encoder, folder=settings.data_dir / "orchestrator", precedence=precedence)
    opening = Opening(
        settings.database_url, settings.data_dir, tenant=settings.shop_tenant, demo_shop=settings.demo_shop
    )
    shop = ShopTools(opening.office)
    find = SearchKnowledge(lookup.find, lambda tenant: lookup.within(turns.known(tenant).search).find)
    belt = ToolBelt([find, *shop.tools()], switched_off=settings.tools_off)
    mounts = [McpMount(one, belt, ForeignReceipts(opening.office)) for one in settings.mcp]
    hours = SupportHours(time(9), time(21), _ZONE, lambda: datetime.now(UTC))
    tree, effects, facts, limits = DecisionTree(), Effects(), FactCheck(Promises()), _limits(settings)
    meter = Meter(
        settings.prices, settings.budgets, RedisLedger(client, settings.redis_prefix), metrics,
    )  # fmt: skip
    chats = open_chats(settings.providers, lambda name: _breaker(name, metrics))

    def turn_with(own: Knowledge, found: KnowledgeSearch) -> Turn:
        templates = Templates(own)
        around = Around(_prompt(settings, own), belt, effects, facts, meter, limits, metrics,
                        frozenset(settings.llm_mask))  # fmt: skip
        models = [LlmEngine(chat, around, spare=place > 0 or len(chats) == 1) for place, chat in enumerate(chats)]
        built_in = RetrievalEngine(own, templates, tree, pace_s=settings.pace_s)
        understanding = Understanding(reader, found, lexicon, pictures, metrics, settings.encode_timeout_s)
        planning = assemble_planning(
            belt, own, understanding, tree, hours, metrics, zone=_ZONE, now=lambda: datetime.now(UTC),
            memory=SqlMemory(opening.office), confirming=ConfirmedCalls(belt, effects),
        )  # fmt: skip
        return Turn(
            understanding,
            planning,
            EngineChain([*models, built_in], metrics),
            Recommendation(recommender, metrics, settings.recommend_budget_s),
            Recorder(templates, hours, metrics),
            Steps(telemetry.tracer, metrics),
            round(settings.state_s * 1000),
            hint=lambda made: desk.hints.tell(made),
        )

    def tenants_turn(own: Knowledge, found: KnowledgeSearch) -> Turn:
        warmings.add(asyncio.create_task(warm_up(own, found).run()))
        return turn_with(own, found)

    warmings: set[asyncio.Task[None]] = set()
    common = Shelf(knowledge, search, turn_with(knowledge, search))
    turns = TurnByTenant(common, partial(knowledge_of, book), tenants_turn)
    journal, amendments, live = RedisJournal(store), RedisAmendments(store), LiveStreams()
    summing_up = _summing_up(settings, journal, meter, facts, metrics)
    runner = TurnRunner(
        RedisTurnLog(store), turns, hub, owner=owner, pace=Pace(settings.lease_s, settings.turn_s),
        limit=settings.max_turns, metrics=metrics, after=summing_up.after if summing_up is not None else None,
    )  # fmt: skip
    line, marks = RedisLine(store), RedisMarks(store)
    decisions = Decisions(shop, amendments, Forms(), FormWords(Wording(_ZONE)), Templates(knowledge))
    shop.approvals.watch(lambda tenant: hub.tell(ApprovalsMoved(conversation_id="approvals", tenant=tenant)))
    desk = assemble_desk(
        store, DeskRecords(opening.office), Approving(shop.approvals, decisions), journal=journal, line=line,
        marks=marks, hub=hub, recommender=recommender, metrics=metrics, gone_s=settings.agent_gone_s,
        outgoing=settings.outgoing_events, rng=random.Random(),
    )  # fmt: skip
    servicer = OrchestratorServicer(
        Parts(
            journal=journal, marks=marks, amendments=amendments, hub=hub, live=live,
            line=LineKeeper(line, journal, hub), announcer=Announcer(amendments, hub, bus, live),
            runner=runner, recommender=recommender, lexicon=lexicon,
            messages=Messages(), metrics=metrics, outgoing=settings.outgoing_events,
            suggest_per_s=settings.suggest_per_s, linger_s=settings.turn_s + settings.lease_s, rng=random.Random(),
        ),
        Forgetting(ConversationEraser(store, patience_s=settings.turn_s), partial(forget, opening.office)),
        telemetry.tracer,
    )  # fmt: skip

    server = GrpcServer(settings, telemetry, [_SERVICE, _DESK])
    add_OrchestratorServiceServicer_to_server(servicer, server.server)
    add_DeskServiceServicer_to_server(desk.servicer, server.server)
    await bus.start(hub.on_bus, hub.on_bus_restored)
    opened = asyncio.create_task(keep_running(opening.keep_trying, name="back-office"))
    await asyncio.wait({opened}, timeout=_OFFICE_PATIENCE_S)  # turns that a dead process left may need its tools
    await asyncio.gather(*(mount.start(_MOUNT_PATIENCE_S) for mount in mounts))
    await runner.start()
    desk.start()
    lives = Lives(timedelta(days=settings.retention_days), timedelta(days=settings.audit_days))
    sweeping = Sweeping(
        lambda: expire(opening.office.database, opening.office.now(), lives, residents=opening.residents),
        every_s=settings.sweep_s,
    )
    swept = asyncio.create_task(keep_running(sweeping.run, name="sweeping"))
    watched = asyncio.create_task(keep_running(book.watch, name="tenants"))
    told = asyncio.create_task(keep_running(decisions.keep_telling, name="approvals"))
    print(f"port {await server.start()}", flush=True)
    warm = asyncio.gather(warm_up(knowledge, search).run(), *(chat.warm() for chat in chats))
    await server.set_serving(True)

    async def on_drain() -> None:
        await runner.drain()
        servicer.drain()
        desk.servicer.drain()

    await server.run_until_signal(on_drain)
    behind: list[asyncio.Future[Any]] = [warm, opened, swept, watched, told, *warmings]
    await stop(behind)
    await runner.stop()
    await desk.stop()
    await bus.stop()
    closing = (
        encoder.close(),
        reader.close(),
        pictures.close(),
        channel.close(None),
        opening.office.database.close(),
        *(chat.close() for chat in chats),
    )
    await asyncio.gather(meter.close(), *(mount.stop() for mount in mounts))
    await asyncio.gather(*closing, client.aclose(), return_exceptions=True)
    telemetry.shutdown()


def _breaker(name: str, metrics: Metrics) -> CircuitBreaker:
    breaker = CircuitBreaker(name, reset_s=5.0)
    metrics.breaker_state.labels(name).set_function(lambda: breaker.state.value)
    return breaker


def _prompt(settings: OrchestratorSettings, knowledge: Knowledge) -> Prompt:
    if settings.llm_prompt is None:
        return Prompt(knowledge, context_tokens=settings.llm_context_tokens)
    return Prompt(knowledge, settings.llm_prompt, context_tokens=settings.llm_context_tokens)


def _summing_up(
    settings: OrchestratorSettings, journal: RedisJournal, meter: Meter, facts: FactCheck, metrics: Metrics
) -> SummingUp | None:
    """Notes of long conversations, by a model of their own; None where there is none."""
    provider = settings.summary_provider
    if provider is None:
        return None
    (chat,) = open_chats([provider], lambda _: _breaker("llm-summary", metrics))
    return SummingUp(
        chat, journal, meter, facts, metrics, masked=frozenset(settings.llm_mask),
        sizes=Sizes(tokens=settings.llm_context_tokens // 2), patience_s=settings.llm_summary_s,
    )  # fmt: skip


def _limits(settings: OrchestratorSettings) -> TenantLimits:
    return TenantLimits(
        per_s=settings.llm_tenant_per_s, burst=settings.llm_tenant_burst, concurrency=settings.llm_tenant_concurrency
    )


def main(argv: Sequence[str] = ()) -> int:
    """Runs the process; returns its exit status."""
    keep_to_one_thread()
    return start(OrchestratorSettings, lambda settings: uvloop.run(serve(settings)), argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
