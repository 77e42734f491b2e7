"""Idle customers cost little memory, and a lost network loses nobody a word.

Thousands of clients connect to the real gateway over the real orchestrator and Valkey, say hello and stay, answering
heartbeats. The machine-independent number is the growth of each process's proportional memory (PSS) per connection,
counted from a first few connections on, so that what is loaded once is not counted; the kernel's socket buffers are
not in it. Then a thousand of them each send a message, and when half of these are acknowledged all lose their line at
once; all come back with what they know, send again what was not acknowledged, and wait until every message is answered.
Every journal must then be complete at its client: no seq missing, none twice, no message twice.

Before that, an operator broadcasts one announcement: it must be in every journal and at every client, once.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.broadcasting import TENANT, broadcast, tenants_file
from benchmarks.meters import cpu_s, pss_kib
from benchmarks.report import Report, Row
from benchmarks.services import Running, Services, nowhere
from benchmarks.stats import quantile
from benchmarks.visitor import Heard, Lost, Visitor
from servicekit.api_keys import new_api_key

GOAL_GATEWAY_KIB = 45.0
GOAL_BOTH_KIB = 90.0
_JOINING = 64
_SETTLE_S = 3.0
_ACKED_S = 60.0
_RETRY_S = 1.0
_TEXT = "Which payment methods do you take?"


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        first: Connections before the first look at the memory.
        idle_s: How long they all stay.
        answered_s: Time for all turns of the storm.
    """

    connections: int = 5_000
    first: int = 200
    idle_s: float = 30.0
    storm: int = 1_000
    answered_s: float = 240.0


FULL = Sizes()
QUICK = Sizes(connections=600, first=100, idle_s=3.0, storm=100)


@dataclass
class Customer:
    """A visitor with one message, which it sends until it is acknowledged.

    Attributes:
        messages: How often each client_msg_id arrived as an entry.
        answers: How many answers arrived.
    """

    visitor: Visitor
    acked: bool = False
    messages: Counter[str] = field(default_factory=Counter)
    answers: int = 0
    caught_up_s: float = 0.0
    joins: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    on_ack: Callable[[], None] = lambda: None
    answered_s: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def listen(self) -> Customer:
        """Begins to count."""
        self.visitor.listen = self._heard
        return self

    def ask(self) -> None:
        """Sends the message, unless it was acknowledged."""
        if not self.acked:
            self.visitor.send(type="message", client_msg_id="storm", text=_TEXT)

    def _heard(self, frame: Heard) -> None:
        if frame.type == "ack":
            self.acked = True
            self.on_ack()
        elif frame.type == "entry" and frame.author == "customer":
            self.messages[frame.client_msg_id] += 1
        elif frame.type == "entry":
            self.answers += 1
            self.answered_s = self.answered_s or time.perf_counter()
            self.done.set()
        elif frame.type == "error":
            self.errors[frame.reason] += 1
            asyncio.get_running_loop().call_later(_RETRY_S, self.ask)

    @property
    def missing(self) -> int:
        """Entries that never came."""
        return len(set(range(1, max([2, *self.visitor.seqs]) + 1)) - set(self.visitor.seqs))

    @property
    def doubled(self) -> int:
        """Entries that came twice, and messages and answers beyond the first."""
        again = len(self.visitor.seqs) - len(set(self.visitor.seqs))
        return again + sum(count - 1 for count in self.messages.values()) + max(0, self.answers - 1)


async def measure(sizes: Sizes, folder: Path) -> Report:
    """Runs the benchmark."""
    report = Report("idle_connections", __doc__ or "")
    _raise_file_limit(2 * sizes.connections + 1_000)
    with Services(folder) as services:
        redis = services.valkey()
        orchestrator = await services.orchestrator(REDIS_URL=redis, TRITON_URL=nowhere(), RECOMMENDER_URL=nowhere())
        key = new_api_key(TENANT)
        gateway = await services.gateway(
            ORCHESTRATOR_URL=orchestrator.address, RECOMMENDER_URL=nowhere(), MAX_CONNECTIONS_PER_ADDRESS="100000",
            TENANTS_FILE=str(tenants_file(folder, key)),
        )  # fmt: skip
        visitors = await _idle(gateway, orchestrator, sizes, report)
        await broadcast(visitors, gateway, key, report)
        await _storm(visitors[: sizes.storm], gateway, sizes, report)
        for visitor in visitors:
            visitor.drop()
    report.notes.append(
        "Without Triton and recommender: turns rest on words alone, which no connection's memory depends on."
    )
    return report


