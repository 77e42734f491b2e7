"""`transformers serve` with a model of our own making drives real tool calls through the stack."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from orchestrator.policy.decision import DecisionTree
from orchestrator.reply.retrieval import RetrievalEngine
from orchestrator.reply.templates import Templates
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.harness import client, knowledge, running
from tests.orchestrator.llm.provider import Script, provider
from tests.orchestrator.llm.serve import tiny_model_path
from tests.orchestrator.reply.conftest import shop, sqlite_shop
from tests.orchestrator.reply.models import Model, model

__all__ = ["shop", "sqlite_shop"]
pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

ORDERS, PARCEL = "my vase hums at night, can you see why", "is the courier with my vase in town"
LEARNED = {
    ORDERS: (("find_orders", {}), "I looked your orders up."),
    PARCEL: (("track_parcel", {}), "I looked at the courier's scans."),
}


@asynccontextmanager
async def talking(redis_url: str, shop: Shop, address: str, name: str) -> AsyncIterator[tuple[Model, str]]:
    """The stack on a server; its model and its own address."""
    retrieval = RetrievalEngine(knowledge(), Templates(knowledge()), DecisionTree(), pace_s=0)
    patience = {"first_token_s": 120.0, "idle_s": 120.0, "total_s": 240.0, "attempts": 1}
    async with (
        model(address, shop.belt, name=name, plain=True, **patience) as made,
        running(redis_url, made.engine, retrieval, shop=shop.office, turn_s=300.0) as on,
    ):
        yield made, on.url


async def asked(url: str, question: str) -> pb.Entry:
    """What a visitor of their own is told."""
    async with client(url, "v-" + secrets.token_hex(6)) as stream:
        await stream.say(question)
        await stream.until(lambda: stream.has("turn_ended"), timeout_s=240.0)
        return stream.entries[-1]


async def lessons(redis_url: str, shop: Shop) -> list[dict[str, Any]]:
    """What the orchestrator sends for each question, from a rehearsal with a scripted provider."""
    noted: list[dict[str, Any]] = []
    for question, (call, text) in LEARNED.items():
        async with (
            provider(Script(calls=(call,)), Script((text,))) as server,
            talking(redis_url, shop, server.address, "rehearsal") as (_, url),
        ):
            assert (await asked(url, question)).text.text == text
            first, second = server.requests
        calls = [{"name": call[0], "arguments": call[1]}]
        noted += [
            {"messages": first["messages"], "tools": first["tools"], "calls": calls, "text": ""},
            {"messages": second["messages"], "tools": second["tools"], "calls": [], "text": text},
        ]
    return noted


@pytest.fixture
async def served(redis_url: str, shop: Shop, tmp_path: Path, free_tcp_port: int) -> AsyncIterator[tuple[str, str]]:
    """The address of a server and the name of its model."""
    python = os.environ["STICKERDESK_TRANSFORMERS_PYTHON"]
    folder, noted = tmp_path / "tiny", tmp_path / "lessons.json"
    noted.write_text(json.dumps(await lessons(redis_url, shop)))
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    made = await asyncio.create_subprocess_exec(
        python, str(tiny_model_path()), str(noted), str(folder), env=environment
    )
    assert await made.wait() == 0
    serve = await asyncio.create_subprocess_exec(
        python, "-m", "transformers.cli.transformers", "serve", str(folder), "--port", str(free_tcp_port),
        "--host", "127.0.0.1", "--device", "cpu", env=environment,
    )  # fmt: skip
    try:
        yield await healthy(serve, f"http://127.0.0.1:{free_tcp_port}"), str(folder)
    finally:
        if serve.returncode is None:
            serve.terminate()
        await serve.wait()


async def healthy(serve: asyncio.subprocess.Process, address: str) -> str:
    """The address, when the server answers there."""
    async with httpx.AsyncClient() as http, asyncio.timeout(300):
        while True:
            assert serve.returncode is None, "the server went away"
            try:
                if (await http.get(f"{address}/health")).status_code == 200:
                    return address
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)


async def test_it_calls_tools(redis_url: str, shop: Shop, served: tuple[str, str]) -> None:
    """It picks the tool that a question needs, the stack runs it, and it answers: real calls of a real server."""
    address, name = served
    async with talking(redis_url, shop, address, name) as (made, url):
        for question, ((tool, _), text) in LEARNED.items():
            answer = await asked(url, question)
            assert (answer.engine, answer.text.text) == (name, text)
            assert answer.cards[0].order.number
            assert made.count("stickerdesk_llm_tool_calls_total", tool=tool, result="found") == 1
