"""Anthropic's messages API, streamed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from orchestrator.llm.chat import (
    CallBegun,
    CallMade,
    ChatEvent,
    ChatMessage,
    ChatRequest,
    End,
    Ended,
    Role,
    TextDelta,
    Usage,
)
from orchestrator.llm.faults import refused
from orchestrator.llm.sdk_wire import Reading, SdkWire

_ENDS = {
    "end_turn": Ended.STOP, "stop_sequence": Ended.STOP, "max_tokens": Ended.LENGTH, "tool_use": Ended.TOOLS,
}  # fmt: skip
_BEFORE = "…"
"""Stands for what was said before, where a conversation as far as it fits begins with the assistant."""


class AnthropicWire(SdkWire):
    """The `Wire` port on Anthropic's messages."""

    sdk, client = "anthropic", "AsyncAnthropic"

    async def _asked(self, client: Any, request: ChatRequest) -> Any:
        return await client.messages.create(**_body(self._provider.model, request))

    def _reading(self) -> Reading:
        return _Reading()


@dataclass
class _Reading:
    """What the events of one response have said so far."""

    calls: dict[int, list[str]] = field(default_factory=dict)
    why: str = ""
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0

    def events(self, chunk: Any) -> Iterator[ChatEvent]:
        """What an event adds."""
        if chunk.type == "message_start":
            usage = chunk.message.usage
            self.cached_tokens = usage.cache_read_input_tokens or 0
            self.input_tokens = usage.input_tokens + self.cached_tokens + (usage.cache_creation_input_tokens or 0)
        elif chunk.type == "content_block_start" and chunk.content_block.type == "tool_use":
            self.calls[chunk.index] = [chunk.content_block.id, chunk.content_block.name, ""]
            yield CallBegun(chunk.content_block.name)
        elif chunk.type == "content_block_delta":
            yield from self._of(chunk)
        elif chunk.type == "message_delta":
            self.why = chunk.delta.stop_reason or self.why
            self.output_tokens = chunk.usage.output_tokens or 0
        elif chunk.type == "message_stop":
            yield from self._end()

    def last(self) -> Iterator[ChatEvent]:
        """Nothing: `message_stop` is the end."""
        return iter(())

    def _of(self, chunk: Any) -> Iterator[ChatEvent]:
        if chunk.delta.type == "text_delta" and chunk.delta.text:
            yield TextDelta(chunk.delta.text)
        elif chunk.delta.type == "input_json_delta" and chunk.index in self.calls:
            self.calls[chunk.index][2] += chunk.delta.partial_json

    def _end(self) -> Iterator[ChatEvent]:
        if self.why not in _ENDS:
            raise refused()
        for _, (identity, name, arguments) in sorted(self.calls.items()):
            yield CallMade(identity, name, arguments or "{}")
        yield Usage(self.input_tokens, self.output_tokens, self.cached_tokens)
        yield End(_ENDS[self.why])


def _body(model: str, request: ChatRequest) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        # The rules and the tools are the same from turn to turn: the provider may keep them.
        "system": [{"type": "text", "text": request.system, "cache_control": {"type": "ephemeral"}}],
        "messages": _messages(request.messages),
        "stream": True,
        "max_tokens": request.most_tokens,
    }
    if request.tools:
        body["tools"] = [
            {"name": one.name, "description": one.about, "input_schema": one.schema} for one in request.tools
        ]
        body["tool_choice"] = {"type": "auto" if request.may_call else "none"}
    return body


def _messages(messages: tuple[ChatMessage, ...]) -> list[dict[str, Any]]:
    """Roles take turns and the user begins; results of tools are the user's."""
    out: list[dict[str, Any]] = []
    for message in messages:
        role = "assistant" if message.role is Role.ASSISTANT else "user"
        if not out and role == "assistant":
            out.append({"role": "user", "content": [{"type": "text", "text": _BEFORE}]})
        if out and out[-1]["role"] == role:
            out[-1]["content"] += _blocks(message)
        else:
            out.append({"role": role, "content": _blocks(message)})
    return out


def _blocks(message: ChatMessage) -> list[dict[str, Any]]:
    if message.role is Role.TOOL:
        return [{"type": "tool_result", "tool_use_id": message.call_id, "content": message.text}]
    blocks: list[dict[str, Any]] = [
        {
            "type": "image",
            "source": {
                "type": "base64", "media_type": one.media_type, "data": base64.b64encode(one.data).decode(),
            },
        }
        for one in message.pictures
    ]  # fmt: skip
    if message.text.strip():
        blocks.append({"type": "text", "text": message.text})
    blocks += [
        {"type": "tool_use", "id": one.id, "name": one.name, "input": _object(one.arguments)} for one in message.calls
    ]
    return blocks or [{"type": "text", "text": _BEFORE}]


def _object(arguments: str) -> Any:
    """What a model wrote as arguments; an empty object where that was no object."""
    try:
        found = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}
