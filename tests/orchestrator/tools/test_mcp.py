"""Tools of a real MCP server, a process of its own, over pipes and over streamable HTTP."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from launcher.ports import LOOPBACK
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.foreign import ForeignReceipts, usable
from orchestrator.tools.mcp_mount import Allowed, McpMount, McpServer
from orchestrator.tools.tool import Outcome, ToolCall, ToolResult
from servicekit.errors import Code, ServiceError
from tests.orchestrator.backoffice.shops import Shop, talk

pytestmark = pytest.mark.integration

_ROOT = Path(__file__).parents[3]
_MODULE = "tests.orchestrator.tools.mcp_server"
ALLOWED = (
    Allowed("stock", effect=False), Allowed("reserve"), Allowed("slow", timeout_s=1.0), Allowed("huge", effect=False),
    Allowed("secrets", effect=False), Allowed("crash", effect=False), Allowed("nowhere"),
)  # fmt: skip


def over_pipes(log: Path, **fields: Any) -> McpServer:
    command = (sys.executable, "-m", _MODULE, "stdio", str(log))
    return McpServer("erp", ALLOWED, command=command, env={"PYTHONPATH": str(_ROOT)}, **fields)


@asynccontextmanager
async def over_http(log: Path, port: int) -> AsyncIterator[McpServer]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", _MODULE, str(port), str(log), cwd=_ROOT, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield McpServer("erp", ALLOWED, url=f"http://{LOOPBACK}:{port}/mcp", headers={"x-key": "k"})
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def mounted(server: McpServer, shop: Shop | None) -> AsyncIterator[ToolBelt]:
    belt = ToolBelt([])
    mount = McpMount(server, belt, ForeignReceipts(shop.office) if shop else None, random.Random(1))
    await mount.start(patience_s=30.0)
    assert mount.ready.is_set()
    yield belt
    await mount.stop()
    assert belt.names == ()


async def run(belt: ToolBelt, name: str, turn: str = "t1", **arguments: Any) -> ToolResult:
    return await belt.run(ToolCall(f"erp__{name}", arguments), talk("demo-lin", turn=turn))


async def refused(belt: ToolBelt, name: str, turn: str = "t1", **arguments: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await run(belt, name, turn, **arguments)
    return caught.value


@pytest.fixture(params=["pipes", "http"])
async def belt(
    request: pytest.FixtureRequest, shop: Shop, tmp_path: Path, free_tcp_port: int
) -> AsyncIterator[ToolBelt]:
    """The server's tools on a belt."""
    if request.param == "pipes":
        async with mounted(over_pipes(tmp_path / "log"), shop) as made:
            yield made
        return
    async with over_http(tmp_path / "log", free_tcp_port) as server, mounted(server, shop) as made:
        yield made


def log(folder: Path) -> list[str]:
    path = folder / "log"
    return path.read_text().splitlines() if path.exists() else []


async def test_only_what_is_allowed_is_there(belt: ToolBelt) -> None:
    """Tools that the operator names and the server has; shown with their schema, effects marked."""
    assert set(belt.names) == {f"erp__{one.name}" for one in ALLOWED if one.name != "nowhere"}
    spec = next(one for one in belt.specs("zh") if one.name == "erp__reserve")
    assert spec.schema["required"] == ["sku", "pieces"]
    assert (belt.has_effect("erp__reserve"), belt.has_effect("erp__stock")) == (True, False)


async def test_looking(belt: ToolBelt) -> None:
    """Structured results are facts; huge ones are cut."""
    found = await run(belt, "stock", sku="mug")
    assert (found.outcome, found.facts["pieces"], found.facts["warehouse"]) == (Outcome.FOUND, 7, "main")
    assert len(str((await run(belt, "huge")).facts)) < 10_000


@pytest.mark.parametrize(
    ("arguments", "field"), [({}, ""), ({"sku": 3}, "sku"), ({"sku": "a", "warehouse": ["x"]}, "warehouse")]
)
async def test_bad_arguments(belt: ToolBelt, arguments: dict[str, Any], field: str) -> None:
    """The schema is checked here, before anything is sent."""
    error = await refused(belt, "stock", **arguments)
    assert (error.code, error.reason, error.metadata.get("field", "")) == (Code.INVALID, "TOOL_ARGUMENT_INVALID", field)


