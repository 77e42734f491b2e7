"""A whole turn through the WebSocket with the built-in engine, and stickers while one types.

Every part is real and a process of its own: gateway, orchestrator, recommender, Valkey and, where it is installed,
Triton. One client at a time asks questions of the shop in both languages and waits for the end of each answer; the
built-in engine writes at its ordinary pace, whose pauses are part of a whole turn and not of its first word. Then one
client types and waits for stickers. Times are of this machine; the ratio to keep an eye on is first word by ack.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import Report, Row
from benchmarks.services import Running, Services, nowhere
from benchmarks.stats import median, quantile
from benchmarks.visitor import Heard, Visitor

_QUESTIONS = (
    "How long does delivery take?", "快递到哪了?", "Can I return a jacket that does not fit?", "怎么开发票?",
    "Do you accept cards?", "谢谢", "My parcel has not moved for three days", "退款什么时候到账?",
)  # fmt: skip
_TYPED = ("thank you", "太好了", "so sorry", "生日快乐", "good night", "哭", "hurry up", "加油")
_WAIT_S = 30.0


@dataclass(frozen=True)
class Sizes:
    """How much is measured; `triton` false leaves it out even where it is installed."""

    turns: int = 96
    suggestions: int = 96
    per_visitor: int = 8
    triton: bool = True


FULL = Sizes()
QUICK = Sizes(turns=16, suggestions=16)


@dataclass
class Times:
    """Seconds since the message was sent."""

    ack: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


async def measure(sizes: Sizes, folder: Path) -> Report:
    """Runs the benchmark."""
    report = Report("turn", __doc__ or "")
    with Services(folder) as services:
        gateway, with_triton = await _mesh(services, sizes)
        await _turns(gateway, _warm(sizes), Times())
        await _suggestions(gateway, _warm(sizes))
        times = Times()
        await _turns(gateway, sizes, times)
        typed = await _suggestions(gateway, sizes)
    for name, taken in (("ack", times.ack), ("first word", times.first), ("whole turn", times.whole)):
        report.rows += _both(name, taken)
    report.rows += [Row("first word by ack", median(times.first) / median(times.ack)), *_both("suggestions", typed)]
    if not with_triton:
        report.notes.append("Triton was left out or is not installed: understanding and search went by words alone.")
    return report


def _warm(sizes: Sizes) -> Sizes:
    return Sizes(sizes.per_visitor, sizes.per_visitor, sizes.per_visitor)


def _both(name: str, taken_s: list[float]) -> list[Row]:
    return [
        Row(f"{name}, p50", median(taken_s) * 1000, "ms"),
        Row(f"{name}, p95", quantile(taken_s, 0.95) * 1000, "ms"),
    ]


async def _mesh(services: Services, sizes: Sizes) -> tuple[Running, bool]:
    triton = services.triton() if sizes.triton else None
    where = {"REDIS_URL": services.valkey(), "TRITON_URL": triton.url if triton else nowhere()}
    recommender = await services.recommender(**where)
    orchestrator = await services.orchestrator(**where, RECOMMENDER_URL=recommender.address, SUGGEST_PER_S="1000")
    gateway = await services.gateway(
        ORCHESTRATOR_URL=orchestrator.address, RECOMMENDER_URL=recommender.address, FRAMES_PER_S="1000"
    )
    return gateway, triton is not None


async def _turns(gateway: Running, sizes: Sizes, times: Times) -> None:
    asked = 0
    while asked < sizes.turns:
        visitor = await Visitor(gateway.address).join()
        for number in range(min(sizes.per_visitor, sizes.turns - asked)):
            await _ask(visitor, f"m{number}", _QUESTIONS[asked % len(_QUESTIONS)], times)
            asked += 1
        visitor.drop()


async def _ask(visitor: Visitor, identity: str, text: str, times: Times) -> None:
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    seen: dict[str, float] = {}

    def heard(frame: Heard) -> None:
        if frame.type == "error" and not over.done():
            over.set_exception(RuntimeError(f"the edge says {frame.reason}"))
        seen.setdefault(frame.type if frame.author != "customer" else "message", time.perf_counter() - begun_s)
        if frame.type == "turn_ended" and not over.done():
            over.set_result(None)

    visitor.listen = heard
    begun_s = time.perf_counter()
    visitor.send(type="message", client_msg_id=identity, text=text)
    async with asyncio.timeout(_WAIT_S):
        await over
    times.ack.append(seen["ack"])
    times.first.append(seen.get("delta", seen.get("entry", seen["turn_ended"])))
    times.whole.append(seen["turn_ended"])


async def _suggestions(gateway: Running, sizes: Sizes) -> list[float]:
    visitor = await Visitor(gateway.address).join()
    taken = [
        await _suggested(visitor, f"s{number}", _TYPED[number % len(_TYPED)]) for number in range(sizes.suggestions)
    ]
    visitor.drop()
    return taken


async def _suggested(visitor: Visitor, identity: str, text: str) -> float:
    found: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def heard(frame: Heard) -> None:
        if found.done():
            return
        if frame.type == "suggestions" and frame.suggest_id == identity:
            found.set_result(None)
        elif frame.type == "error":
            found.set_exception(RuntimeError(f"the edge says {frame.reason}"))

    visitor.listen = heard
    begun_s = time.perf_counter()
    visitor.send(type="suggest", suggest_id=identity, text=text)
    async with asyncio.timeout(_WAIT_S):
        await found
    return time.perf_counter() - begun_s
