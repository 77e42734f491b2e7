"""Chat completions, streamed: OpenAI, Qwen/DashScope in compatible mode, DeepSeek, vLLM, Ollama by base URL."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

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
from orchestrator.llm.provider import Provider
from orchestrator.llm.sdk_wire import Reading, SdkWire

_ENDS = {"stop": Ended.STOP, "length": Ended.LENGTH, "tool_calls": Ended.TOOLS, "function_call": Ended.TOOLS}


class OpenAIWire(SdkWire):
    """The `Wire` port on chat completions."""

    sdk, client = "openai", "AsyncOpenAI"

    async def _asked(self, client: Any, request: ChatRequest) -> Any:
        return await client.chat.completions.create(**_body(self._provider, request))

    def _reading(self) -> Reading:
        return _Reading()


@dataclass
class _Reading:
    """What the chunks of one response have said so far."""

    calls: dict[int, list[str]] = field(default_factory=dict)
    ended: Ended | None = None
    usage: Usage | None = None

    def events(self, chunk: Any) -> Iterator[ChatEvent]:
        """What a chunk adds."""
        if chunk.usage is not None:
            details = chunk.usage.prompt_tokens_details
            cached = (details.cached_tokens or 0) if details is not None else 0
            self.usage = Usage(chunk.usage.prompt_tokens or 0, chunk.usage.completion_tokens or 0, cached)
        for choice in chunk.choices[:1]:
            if choice.delta is not None:
                yield from self._of(choice.delta)
            if choice.finish_reason is not None:
                if choice.finish_reason not in _ENDS:
                    raise refused()
                self.ended = _ENDS[choice.finish_reason]

    def _of(self, delta: Any) -> Iterator[ChatEvent]:
        if delta.content:
            yield TextDelta(delta.content)
        for part in delta.tool_calls or ():
            known = part.index in self.calls
            call = self.calls.setdefault(part.index, ["", "", ""])
            call[0] = call[0] or part.id or ""
            if part.function is not None:
                call[1] = call[1] or part.function.name or ""
                call[2] += part.function.arguments or ""
            if not known:
                yield CallBegun(call[1])

    def last(self) -> Iterator[ChatEvent]:
        """The calls, the usage and the end, when there was one."""
        if self.ended is None:
            return
        for index, (identity, name, arguments) in sorted(self.calls.items()):
            yield CallMade(identity or f"call-{index}", name, arguments)
        if self.usage is not None:
            yield self.usage
        yield End(Ended.TOOLS if self.calls else self.ended)


def _body(provider: Provider, request: ChatRequest) -> dict[str, Any]:
    """What the SDK is called with.

    It walks through all that it is given as arguments, milliseconds for a dozen schemas; what stands in `extra_body`
    it sends as it is.
    """
    system = [{"role": "system", "content": request.system}]
    body: dict[str, Any] = {"messages": system + [_message(one) for one in request.messages]}
    if not provider.plain:
        body["stream_options"] = {"include_usage": True}
    if request.tools and (request.may_call or not provider.plain):
        body["tools"] = [
            {"type": "function", "function": {"name": one.name, "description": one.about, "parameters": one.schema}}
            for one in request.tools
        ]
        if not provider.plain:
            body["tool_choice"] = "auto" if request.may_call else "none"
    return {
        "model": provider.model,
        "messages": [],
        "stream": True,
        "max_tokens": request.most_tokens,
        "extra_body": body,
    }


def _message(message: ChatMessage) -> dict[str, Any]:
    if message.role is Role.TOOL:
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.text}
    out: dict[str, Any] = {"role": message.role.value, "content": message.text}
    if message.calls:
        out["content"] = message.text or None
        out["tool_calls"] = [
            {"id": one.id, "type": "function", "function": {"name": one.name, "arguments": one.arguments}}
            for one in message.calls
        ]
    if message.pictures:
        out["content"] = [{"type": "text", "text": message.text}] + [
            {"type": "image_url", "image_url": {"url": f"data:{one.media_type};base64,{_base64(one.data)}"}}
            for one in message.pictures
        ]
    return out


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
