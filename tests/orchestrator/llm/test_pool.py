"""The connections to a provider: as many as allowed, kept for as long as said, and never more."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from orchestrator.llm.chat import End, Ended
from orchestrator.llm.provider import Dialect
from orchestrator.settings import OrchestratorSettings
from servicekit.resilience import Deadline
from tests.orchestrator.llm.provider import Script, _anthropic, _openai
from tests.orchestrator.llm.test_patient import ASKED, chat, heard

pytestmark = pytest.mark.integration

HELLO = Script(("Hel", "lo"))
both = pytest.mark.parametrize("dialect", list(Dialect))


class Kept:
    """A provider that keeps its connections open, as real ones do.

    Attributes:
        opened: Connections so far.
        open: Connections at this moment.
        most: The most at one moment.
        gate: While it is clear, answers wait.
    """

    def __init__(self) -> None:
        self.opened = self.open = self.most = self.waiting = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.address = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        self.opened += 1
        self.open += 1
        self.most = max(self.most, self.open)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                await reader.readexactly(
                    next(int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:"))
                )
                self.waiting += 1
                await self.gate.wait()
                await self._answer(writer, anthropic="/messages" in head.split()[1])
        self.open -= 1
        writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, *, anthropic: bool) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for _, data in (_anthropic if anthropic else _openai)(HELLO):
            event = f"event: {data['type']}\n" if "type" in data else ""
            writer.write(_piece(f"{event}data: {json.dumps(data)}\n\n"))
        writer.write(b"" if anthropic else _piece("data: [DONE]\n\n"))
        writer.write(b"0\r\n\r\n")
        await writer.drain()


def _piece(text: str) -> bytes:
    data = text.encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


@asynccontextmanager
async def kept() -> AsyncIterator[Kept]:
    """Serves."""
    made = Kept()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()


@both
@pytest.mark.parametrize(("keep_alive_s", "connections"), [(30.0, 1), (0.0, 3)])
async def test_a_connection_is_kept_as_long_as_said(dialect: Dialect, keep_alive_s: float, connections: int) -> None:
    """Three answers over one connection; over three where none may be idle."""
    async with kept() as server, chat(dialect, server.address, keep_alive_s=keep_alive_s) as made:
        for _ in range(3):
            assert (await heard(made))[-1] == End(Ended.STOP)
        assert server.opened == connections


@both
async def test_there_are_no_more_connections_than_allowed(dialect: Dialect) -> None:
    """Of six at once two are asked and four wait for them; all are answered."""
    async with kept() as server, chat(dialect, server.address, connections=2) as made:
        server.gate.clear()
        asked = [asyncio.ensure_future(heard(made)) for _ in range(6)]
        async with asyncio.timeout(10):
            while server.waiting < 2:
                await asyncio.sleep(0.01)
        server.gate.set()
        assert all(events[-1] == End(Ended.STOP) for events in await asyncio.gather(*asked))
        assert (server.most, server.opened) == (2, 2)


@both
async def test_who_waits_for_a_connection_waits_no_longer_than_for_an_answer(dialect: Dialect) -> None:
    """A pool that is taken is a provider that is slow: the turn goes on without it in time, and the place is free."""
    async with kept() as server, chat(dialect, server.address, connections=1, first_token_s=0.3, attempts=1) as made:
        server.gate.clear()
        first = asyncio.ensure_future(heard(made))
        second = asyncio.ensure_future(heard(made))
        failed: list[Any] = await asyncio.gather(first, second, return_exceptions=True)
        assert {error.reason for error in failed} == {"LLM_TIMEOUT"}
        server.gate.set()
        events = [event async for event in made.stream(ASKED, Deadline.after(10))]
        assert events[-1] == End(Ended.STOP)


def test_settings_say_how_many_and_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default 64 connections, kept for 30 s, and 15 s for an answer; each can be set, for fallbacks too."""
    monkeypatch.setenv("STICKERDESK_LLM_API_KEY", "k")
    (provider,) = OrchestratorSettings().providers
    assert (provider.connections, provider.keep_alive_s, provider.total_s) == (64, 30.0, 15.0)
    monkeypatch.setenv("STICKERDESK_LLM_CONNECTIONS", "7")
    monkeypatch.setenv("STICKERDESK_LLM_KEEP_ALIVE_S", "12")
    monkeypatch.setenv("STICKERDESK_LLM_TOTAL_S", "9")
    monkeypatch.setenv("STICKERDESK_LLM_FALLBACKS", '[{"model": "b"}, {"model": "c", "dialect": "anthropic"}]')
    providers = OrchestratorSettings().providers
    assert [one.model for one in providers] == ["gpt-4o-mini", "b", "c"]
    assert {(one.connections, one.keep_alive_s, one.total_s) for one in providers} == {(7, 12.0, 9.0)}
