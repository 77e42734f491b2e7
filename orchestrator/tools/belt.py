"""Runs tools: checks arguments, keeps time, turns every failure into a typed error."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from orchestrator.llm.chat import ToolSpec
from orchestrator.tools.schemas import openai_schema, tool_spec
from orchestrator.tools.tool import SelfChecking, Tool, ToolCall, ToolContext, ToolResult, canonical
from servicekit.errors import ServiceError, forbidden, internal, invalid, not_found, timeout

_MOST_CHARS = 16_000
_FIELD = re.compile(r"at `\$\.([A-Za-z_]+)|field `([A-Za-z_]+)`")


class ToolBelt:
    """The tools of a deployment.

    Args:
        tools: With distinct names.
        switched_off: Names of tools that this deployment does not let anybody use.

    Raises:
        ValueError: Two tools share a name, or one that is switched off does not exist.
    """

    def __init__(self, tools: Sequence[Tool], switched_off: Collection[str] = ()) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._off = frozenset(switched_off)
        if len(self._tools) != len(tools):
            raise ValueError("two tools share a name")
        if unknown := self._off - self._tools.keys():
            raise ValueError(f"no tool is called {', '.join(sorted(unknown))}")
        self._specs: dict[tuple[str, bool], tuple[ToolSpec, ...]] = {}

    def mount(self, tools: Sequence[Tool]) -> None:
        """Adds tools of a server that came up, or puts them in the place of their namesakes."""
        self._tools |= {tool.name: tool for tool in tools}
        self._specs.clear()

    def unmount(self, names: Collection[str]) -> None:
        """Takes away tools of a server that went down."""
        self._tools = {name: tool for name, tool in self._tools.items() if name not in names}
        self._specs.clear()

    @property
    def names(self) -> tuple[str, ...]:
        """The tools that can be used."""
        return tuple(name for name in self._tools if name not in self._off)

    def has_effect(self, name: str) -> bool:
        """Whether the tool changes something."""
        return self._tool(name).effect

    def schemas(self, language: str) -> list[dict[str, Any]]:
        """The tools as OpenAI's `tools` parameter takes them."""
        return [openai_schema(self._tools[name], language) for name in self.names]

    def specs(self, language: str, *, effects: bool = True) -> tuple[ToolSpec, ...]:
        """The tools as chat models are shown them; without `effects` only those that look."""
        key = (language, effects)
        if key not in self._specs:
            shown = (self._tools[name] for name in self.names)
            self._specs[key] = tuple(tool_spec(tool, language) for tool in shown if effects or not tool.effect)
        return self._specs[key]

    def about(self, name: str, language: str) -> str:
        """What a tool does, in a sentence or two."""
        about = self._tool(name).about
        return about.get(language) or about["en"]

    def canonical(self, call: ToolCall) -> dict[str, Any]:
        """The checked arguments of a call as plain data with defaults filled in.

        Raises:
            ServiceError: TOOL_UNKNOWN, TOOL_FORBIDDEN, TOOL_ARGUMENT_INVALID.
        """
        checked = self._checked(self._tool(call.name), call.arguments)
        return canonical(checked) if isinstance(checked, msgspec.Struct) else dict(checked)

    async def run(self, call: ToolCall, context: ToolContext) -> ToolResult:
        """Runs a call.

        Within one turn the same call with an effect is carried out once; asked again it answers from its receipt
        (`duplicate`). After TOOL_TIMEOUT it may or may not have been carried out: asking again finds out.

        Raises:
            ServiceError: TOOL_UNKNOWN, TOOL_FORBIDDEN (not this customer's, or switched off), TOOL_ARGUMENT_INVALID
                (`metadata`: field, and choices where there are few), TOOL_NOT_ALLOWED (`metadata`: rule and facts),
                TOOL_TIMEOUT, TOOL_FAILED, BACKOFFICE_UNAVAILABLE.
        """
        tool = self._tool(call.name)
        return await _timed(tool, context, self._checked(tool, call.arguments))

    def _tool(self, name: str) -> Tool:
        tool = self._tools.get(name)
        if tool is None:
            raise not_found("TOOL_UNKNOWN", "there is no such tool")
        if name in self._off:
            raise forbidden("TOOL_FORBIDDEN", f"{name} is switched off here")
        return tool

    def _checked(self, tool: Tool, arguments: Any) -> Any:
        try:
            if isinstance(arguments, str):
                arguments = msgspec.json.decode(arguments[:_MOST_CHARS] or "{}")
            if isinstance(tool, SelfChecking):
                return tool.checked(dict(arguments))
            return msgspec.convert(dict(arguments), tool.arguments)
        except msgspec.MsgspecError as error:
            raise _wrong(tool.name, error) from error
        except (TypeError, ValueError) as error:
            raise invalid("TOOL_ARGUMENT_INVALID", f"{tool.name} takes a JSON object") from error


def _wrong(name: str, error: msgspec.MsgspecError) -> ServiceError:
    # The text of the error may quote a customer; the field's name is ours, or a word that nobody is shown.
    found = _FIELD.search(str(error))
    field = (found[1] or found[2]) if found else ""
    what = f"{field} is missing or does not fit" if field else "the arguments are not what it takes"
    return invalid("TOOL_ARGUMENT_INVALID", f"{name}: {what}", metadata={"field": field} if field else {})


async def _timed(tool: Tool, context: ToolContext, arguments: Any) -> ToolResult:
    patience_s = tool.timeout_s
    if context.deadline is not None:
        patience_s = min(patience_s, context.deadline.remaining_s)
    try:
        async with asyncio.timeout(patience_s):
            return await tool.run(context, arguments)
    except TimeoutError as error:
        raise timeout("TOOL_TIMEOUT", f"{tool.name} took too long") from error
    except ServiceError:
        raise
    except Exception as error:
        raise internal("TOOL_FAILED", f"{tool.name} failed") from error
