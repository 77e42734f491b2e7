"""Argument types as JSON schemas that language models take: one flat object, without references."""

from __future__ import annotations

from typing import Any

import msgspec

from orchestrator.llm.chat import ToolSpec
from orchestrator.tools.tool import SelfChecking, Tool


def tool_spec(tool: Tool, language: str) -> ToolSpec:
    """A tool as chat models are shown it."""
    about = tool.about.get(language) or tool.about["en"]
    return ToolSpec(tool.name, about, tool.schema if isinstance(tool, SelfChecking) else json_schema(tool.arguments))


def openai_schema(tool: Tool, language: str) -> dict[str, Any]:
    """A tool as an element of OpenAI's `tools`."""
    spec = tool_spec(tool, language)
    function = {"name": spec.name, "description": spec.about, "parameters": dict(spec.schema)}
    return {"type": "function", "function": function}


def json_schema(arguments: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a struct with its references put in place."""
    schema = msgspec.json.schema(arguments)
    plain: dict[str, Any] = _resolved(schema, schema.get("$defs", {}))
    plain.pop("$defs", None)
    plain.pop("title", None)
    plain.setdefault("required", [])
    return plain


def _resolved(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolved(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        return _resolved({**definitions[name], **{key: node[key] for key in node if key != "$ref"}}, definitions)
    return {key: _resolved(value, definitions) for key, value in node.items()}