def _raise_file_limit(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


async def _idle(gateway: Running, orchestrator: Running, sizes: Sizes, report: Report) -> list[Visitor]:
    parts = {"gateway": gateway.pid, "orchestrator": orchestrator.pid}
    visitors = await _joined([Visitor(gateway.address) for _ in range(sizes.first)])
    await asyncio.sleep(_SETTLE_S)
    before = {name: pss_kib(pid) for name, pid in parts.items()}
    begun_s = time.perf_counter()
    visitors += await _joined([Visitor(gateway.address) for _ in range(sizes.connections - sizes.first)])
    joined_s = time.perf_counter() - begun_s
    used_s = {name: cpu_s(pid) for name, pid in parts.items()}
    await asyncio.sleep(sizes.idle_s)
    used_s = {name: cpu_s(pid) - used_s[name] for name, pid in parts.items()}
    grown = {name: (pss_kib(pid) - before[name]) / (sizes.connections - sizes.first) for name, pid in parts.items()}
    report.rows += [
        Row("connections", sizes.connections - sum(visitor.closed > 0 for visitor in visitors)),
        Row("joined per second", (sizes.connections - sizes.first) / joined_s, "/s"),
        Row("gateway per connection", grown["gateway"], "KiB", at_most=GOAL_GATEWAY_KIB),
        Row("orchestrator per connection", grown["orchestrator"], "KiB"),
        Row("both per connection", sum(grown.values()), "KiB", at_most=GOAL_BOTH_KIB),
        Row("heartbeats answered while idle", sum(visitor.pings for visitor in visitors)),
        *(Row(f"{name}: share of a core while idle", used_s[name] / sizes.idle_s * 100, "%") for name in parts),
    ]
    return visitors


async def _joined(visitors: Sequence[Visitor]) -> list[Visitor]:
    """Lets them in, some at a time."""
    gate = asyncio.Semaphore(_JOINING)

    async def one(visitor: Visitor) -> Visitor:
        async with gate:
            return await visitor.join()

    return await asyncio.gather(*map(one, visitors))


async def _storm(visitors: Sequence[Visitor], gateway: Running, sizes: Sizes, report: Report) -> None:
    customers = [Customer(visitor).listen() for visitor in visitors]
    acked_before = await _cut_at_half(customers)
    begun_s = time.perf_counter()
    failures: Counter[str] = Counter()
    await asyncio.gather(*(_come_back(customer, begun_s, failures) for customer in customers))
    answered = await _all_answered(customers, sizes.answered_s)
    late_s = [max(0.0, one.answered_s - begun_s) for one in customers if one.answers] or [0.0]
    back_s = [customer.caught_up_s for customer in customers]
    report.rows += [
        Row("storm: clients dropped at once", len(customers)),
        Row("storm: all resumed after", max(back_s), "s"),
        Row("storm: resumed after, p50", quantile(back_s, 0.5), "s"),
        Row("storm: attempts to connect per client", sum(one.joins for one in customers) / len(customers)),
        Row("storm: answered after, p50", quantile(late_s, 0.5), "s"),
        Row("storm: every message answered after", max(late_s), "s"),
        Row("storm: messages without an answer", answered, at_most=0),
        Row("storm: entries lost", sum(one.missing for one in customers), at_most=0),
        Row("storm: entries or messages doubled", sum(one.doubled for one in customers), at_most=0),
    ]
    report.notes.append(f"{acked_before} of {len(customers)} messages were acknowledged before the line was cut.")
    errors = sum((one.errors for one in customers), Counter[str]())
    report.notes += [f"{count} times the edge asked to try again: {why}." for why, count in errors.items()]
    report.notes += [f"{count} attempts to come back ended with: {why}." for why, count in failures.items()]


async def _cut_at_half(customers: Sequence[Customer]) -> int:
    """Lets all ask and cuts all lines the moment that half are acknowledged; how many were, in the end.

    The other messages are then anywhere on their way, and so are the answers to the first.
    """
    cut: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    acked = 0

    def on_ack() -> None:
        nonlocal acked
        acked += 1
        if acked >= len(customers) / 2 and not cut.done():
            cut.set_result(None)
            for customer in customers:
                customer.visitor.drop()

    for customer in customers:
        customer.on_ack = on_ack
        customer.ask()
    async with asyncio.timeout(_ACKED_S):
        await cut
    return acked


async def _come_back(customer: Customer, begun_s: float, failures: Counter[str]) -> None:
    """Reconnects until it is caught up, backing off, then sends again what was not acknowledged."""
    for attempt in range(8):
        customer.joins += 1
        try:
            await customer.visitor.join()
        except (Lost, OSError, TimeoutError) as error:
            failures[f"{type(error).__name__} {error}".strip()] += 1
            await asyncio.sleep(0.2 * 2**attempt)
            continue
        customer.caught_up_s = time.perf_counter() - begun_s
        customer.ask()
        return
    raise RuntimeError("a client could not come back")


async def _all_answered(customers: Sequence[Customer], seconds: float) -> int:
    """Waits for all answers; how many are still missing when time is up."""
    try:
        async with asyncio.timeout(seconds):
            for customer in customers:
                await customer.done.wait()
    except TimeoutError:
        pass
    return sum(customer.answers == 0 for customer in customers)
