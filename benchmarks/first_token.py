"""The first word of a language model reaches the customer's stream almost as soon as a bare SDK call would have it.

A scripted OpenAI-compatible server answers at once. Two arms take turns: `direct`, the openai SDK called with exactly
the messages that the orchestrator had sent, until its first text; `orchestrator`, a message on a real Converse stream
(real orchestrator, Valkey and, where it is installed, Triton) until its first delta. Both are what a caller waits for.
The time that a turn spent on understanding is read from the orchestrator's own metric after each turn and given with
and without. What is added is the difference of the arms' medians in the same round.

A fresh orchestrator embeds its knowledge base first, on the models that understanding needs too. What a first customer
meets then is a row of its own; the arms begin when the orchestrator says that it is done.
"""

from __future__ import annotations

import asyncio
import re
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx

from benchmarks.report import Report, Row
from benchmarks.scripted_llm import MODEL
from benchmarks.services import Running, Services, nowhere
from benchmarks.stats import median, paired_difference, spread
from launcher import probes
from launcher.ports import LOOPBACK
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as pb_grpc

GOAL_ADDED_MS = 8.0
_QUESTIONS = ("How long does delivery take?", "快递到哪了?", "Can I pay by card?", "退货要多少天?")
_UNDERSTAND = re.compile(r'^stickerdesk_turn_step_seconds_sum\{step="understand"\} (\S+)$', re.MULTILINE)
_EMBEDDED = re.compile(r"^stickerdesk_knowledge_embedded 1(\.0)?$", re.MULTILINE)
_WAIT_S = 30.0
_SETTLED_S = 240.0
_POLL_S = 0.25


@dataclass(frozen=True)
class Sizes:
    """How much is measured; `triton` false leaves it out even where it is installed."""

    rounds: int = 20
    calls: int = 8
    triton: bool = True


FULL = Sizes()
QUICK = Sizes(rounds=4, calls=4)


@dataclass
class Arms:
    """Medians by round, in milliseconds."""

    direct: list[float]
    orchestrator: list[float]
    understanding: list[float]
    without: list[float]
    settling: list[float]


class Converse:
    """One customer's stream to the orchestrator.

    Args:
        call: The open call.
        metrics: Where the orchestrator's metrics are.
    """

    def __init__(self, call: Any, metrics: str) -> None:
        self._call, self._metrics = call, metrics
        self._sent = 0

    @classmethod
    async def open(cls, stub: Any, metrics: str, customer: str) -> Converse:
        """Opens and reads until it is caught up."""
        self = cls(stub.Converse(), metrics)
        await self._call.write(pb.ConverseRequest(open=pb.OpenRequest(customer_id=customer, tenant="bench")))
        await self._until("caught_up")
        return self

    async def ask(self, text: str) -> tuple[float, float]:
        """Asks one thing; seconds to the first delta, and those of them that understanding took."""
        understood_s = await self._understood_s()
        self._sent += 1
        message = pb.UserMessage(client_msg_id=f"m{self._sent}", text=pb.TextContent(text=text))
        begun_s = time.perf_counter()
        await self._call.write(pb.ConverseRequest(user_message=message))
        await self._until("delta")
        first_s = time.perf_counter() - begun_s
        await self._until("turn_ended")
        return first_s, await self._understood_s() - understood_s

    def close(self) -> None:
        """Hangs up."""
        self._call.cancel()

    async def _until(self, kind: str) -> None:
        async with asyncio.timeout(_WAIT_S):
            while (response := await self._call.read()) is not grpc.aio.EOF:
                if response.WhichOneof("event") == kind:
                    return
        raise RuntimeError(f"the stream ended before {kind}: {await self._call.code()}")

    async def _understood_s(self) -> float:
        found = _UNDERSTAND.search(await _said_by(self._metrics))
        return float(found[1]) if found else 0.0


async def _said_by(metrics: str) -> str:
    """The metrics of a process as text."""

    def read() -> str:
        with urllib.request.urlopen(f"http://{metrics}/metrics", timeout=5) as reply:
            text: str = reply.read().decode()
        return text

    return await asyncio.to_thread(read)


