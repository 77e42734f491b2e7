"""The one interface to chat models: a request in, events out. Adapters turn it into what a provider speaks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from servicekit.resilience import Deadline


class Role(StrEnum):
    """Who says a message. The system's words stand in the request itself."""

    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Ended(StrEnum):
    """Why a model stopped: it was done, it hit the limit of tokens, or it waits for tools."""

    STOP = "stop"
    LENGTH = "length"
    TOOLS = "tools"


@dataclass(frozen=True)
class Picture:
    """A picture as a model takes it."""

    media_type: str
    data: bytes


@dataclass(frozen=True)
class CallMade:
    """A whole call of a tool. `arguments` is JSON text as the model wrote it: it may be anything."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class ChatMessage:
    """One message.

    Attributes:
        calls: Of an assistant: the tools it asked for.
        call_id: Of a tool: the call that this answers.
        pictures: Of a user.
    """

    role: Role
    text: str = ""
    calls: tuple[CallMade, ...] = ()
    call_id: str = ""
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class ToolSpec:
    """A tool as a model is shown it; `schema` is the JSON schema of its arguments."""

    name: str
    about: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class ChatRequest:
    """What a model is asked.

    Attributes:
        may_call: Whether it may ask for tools. Tools of earlier rounds must be named even when it may not.
    """

    system: str
    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolSpec, ...] = ()
    may_call: bool = True
    most_tokens: int = 700


@dataclass(frozen=True)
class TextDelta:
    """A piece of text; never empty."""

    text: str


@dataclass(frozen=True)
class CallBegun:
    """The model has begun to write a call: it is alive, though there is no text."""

    name: str


@dataclass(frozen=True)
class Usage:
    """Tokens of one request; `cached_tokens` are those of the input that cost less."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True)
class End:
    """The proper end: without it the answer is truncated."""

    why: Ended


ChatEvent = TextDelta | CallBegun | CallMade | Usage | End


class Wire(Protocol):
    """An adapter to one kind of endpoint. It does not wait, retry or count: `PatientChat` does."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """The events of one request; closing the generator closes the connection.

        Raises:
            ServiceError: LLM_RATE_LIMITED, LLM_TIMEOUT, LLM_UNAVAILABLE, LLM_MISCONFIGURED, LLM_REFUSED.
        """
        ...

    async def warm(self) -> None:
        """Imports what is slow to import."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


class ChatModel(Protocol):
    """A model that can be talked to under a deadline."""

    @property
    def name(self) -> str:
        """The model's name, as the operator configured it."""
        ...

    @property
    def sees(self) -> bool:
        """Whether it takes pictures."""
        ...

    @property
    def patience_s(self) -> float:
        """For a whole answer, rounds of tools included."""
        ...

    def stream(self, request: ChatRequest, deadline: Deadline) -> AsyncGenerator[ChatEvent, None]:
        """The events of one request, `End` last. Closing the generator hangs up.

        Raises:
            ServiceError: It cannot, or broke off.
        """
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...
