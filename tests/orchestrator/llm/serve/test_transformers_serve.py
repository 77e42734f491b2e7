"""`transformers serve` with a model of our own making drives a real tool call through the stack."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from orchestrator.policy.decision import DecisionTree
from orchestrator.reply.retrieval import RetrievalEngine
from orchestrator.reply.templates import Templates
from tests.orchestrator.backoffice.shops import Shop
from tests.orchestrator.harness import client, knowledge, running
from tests.orchestrator.llm.serve import tiny_model_path
from tests.orchestrator.reply.conftest import shop, sqlite_shop
from tests.orchestrator.reply.models import model

__all__ = ["shop", "sqlite_shop"]
pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


@pytest.fixture
async def served(tmp_path: Path, free_tcp_port: int) -> AsyncIterator[tuple[str, str]]:
    """The address of a server and the name of its model."""
    python = os.environ["STICKERDESK_TEST_SERVE_PYTHON"]
    folder = tmp_path / "tiny"
    made = await asyncio.create_subprocess_exec(python, str(tiny_model_path()), str(folder))
    assert await made.wait() == 0
    serve = await asyncio.create_subprocess_exec(
        python, "-m", "transformers.cli.transformers", "serve", str(folder), "--port", str(free_tcp_port),
        "--host", "127.0.0.1", "--device", "cpu",
        env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    address = f"http://127.0.0.1:{free_tcp_port}"
    async with httpx.AsyncClient() as http, asyncio.timeout(300):
        while True:
            try:
                if (await http.get(f"{address}/health")).status_code == 200:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.2)
    yield address, str(folder)
    serve.terminate()
    await serve.wait()


async def test_it_calls_a_tool(redis_url: str, shop: Shop, served: tuple[str, str]) -> None:
    """Asked what no case covers, it looks the orders up: a real answer of a real server, with a real card."""
    address, name = served
    retrieval = RetrievalEngine(knowledge(), Templates(knowledge()), DecisionTree(), pace_s=0)
    patience = {"first_token_s": 120.0, "idle_s": 120.0, "total_s": 240.0, "attempts": 1}
    async with (
        model(address, shop.belt, name=name, plain=True, **patience) as made,
        running(redis_url, made.engine, retrieval, shop=shop.office, turn_s=300.0) as on,
        client(on.url, "v-serve") as stream,
    ):
        answer = await stream.ask("my vase hums at night, can you see why")
    assert answer.engine == name
    assert answer.text.text == "I looked it up for you."
    assert answer.cards[0].order.number
    assert made.count("stickerdesk_llm_tool_calls_total", tool="find_orders", result="found") == 1