async def test_an_effect_happens_once(belt: ToolBelt, tmp_path: Path) -> None:
    """The same call of the same turn answers from its receipt; another turn's is made."""
    first, again = await run(belt, "reserve", sku="mug", pieces=2), await run(belt, "reserve", sku="mug", pieces=2)
    assert (first.outcome, first.duplicate, again.duplicate, again.facts) == (Outcome.DONE, False, True, first.facts)
    await run(belt, "reserve", "t2", sku="mug", pieces=2)
    assert log(tmp_path) == ["mug 2", "mug 2"]


async def test_a_refusal_is_told(belt: ToolBelt, tmp_path: Path) -> None:
    """What the other system says is told as data; asked again in the same turn it is not called again."""
    for _ in range(2):
        error = await refused(belt, "reserve", sku="mug", pieces=9)
        assert (error.code, error.reason) == (Code.PRECONDITION, "TOOL_NOT_ALLOWED")
        assert "only 7 pieces" in error.metadata["told"]
    assert log(tmp_path) == []


async def test_nobody_knows_how_it_ended(belt: ToolBelt, tmp_path: Path) -> None:
    """An effect that was begun and did not answer is not made again."""
    assert (await refused(belt, "slow", sku="mug")).reason == "TOOL_TIMEOUT"
    assert (await refused(belt, "slow", sku="mug")).reason == "TOOL_UNCERTAIN"
    assert log(tmp_path) == ["slow mug"]


async def test_what_a_server_says_is_no_source_for_giving(belt: ToolBelt) -> None:
    """Descriptions and results that order things around are text: see also the tests of the engine."""
    found = await run(belt, "stock", sku="mug")
    assert "SYSTEM" in found.facts["note"]
    assert len(belt.about("erp__stock", "en")) < 700


async def test_a_command_sees_nothing_of_ours(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment has what the operator gave it and a few harmless variables."""
    monkeypatch.setenv("STICKERDESK_LLM_API_KEY", "secret")
    async with mounted(over_pipes(tmp_path / "log"), shop) as belt:
        assert "STICKERDESK" not in str((await run(belt, "secrets")).facts)


async def test_a_server_that_dies_comes_back(shop: Shop, tmp_path: Path) -> None:
    """A call into the void is 503; the tools are there again when the server is."""
    async with mounted(over_pipes(tmp_path / "log"), shop) as belt:
        assert (await refused(belt, "crash")).reason in ("TOOL_UNAVAILABLE", "TOOL_TIMEOUT")
        async with asyncio.timeout(30):
            while True:
                try:
                    assert (await run(belt, "stock", sku="mug")).facts["pieces"] == 7
                    break
                except ServiceError:
                    await asyncio.sleep(0.05)


async def test_a_server_that_is_not_there_keeps_nobody(tmp_path: Path) -> None:
    """The deployment starts without it."""
    belt = ToolBelt([])
    for server in (
        McpServer("a", ALLOWED, command=("/nonexistent/command",)),
        McpServer("b", ALLOWED, url="http://127.0.0.1:1/mcp"),
    ):
        mount = McpMount(server, belt, None)
        await mount.start(patience_s=0.2)
        await mount.stop()
    assert belt.names == ()


class _Swallowing(McpMount):
    """A connection that, when it is cancelled, fails with an error of its own, as the SDK's does now and then."""

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ConnectionError("in place of the cancellation") from None
        yield


async def test_a_connection_that_swallows_its_cancellation_is_stopped_all_the_same() -> None:
    """Nobody waits for ever at the end of the process."""
    mount = _Swallowing(McpServer("a", ALLOWED, url="http://127.0.0.1:1/mcp"), ToolBelt([]), None)
    await mount.start(patience_s=0.05)
    async with asyncio.timeout(10):
        await mount.stop()


async def test_effects_need_receipts(tmp_path: Path) -> None:
    """Without a back office nothing is changed elsewhere."""
    async with mounted(over_pipes(tmp_path / "log"), None) as belt:
        assert (await refused(belt, "reserve", sku="mug", pieces=1)).reason == "TOOL_NOT_ALLOWED"
    assert log(tmp_path) == []


@pytest.mark.parametrize(
    "schema", [{"type": "string"}, {"type": 3}, {}, {"type": "object", "description": "x" * 40_000}]
)
def test_schemas_that_are_not_used(schema: dict[str, Any]) -> None:
    """Not an object's, not valid, or too large."""
    assert not usable(schema)
