"""Tools with typed arguments and timeouts; one with an effect runs once per key, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from servicekit.errors import ServiceError, internal, invalid, not_found, timeout

ArgsT = TypeVar("ArgsT")


@dataclass(frozen=True)
class Tool(Generic[ArgsT]):
    """Something that can be done.

    Attributes:
        name: As the decision tree or an LLM asks for it.
        about: One sentence for the LLM.
        args: A msgspec struct: its schema is what the LLM sees, its bounds are checked.
        run: Does it.
        timeout_s: Patience.
        effect: Whether it changes something: then it needs a key and a receipt.
    """

    name: str
    about: str
    args: type[ArgsT]
    run: Callable[[ArgsT], Awaitable[Any]]
    timeout_s: float = 2.0
    effect: bool = False


class Receipts(Protocol):
    """Remembers what was done under which key, before and after it is done."""

    async def once(self, key: str, do: Callable[[], Awaitable[Any]]) -> Any:
        """Does it, or answers as the first time."""
        ...


class Toolbox:
    """The tools of a deployment.

    Args:
        tools: With distinct names.
        receipts: Needed as soon as a tool has an effect.

    Raises:
        ValueError: Two tools share a name, or an effect has no receipts.
    """

    def __init__(self, tools: Sequence[Tool[Any]], receipts: Receipts | None = None) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._receipts = receipts
        if len(self._tools) != len(tools):
            raise ValueError("two tools share a name")
        if receipts is None and any(tool.effect for tool in tools):
            raise ValueError("a tool with an effect needs receipts")

    async def call(self, name: str, arguments: object, *, key: str = "") -> Any:
        """Runs a tool.

        Args:
            name: Of the tool.
            arguments: Its struct, or plain data that is checked against it.
            key: For an effect: the same key is the same deed.

        Raises:
            ServiceError: TOOL_UNKNOWN, TOOL_ARGUMENTS, TOOL_TIMEOUT, TOOL_FAILED, or the tool's own.
        """
        tool = self._tools.get(name)
        if tool is None:
            raise not_found("TOOL_UNKNOWN", f"there is no tool {name}")
        args = _checked(tool, arguments)
        if tool.effect and self._receipts is not None:
            if not key:
                raise invalid("TOOL_ARGUMENTS", f"{name} changes something and needs a key")
            return await self._receipts.once(key, lambda: _run(tool, args))
        return await _run(tool, args)


def _checked(tool: Tool[Any], arguments: object) -> Any:
    if isinstance(arguments, tool.args):
        return arguments
    try:
        return msgspec.convert(arguments, tool.args)
    except msgspec.ValidationError as error:
        raise invalid("TOOL_ARGUMENTS", f"{tool.name}: {error}") from error


async def _run(tool: Tool[Any], args: Any) -> Any:
    try:
        async with asyncio.timeout(tool.timeout_s):
            return await tool.run(args)
    except TimeoutError as error:
        raise timeout("TOOL_TIMEOUT", f"{tool.name} took too long") from error
    except ServiceError:
        raise
    except Exception as error:
        raise internal("TOOL_FAILED", f"{tool.name} failed") from error
