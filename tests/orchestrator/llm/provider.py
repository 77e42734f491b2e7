"""A scripted provider on a real socket, in either dialect: it streams, calls tools, hangs, breaks off and refuses."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Event = tuple[str, dict[str, Any]]


@dataclass
class Script:
    """What one request gets.

    Attributes:
        tokens: Streamed one by one.
        calls: Tools that are asked for after the tokens: name and arguments, as text or as data.
        status: Of the response; other than 200: no stream.
        headers: Added to the response.
        finish: "stop", "length", "filter"; empty: the stream breaks off without an end.
        hang: Where it hangs until the client goes: "" nowhere, "start" before the status, "first" before the first
            token, "middle" after the tokens.
        usage: Tokens in and out.
    """

    tokens: tuple[str, ...] = ()
    calls: tuple[tuple[str, Any], ...] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    finish: str = "stop"
    hang: str = ""
    usage: tuple[int, int] = (100, 20)


class Provider:
    """The server.

    Attributes:
        requests: Bodies that came.
        hung_up: How many clients left while it hung.
        choose: Picks the script of a request; by default the next one, the last one stays.
    """

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.requests: list[dict[str, Any]] = []
        self.hung_up = 0
        self.left = asyncio.Event()
        self.address = ""
        self.choose: Callable[[dict[str, Any]], Script] = self._next

    @property
    def base_url(self) -> str:
        """For OpenAI's dialect."""
        return f"{self.address}/v1"

    def _next(self, body: dict[str, Any]) -> Script:
        return self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:"))
            body = json.loads(await reader.readexactly(length))
            self.requests.append(body)
            speak = _anthropic if head.split()[1].split("?")[0].endswith("/messages") else _openai
            await self._play(self.choose(body), speak, reader, writer)
        writer.close()

    async def _play(
        self,
        script: Script,
        speak: Callable[[Script], Iterator[Event]],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if script.hang == "start":
            await self._until_gone(reader)
            return
        kind = "text/event-stream" if script.status == 200 else "application/json"
        lines = [f"HTTP/1.1 {script.status} X", f"content-type: {kind}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in script.headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        if script.status != 200:
            writer.write(b'{"type": "error", "error": {"message": "scripted", "type": "scripted"}}')
            return
        for name, data in speak(script):
            if (script.hang, name) in (("first", "token"), ("first", "end"), ("middle", "end")):
                await self._until_gone(reader)
                return
            if name == "end" and not script.finish:
                return
            writer.write(f"event: {data['type']}\n".encode() if "type" in data else b"")
            writer.write(f"data: {json.dumps(data)}\n\n".encode())
            await writer.drain()
        if speak is _openai:
            writer.write(b"data: [DONE]\n\n")

    async def _until_gone(self, reader: asyncio.StreamReader) -> None:
        await reader.read()
        self.hung_up += 1
        self.left.set()


def _text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def _openai(script: Script) -> Iterator[Event]:
    def chunk(delta: dict[str, Any], finish: str | None = None, usage: bool = False) -> dict[str, Any]:
        choices = [] if usage else [{"index": 0, "delta": delta, "finish_reason": finish}]
        out = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": choices}
        read, written = script.usage
        counts = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
        return {**out, "usage": counts} if usage else out

    yield "begin", chunk({"role": "assistant", "content": ""})
    for token in script.tokens:
        yield "token", chunk({"content": token})
    for index, (name, arguments) in enumerate(script.calls):
        function = {"name": name, "arguments": ""}
        yield (
            "token",
            chunk({"tool_calls": [{"index": index, "id": f"c{index}", "type": "function", "function": function}]}),
        )
        for half in _halves(_text(arguments)):
            yield "token", chunk({"tool_calls": [{"index": index, "function": {"arguments": half}}]})
    ends = {"filter": "content_filter", "": "stop"}
    yield "end", chunk({}, "tool_calls" if script.calls else ends.get(script.finish, script.finish))
    yield "usage", chunk({}, usage=True)


def _anthropic(script: Script) -> Iterator[Event]:
    read, written = script.usage
    usage = {"input_tokens": read, "output_tokens": 1}
    message = {"id": "x", "type": "message", "role": "assistant", "content": [], "model": "m", "stop_reason": None,
               "stop_sequence": None, "usage": usage}  # fmt: skip
    yield "begin", {"type": "message_start", "message": message}
    if script.tokens:
        yield "begin", {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    for token in script.tokens:
        delta: dict[str, Any] = {"type": "text_delta", "text": token}
        yield "token", {"type": "content_block_delta", "index": 0, "delta": delta}
    for index, (name, arguments) in enumerate(script.calls, start=1):
        block = {"type": "tool_use", "id": f"c{index - 1}", "name": name, "input": {}}
        yield "token", {"type": "content_block_start", "index": index, "content_block": block}
        for half in _halves(_text(arguments)):
            delta = {"type": "input_json_delta", "partial_json": half}
            yield "token", {"type": "content_block_delta", "index": index, "delta": delta}
        yield "token", {"type": "content_block_stop", "index": index}
    ends = {"stop": "end_turn", "length": "max_tokens", "filter": "refusal", "": "end_turn"}
    why = {"stop_reason": "tool_use" if script.calls else ends[script.finish], "stop_sequence": None}
    yield "end", {"type": "message_delta", "delta": why, "usage": {"output_tokens": written}}
    yield "stop", {"type": "message_stop"}


def _halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


@asynccontextmanager
async def provider(*scripts: Script) -> AsyncIterator[Provider]:
    """Serves; each request takes the next script, the last one stays."""
    made = Provider(*scripts)
    server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
    made.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
