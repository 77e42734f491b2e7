"""Tools of an MCP server: those that the operator allows, for as long as the server is there.

A connection lives in one task, as its SDK asks; it is renewed when it breaks, and the list of tools with it. The SDK is
imported when the first server is mounted.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.foreign import ForeignReceipts, ForeignTool, refused, usable
from orchestrator.tools.tool import Outcome, ToolResult
from servicekit.errors import timeout, unavailable
from servicekit.resilience import backoff
from servicekit.telemetry import get_logger

SEPARATOR = "__"
_NAME_CHARS = 64
_ABOUT_CHARS = 600
_TEXT_CHARS = 8_000
_TOLD_CHARS = 300
_PAGES = 20
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True)
class Allowed:
    """A tool that may be used.

    Attributes:
        effect: Whether it changes something: then the customer is asked first, and it is done once.
        about: What a model reads about it, by language; empty: what the server says.
    """

    name: str
    effect: bool = True
    timeout_s: float = 5.0
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class McpServer:
    """Where a server is: a command that speaks over its own pipes, or a URL that speaks streamable HTTP.

    Attributes:
        name: Before the names of its tools.
        env: All that the command's environment has beside a few harmless variables: nothing of ours.
        headers: For the URL.
        refresh_s: How often the list of tools is read again.
    """

    name: str
    allowed: tuple[Allowed, ...]
    command: tuple[str, ...] = ()
    url: str = ""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    connect_s: float = 10.0
    refresh_s: float = 60.0


class McpMount:
    """Keeps the tools of one server on the belt.

    Args:
        server: Which.
        belt: Where they hang.
        receipts: For effects.
        rng: For jitter.
    """

    def __init__(
        self, server: McpServer, belt: ToolBelt, receipts: ForeignReceipts | None, rng: random.Random | None = None
    ) -> None:
        self._server, self._belt, self._receipts = server, belt, receipts
        self._rng = rng or random.Random()
        self._client: Any = None
        self._broken = asyncio.Event()
        self._mounted: frozenset[str] = frozenset()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self.ready = asyncio.Event()
        self._log = get_logger("mcp")

    async def start(self, patience_s: float = 0.0) -> None:
        """Begins to connect; waits so long for the first time that the tools are there."""
        self._task = asyncio.create_task(self._keep())
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self.ready.wait()

    async def stop(self) -> None:
        """Takes the tools away and hangs up."""
        # A failing connection may swallow the cancellation: the SDK raises its own error in its place.
        self._stopping = True
        self._broken.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._take_away()

    async def _keep(self) -> None:
        failures = 0
        while not self._stopping:
            try:
                async with self._connected():
                    failures = 0
                    await self._serve()
            except Exception as error:
                self._log.warning("MCP server out of reach", server=self._server.name, kind=type(error).__name__)
            self._take_away()
            if self._stopping:
                return
            await asyncio.sleep(backoff(failures, base_s=0.5, cap_s=30.0, rng=self._rng))
            failures += 1

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        sdk = await asyncio.to_thread(_sdk)
        async with _transport(sdk, self._server) as where, sdk.Client(where) as client:
            self._client = client
            self._broken.clear()
            try:
                yield
            finally:
                self._client = None

    async def _serve(self) -> None:
        while not (self._broken.is_set() or self._stopping):
            async with asyncio.timeout(self._server.connect_s):
                tools = await self._listed()
            self._belt.mount(tools)
            self._mounted |= {tool.name for tool in tools}
            self.ready.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._server.refresh_s):
                    await self._broken.wait()

    async def _listed(self) -> list[ForeignTool]:
        found: dict[str, Any] = {}
        cursor: str | None = None
        for _ in range(_PAGES):
            page = await self._client.list_tools(cursor=cursor)
            found |= {tool.name: tool for tool in page.tools}
            cursor = page.next_cursor
            if not cursor:
                break
        out = []
        for allowed in self._server.allowed:
            tool = found.get(allowed.name)
            if tool is None or not usable(tool.input_schema):
                self._log.warning("MCP tool not mounted", server=self._server.name, tool=allowed.name)
                continue
            out.append(self._tool(allowed, tool))
        return out

    def _tool(self, allowed: Allowed, tool: Any) -> ForeignTool:
        said = " ".join((tool.description or tool.title or allowed.name).split())[:_ABOUT_CHARS]
        about = {"en": said, **allowed.about}

        async def call(arguments: dict[str, Any], patience_s: float) -> ToolResult:
            return await self._call(allowed, arguments, patience_s)

        return ForeignTool(
            _name(self._server.name, allowed.name), about, tool.input_schema, allowed.effect, allowed.timeout_s, call,
            self._receipts,
        )  # fmt: skip

    async def _call(self, allowed: Allowed, arguments: dict[str, Any], patience_s: float) -> ToolResult:
        client = self._client
        if client is None:
            raise unavailable("TOOL_UNAVAILABLE", "the system behind this tool is out of reach")
        try:
            async with asyncio.timeout(patience_s):
                result = await client.call_tool(allowed.name, arguments)
        except TimeoutError as error:
            raise timeout("TOOL_TIMEOUT", "the system behind this tool took too long") from error
        except Exception as error:
            self._broken.set()
            raise unavailable("TOOL_UNAVAILABLE", "the system behind this tool is out of reach") from error
        return _result(result, effect=allowed.effect)

    def _take_away(self) -> None:
        self._belt.unmount(self._mounted)
        self._mounted = frozenset()


def _name(server: str, tool: str) -> str:
    return _NOT_A_NAME.sub("_", f"{server}{SEPARATOR}{tool}")[:_NAME_CHARS]


@asynccontextmanager
async def _transport(sdk: Any, server: McpServer) -> AsyncIterator[Any]:
    """What the SDK's client connects to."""
    if server.command:
        command, *args = server.command
        yield sdk.StdioServerParameters(command=command, args=args, env=dict(server.env))
        return
    from httpx2 import AsyncClient, Timeout
    from mcp.client.streamable_http import streamable_http_client

    patience = Timeout(server.connect_s, read=server.refresh_s * 2)
    async with AsyncClient(headers=dict(server.headers), timeout=patience) as http:
        yield streamable_http_client(server.url, http_client=http)


def _result(result: Any, *, effect: bool) -> ToolResult:
    """What a server answered, as data of a sane size.

    Raises:
        ServiceError: TOOL_NOT_ALLOWED (412): the tool says that it did not do it; `told` is what it says.
    """
    text = "\n".join(part.text for part in result.content if getattr(part, "type", "") == "text")
    if result.is_error:
        raise refused(text[:_TOLD_CHARS])
    return ToolResult(Outcome.DONE if effect else Outcome.FOUND, _facts(result.structured_content, text))


def _facts(structured: Any, text: str) -> dict[str, Any]:
    if structured is None and text.lstrip()[:1] in "{[" and text.strip():
        with suppress(msgspec.DecodeError):
            structured = msgspec.json.decode(text)
    if structured is None:
        return {"text": text[:_TEXT_CHARS]}
    if len(msgspec.json.encode(structured)) > _TEXT_CHARS:
        return {"text": msgspec.json.encode(structured).decode(errors="replace")[:_TEXT_CHARS], "cut": True}
    return structured if isinstance(structured, dict) else {"result": structured}


def _sdk() -> Any:
    import mcp

    return mcp