async def measure(sizes: Sizes, folder: Path) -> Report:
    """Runs the benchmark."""
    report = Report("first_token", __doc__ or "")
    with Services(folder) as services:
        llm = await services.helper("benchmarks.scripted_llm", _llm_ready)
        triton = services.triton() if sizes.triton else None
        metrics = nowhere()
        orchestrator = await services.orchestrator(
            REDIS_URL=services.valkey(), TRITON_URL=triton.url if triton else nowhere(), RECOMMENDER_URL=nowhere(),
            LLM_BASE_URL=f"http://{llm.address}/v1", LLM_API_KEY="none", LLM_MODEL=MODEL,
            ORCHESTRATOR_METRICS_LISTEN=metrics,
        )  # fmt: skip
        arms = await _rounds(sizes, llm, orchestrator, metrics, settles=triton is not None)
    report.rows = [
        Row("direct: first token", median(arms.direct), "ms", spread=spread(arms.direct)),
        Row("orchestrator: first delta", median(arms.orchestrator), "ms", spread=spread(arms.orchestrator)),
        Row("of that, understanding", median(arms.understanding), "ms", spread=spread(arms.understanding)),
        Row("added, with understanding", paired_difference(arms.orchestrator, arms.direct), "ms"),
        Row("added, without understanding", paired_difference(arms.without, arms.direct), "ms",
            at_most=GOAL_ADDED_MS),
    ]  # fmt: skip
    if arms.settling:
        report.rows.append(Row("understanding, while the knowledge is embedded", median(arms.settling), "ms",
                               spread=spread(arms.settling)))  # fmt: skip
    if triton is None:
        report.notes.append("Triton was left out or is not installed: understanding went by words alone.")
    return report


async def _llm_ready(port: int) -> bool:
    return await probes.http_ok(LOOPBACK, port, "/healthz")


async def _settled(stub: Any, metrics: str) -> list[float]:
    """Waits until the knowledge is embedded; what understanding took meanwhile, in milliseconds.

    Raises:
        RuntimeError: It was not within minutes.
    """
    until_s, taken, number = time.monotonic() + _SETTLED_S, [], 0
    while not _EMBEDDED.search(await _said_by(metrics)):
        if time.monotonic() > until_s:
            raise RuntimeError("the knowledge base was not embedded in time")
        stream = await Converse.open(stub, metrics, f"early-{number}")
        taken += [(await stream.ask(question))[1] * 1000 for question in _QUESTIONS]
        stream.close()
        number += 1
        await asyncio.sleep(_POLL_S)
    return taken[len(_QUESTIONS) :]  # the very first warm the connections


async def _rounds(sizes: Sizes, llm: Running, orchestrator: Running, metrics: str, *, settles: bool) -> Arms:
    import openai  # half a second

    arms = Arms([], [], [], [], [])
    async with (
        grpc.aio.insecure_channel(orchestrator.address) as channel,
        openai.AsyncOpenAI(base_url=f"http://{llm.address}/v1", api_key="none", max_retries=0) as sdk,
    ):
        stub: Any = pb_grpc.OrchestratorServiceStub(channel)
        if settles:
            arms.settling = await _settled(stub, metrics)
        for number in range(sizes.rounds + 1):  # the first warms
            stream = await Converse.open(stub, metrics, f"first-{number}")
            asked = [await stream.ask(_QUESTIONS[i % len(_QUESTIONS)]) for i in range(sizes.calls)]
            stream.close()
            messages = await _last(llm)
            direct = [await _first_text_s(sdk, messages) for _ in range(sizes.calls)]
            if number == 0:
                continue
            arms.direct.append(median(direct) * 1000)
            arms.orchestrator.append(median([first_s for first_s, _ in asked]) * 1000)
            arms.understanding.append(median([understood_s for _, understood_s in asked]) * 1000)
            arms.without.append(median([first_s - understood_s for first_s, understood_s in asked]) * 1000)
    return arms


async def _last(llm: Running) -> list[dict[str, Any]]:
    """What the orchestrator sent last.

    Raises:
        RuntimeError: It sent nothing: the orchestrator did not use the model.
    """
    async with httpx.AsyncClient() as http:
        messages: list[dict[str, Any]] = (await http.get(f"http://{llm.address}/last")).json()
    if not messages:
        raise RuntimeError("the orchestrator did not call the language model")
    return messages


async def _first_text_s(sdk: Any, messages: list[dict[str, Any]]) -> float:
    begun_s = time.perf_counter()
    stream = await sdk.chat.completions.create(model=MODEL, messages=messages, stream=True, max_tokens=700)
    first_s = 0.0
    async for chunk in stream:
        if not first_s and chunk.choices and chunk.choices[0].delta.content:
            first_s = time.perf_counter() - begun_s
    return first_s
