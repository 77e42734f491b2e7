"""A scripted OpenAI-compatible server on a real socket: it streams, hangs, breaks off and refuses as it is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Script:
    """What one request gets.

    Attributes:
        tokens: Streamed one by one.
        status: Of the response; other than 200: no stream.
        headers: Added to the response.
        finish: The finish reason; empty: the stream breaks off without one.
        hang: Where it hangs until the client goes: "" nowhere, "start" before the status, "first" before the first
            token, "middle" after the tokens.
    """

    tokens: tuple[str, ...] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    finish: str = "stop"
    hang: str = ""


class Provider:
    """The server.

    Attributes:
        requests: Bodies that came.
        hung_up: How many clients left while it hung.
    """

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.requests: list[dict[str, Any]] = []
        self.hung_up = 0
        self.left = asyncio.Event()
        self.base_url = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:"))
            self.requests.append(json.loads(await reader.readexactly(length)))
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            await self._play(script, reader, writer)
        writer.close()

    async def _play(self, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if script.hang == "start":
            await self._until_gone(reader)
            return
        kind = "text/event-stream" if script.status == 200 else "application/json"
        lines = [f"HTTP/1.1 {script.status} X", f"content-type: {kind}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in script.headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        if script.status != 200:
            writer.write(b'{"error": {"message": "scripted", "type": "scripted"}}')
            return
        self._send(writer, {"role": "assistant", "content": ""}, None)
        await writer.drain()
        if script.hang == "first":
            await self._until_gone(reader)
            return
        for token in script.tokens:
            self._send(writer, {"content": token}, None)
            await writer.drain()
        if script.hang == "middle":
            await self._until_gone(reader)
            return
        if script.finish:
            self._send(writer, {}, script.finish)
            writer.write(b"data: [DONE]\n\n")
            await writer.drain()

    def _send(self, writer: asyncio.StreamWriter, delta: dict[str, str], finish: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
        writer.write(f"data: {json.dumps(chunk)}\n\n".encode())

    async def _until_gone(self, reader: asyncio.StreamReader) -> None:
        await reader.read()
        self.hung_up += 1
        self.left.set()


@asynccontextmanager
async def provider(*scripts: Script) -> AsyncIterator[Provider]:
    """Serves; each request takes the next script, the last one stays."""
    made = Provider(*scripts)
    server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
    made.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield made
    finally:
        server.close()
