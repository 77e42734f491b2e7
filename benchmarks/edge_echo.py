"""A message through the edge costs little more than a bare stream of `grpc.aio`.

Clients send a message of 120 characters, wait until it has come back, and send the next. Four arms take turns in every
round. `echo`: a bare bidirectional `grpc.aio` stream driven from Python, one message up and the same down. `acked`: one
message up and its ack down, through a real WebSocket, the gateway's process and a null orchestrator. `edge`: the same,
where the null orchestrator also sends the message back as an entry, so that two frames come down. `direct`: as `edge`,
but the null orchestrator is spoken to by `grpc.aio` without an edge, on a call per connection. Like is compared with
like (`acked` by `echo`, `edge` by `direct`), and `edge` by `echo` is given too, where the edge carries half as many
messages again. The machine-independent numbers are these ratios, taken in the same round, and the processor time per
message.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import msgspec

from benchmarks.meters import cpu_s
from benchmarks.null_orchestrator import ACK_ONLY, ECHO
from benchmarks.report import Report, Row
from benchmarks.services import Running, Services, grpc_ready, nowhere
from benchmarks.stats import median, paired_difference, spread
from benchmarks.visitor import Heard, Visitor
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as pb_grpc

GOAL_RATIO = 0.6
GOAL_ADDED_MS = 1.0
_COMPARED = (("acked", "echo"), ("edge", "direct"), ("edge", "echo"))
_TEXT = "Where is my parcel? It has not moved for three days. " * 3
_TEXT = _TEXT[:120]
_LOOSE = {"FRAMES_PER_S": "1000000", "FRAME_BURST": "1000000", "MAX_PENDING": "1000"}


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    connections: tuple[int, ...] = (1, 8, 64)
    rounds: int = 15
    round_s: float = 0.7


FULL = Sizes()
QUICK = Sizes(connections=(1, 64), rounds=5, round_s=0.3)

Exchange = Callable[[], Awaitable[None]]
"""Sends one message and returns when it has come back."""


@dataclass
class Arm:
    """One way, and what its rounds gave.

    Attributes:
        exchanges: One per connection.
        pids: Whose processor time counts, by name.
    """

    exchanges: list[Exchange]
    pids: dict[str, int] = field(default_factory=dict)
    per_s: list[float] = field(default_factory=list)
    p50_ms: list[float] = field(default_factory=list)
    cpu_us: dict[str, list[float]] = field(default_factory=dict)

    async def round(self, connections: int, seconds: float) -> None:
        """Drives so many connections for so long."""
        before = self._cpu_s()
        begun_s = time.perf_counter()
        latencies = await asyncio.gather(*(_drive(one, begun_s + seconds) for one in self.exchanges[:connections]))
        elapsed_s = time.perf_counter() - begun_s
        taken = [value for one in latencies for value in one]
        self.per_s.append(len(taken) / elapsed_s)
        self.p50_ms.append(median(taken) * 1000)
        for name, used_s in self._cpu_s().items():
            self.cpu_us.setdefault(name, []).append((used_s - before[name]) / len(taken) * 1e6)

    @property
    def cpu_per_message(self) -> list[float]:
        """Microseconds of all processes together, by round."""
        return [sum(parts) for parts in zip(*self.cpu_us.values(), strict=True)]

    def clear(self) -> None:
        """Forgets the rounds so far."""
        self.per_s, self.p50_ms, self.cpu_us = [], [], {}

    def _cpu_s(self) -> dict[str, float]:
        return {"driver": time.process_time()} | {name: cpu_s(pid) for name, pid in self.pids.items()}


async def _drive(exchange: Exchange, until_s: float) -> list[float]:
    latencies: list[float] = []
    while (begun_s := time.perf_counter()) < until_s or not latencies:
        await exchange()
        latencies.append(time.perf_counter() - begun_s)
    return latencies


async def measure(sizes: Sizes, folder: Path) -> Report:
    """Runs the benchmark."""
    report = Report("edge_echo", __doc__ or "")
    most = max(sizes.connections)
    with Services(folder) as services:
        null = await services.helper("benchmarks.null_orchestrator", grpc_ready)
        gateway = await services.gateway(ORCHESTRATOR_URL=null.address, RECOMMENDER_URL=nowhere(), **_LOOSE)
        async with AsyncExitStack() as stack:
            arms = await _arms(null, gateway, most, stack)
            for connections in sizes.connections:
                await _rounds(arms, connections, sizes)
                report.rows += _rows(arms, connections, last=connections == most)
    report.notes.append(
        "Where every core is busy, three processes cannot pass on as many messages as two: throughput then comes to "
        "messages per processor second."
    )
    report.notes.append(
        "The edge carries its connections over a few shared calls (ConverseMany): what is ready at the same moment "
        "goes in one gRPC message, as it does in production. The bare echo and `direct` have a call per connection and "
        "write message by message."
    )
    return report


async def _rounds(arms: dict[str, Arm], connections: int, sizes: Sizes) -> None:
    for arm in arms.values():
        await arm.round(connections, sizes.round_s / 2)  # warm
        arm.clear()
    names = list(arms)
    for number in range(sizes.rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            await arms[name].round(connections, sizes.round_s)


async def _arms(null: Running, gateway: Running, most: int, stack: AsyncExitStack) -> dict[str, Arm]:
    channel = await stack.enter_async_context(grpc.aio.insecure_channel(null.address))
    echo = channel.stream_stream(
        ECHO,
        request_serializer=pb.ConverseRequest.SerializeToString,
        response_deserializer=pb.ConverseRequest.FromString,
    )
    stub: Any = pb_grpc.OrchestratorServiceStub(channel)
    visitors = [await Visitor(gateway.address).join() for _ in range(most)]
    briefly = [await Visitor(gateway.address, ACK_ONLY).join() for _ in range(most)]
    stack.callback(_drop, visitors + briefly)
    direct = [await _opened(stub.Converse(), number) for number in range(most)]
    return {
        "echo": Arm([_on_stream(echo(), 1) for _ in range(most)], {"server": null.pid}),
        "direct": Arm([_on_stream(call, 2) for call in direct], {"server": null.pid}),
        "acked": Arm([_on_socket(one, "ack") for one in briefly], {"gateway": gateway.pid, "server": null.pid}),
        "edge": Arm([_on_socket(one, "entry") for one in visitors], {"gateway": gateway.pid, "server": null.pid}),
    }


def _drop(visitors: Sequence[Visitor]) -> None:
    for visitor in visitors:
        visitor.drop()


async def _opened(call: Any, number: int) -> Any:
    await call.write(pb.ConverseRequest(open=pb.OpenRequest(customer_id=f"direct-{number}", tenant="bench")))
    await call.read()
    await call.read()
    return call


def _on_stream(call: Any, answers: int) -> Exchange:
    sent = 0

    async def exchange() -> None:
        nonlocal sent
        sent += 1
        message = pb.UserMessage(client_msg_id=f"m{sent}", text=pb.TextContent(text=_TEXT))
        await call.write(pb.ConverseRequest(user_message=message))
        for _ in range(answers):
            await call.read()

    return exchange


def _on_socket(visitor: Visitor, answer: str) -> Exchange:
    sent = 0
    loop = asyncio.get_running_loop()
    back: asyncio.Future[None] = loop.create_future()

    def heard(frame: Heard) -> None:
        if frame.type == answer and not back.done():
            back.set_result(None)
        elif frame.type == "error" and not back.done():
            back.set_exception(RuntimeError(f"the edge says {frame.reason}"))

    visitor.listen = heard

    async def exchange() -> None:
        nonlocal sent, back
        sent += 1
        back = loop.create_future()
        visitor.send_raw(msgspec.json.encode({"type": "message", "client_msg_id": f"m{sent}", "text": _TEXT}))
        await back

    return exchange


def _rows(arms: dict[str, Arm], connections: int, *, last: bool) -> list[Row]:
    at = f"{connections} connection{'s' if connections > 1 else ''}"
    rows = [Row(f"{name}, {at}: messages", median(arm.per_s), "/s") for name, arm in arms.items()]
    rows += [Row(f"{name}, {at}: p50", median(arm.p50_ms), "ms") for name, arm in arms.items()]
    for ours, bare in _COMPARED:
        rows += _compared(f"{ours} by {bare}, {at}", arms[ours], arms[bare], first=connections == 1, last=last)
    return rows + [
        Row(f"{name}, {at}: processor time of the {part} per message", median(used), "µs")
        for name, arm in arms.items()
        for part, used in arm.cpu_us.items()
    ]


def _compared(name: str, ours: Arm, bare: Arm, *, first: bool, last: bool) -> list[Row]:
    ratios = [a / b for a, b in zip(ours.per_s, bare.per_s, strict=True)]
    added = paired_difference(ours.p50_ms, bare.p50_ms)
    by_cpu = median(bare.cpu_per_message) / median(ours.cpu_per_message)
    return [
        Row(f"{name}: throughput", median(ratios), at_least=GOAL_RATIO if last else None, spread=spread(ratios)),
        Row(f"{name}: messages per processor second", by_cpu),
        Row(f"{name}: added p50", added, "ms", at_most=GOAL_ADDED_MS if first else None),
    ]
