"""What is said of the models of a deployment: whether they answer, and whether it is known what they cost."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from orchestrator.llm.accounting import Price, Prices
from orchestrator.llm.provider import Dialect, Provider
from orchestrator.llm.report import Cost, Reach, reports

pytestmark = pytest.mark.integration
_ROOT = Path(__file__).parents[3]
_NONE = Prices()


@asynccontextmanager
async def endpoint(status: int, asked: list[str]) -> AsyncIterator[str]:
    """Answers every request with a status; `asked` gets what came."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("status", "reach"),
    [(200, Reach.ANSWERS), (404, Reach.ANSWERS), (401, Reach.REFUSES_THE_KEY), (403, Reach.REFUSES_THE_KEY),
     (503, Reach.SILENT)],
)  # fmt: skip
@pytest.mark.parametrize("dialect", list(Dialect))
async def test_what_a_provider_answers(status: int, reach: Reach, dialect: Dialect) -> None:
    """Asked with its key for its models, which costs nothing."""
    asked: list[str] = []
    async with endpoint(status, asked) as url:
        (found,) = await reports(
            [Provider("m", f"{url}/v1" if dialect is Dialect.OPENAI else url, "k3y", dialect)], _NONE
        )
    assert found.reach is reach
    assert asked[0].startswith("get /v1/models")
    assert "k3y" in asked[0]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "not a url", "http://"])
async def test_nobody_there(url: str) -> None:
    """Whatever stands in its place: it does not answer, and that is all."""
    (found,) = await reports([Provider("m", url)], _NONE)
    assert found.reach is Reach.SILENT


async def test_what_is_known_of_prices() -> None:
    """Stated by the deployment, in the list that was shipped, or unknown; nothing is guessed."""
    prices = Prices(first=[Price("mine-*", 1.0, 2.0)])
    names = ("mine-large", "gpt-4o-mini", "somebody/else")
    found = await reports([Provider(name, "http://127.0.0.1:1") for name in names], prices)
    assert [one.cost for one in found] == [Cost.STATED, Cost.LISTED, Cost.UNKNOWN]
    assert prices.checked == ""


async def test_the_command(tmp_path: Path) -> None:
    """By the environment, like the service: models in order, budgets, who sums up; no key in it."""
    env = os.environ | {
        "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'protos'}",
        "STICKERDESK_LLM_BASE_URL": "http://127.0.0.1:1/v1",
        "STICKERDESK_LLM_API_KEY": "s3cret",
        "STICKERDESK_LLM_MODEL": "first",
        "STICKERDESK_LLM_FALLBACKS": '[{"model": "second", "base_url": "http://127.0.0.1:1/v1"}]',
        "STICKERDESK_LLM_BUDGETS": '{"*": {"soft": 10, "hard": 20}}',
        "STICKERDESK_ORCHESTRATOR_LLM_PRICES_OF": '[{"model": "first", "input": 1, "output": 2}]',
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "orchestrator.llm.report", cwd=tmp_path, env=env, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert b"s3cret" not in out
    assert json.loads(out) == {
        "models": [
            {"model": "first", "host": "127.0.0.1", "reach": "does not answer", "cost": "stated"},
            {"model": "second", "host": "127.0.0.1", "reach": "does not answer", "cost": "unknown"},
        ],
        "prices_checked": "",
        "budgets": {"*": {"soft": 10.0, "hard": 20.0}},
        "summaries": "first",
    }
