"""A scripted OpenAI-compatible model: a message of the customer brings the rounds that its scenario wrote for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tests.scenarios.scenario import Round

_PIECE = 12
_LOST = "I have nothing to say to that."


class ScriptedModel:
    """Answers by the customer's last message; how many tool results follow it tells the round.

    Attributes:
        base_url: Where it listens.
        requests: Bodies that came.
    """

    def __init__(self) -> None:
        self.base_url = ""
        self.requests: list[dict[str, Any]] = []
        self._scripts: dict[str, Sequence[Round]] = {}

    def learn(self, said: str, rounds: Sequence[Round]) -> None:
        """What it answers to a message. The longest known message that stands in what the customer said decides."""
        self._scripts[said] = rounds

    def answer(self, messages: Sequence[dict[str, Any]]) -> Round:
        """The round for these messages."""
        last = max((at for at, one in enumerate(messages) if one["role"] == "user"), default=-1)
        said = _words(messages[last]["content"]) if last >= 0 else ""
        known = max((one for one in self._scripts if one in said), key=len, default=None)
        if known is None:
            return Round(text=_LOST)
        at = sum(bool(one.get("tool_calls")) for one in messages[last + 1 :])
        rounds = self._scripts[known]
        return rounds[min(at, len(rounds) - 1)] if rounds else Round(text=_LOST)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.lower().split("\r\n")
            length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
            body = json.loads(await reader.readexactly(length) or b"{}")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
            if body:
                self.requests.append(body)
                for chunk in _chunks(self.answer(body["messages"])):
                    writer.write(f"data: {json.dumps(chunk)}\n\n".encode())
                    await writer.drain()
            writer.write(b"data: [DONE]\n\n")
            await writer.drain()
        writer.close()


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content or [])


def _chunks(one: Round) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    for at, call in enumerate(one.calls):
        function = {"name": call["tool"], "arguments": json.dumps(call.get("arguments", {}), ensure_ascii=False)}
        deltas.append({"tool_calls": [{"index": at, "id": f"call_{at}", "type": "function", "function": function}]})
    deltas += [{"content": one.text[at : at + _PIECE]} for at in range(0, len(one.text), _PIECE)]
    chunks = [_chunk(delta, None) for delta in deltas]
    return [*chunks, _chunk({}, "tool_calls" if one.calls else "stop")]


def _chunk(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": "scripted", "choices": [choice]}


@asynccontextmanager
async def scripted_model() -> AsyncIterator[ScriptedModel]:
    """Serves on a free port."""
    made = ScriptedModel()
    server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
    made.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield made
    finally:
        server.close()
