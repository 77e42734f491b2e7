"""What is said of a tool that changes something: the question before it, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from orchestrator.tools.tool import Outcome, ToolResult
from servicekit.errors import ServiceError

_DEFAULT = Path(__file__).parents[1] / "knowledge" / "effects.yaml"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SPACES = re.compile(r" {2,}| +(?=[.,;。，；])")
_ARGUMENT_CHARS = 200
_UNCERTAIN = ("TOOL_TIMEOUT", "TOOL_UNCERTAIN")
ANY = "any"

Texts = dict[str, list[str]]


class _Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    confirm: Texts
    done: Texts
    already: Texts


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ask: dict[str, str]
    declined: dict[str, str]
    failed: dict[str, str]
    uncertain: dict[str, str]
    refused: dict[str, str]
    approval_needed: dict[str, str]
    replies: Texts
    tools: dict[str, _Tool]


class Effects:
    """Words for effects.

    Args:
        path: The data.

    Raises:
        ValueError: The file does not fit.
    """

    def __init__(self, path: Path = _DEFAULT) -> None:
        try:
            self._file = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), _File)
        except msgspec.ValidationError as error:
            raise ValueError(f"{path.name}: {error}") from error

    @property
    def tools(self) -> frozenset[str]:
        """The tools that have words of their own."""
        return frozenset(self._file.tools) - {ANY}

    def replies(self, language: str) -> tuple[str, ...]:
        """What a customer may answer to the question."""
        return tuple(self._file.replies[language])

    def question(self, calls: Sequence[tuple[str, Mapping[str, Any], str]], language: str) -> str:
        """Asks for consent to calls: each a tool, its arguments, and what the tool does in general."""
        told = [self._confirm(tool, arguments, about, language) for tool, arguments, about in calls]
        return self._file.ask[language].format(list=_joined(told, language))

    def declined(self, language: str) -> str:
        """Nothing was done, for the customer said no."""
        return self._file.declined[language]

    def became(self, tool: str, result: ToolResult, language: str) -> str:
        """What became of a call that was carried out."""
        if result.outcome is Outcome.APPROVAL_NEEDED:
            return self._file.approval_needed[language]
        words = self._file.tools.get(tool, self._file.tools[ANY])
        texts = words.already if result.outcome is Outcome.ALREADY else words.done
        return _joined(_filled(texts[language], result.facts), language)

    def failed(self, error: ServiceError, language: str) -> str:
        """What became of a call that was not, or of which nobody can tell."""
        if error.reason in _UNCERTAIN:
            return self._file.uncertain[language]
        refused = error.reason in ("TOOL_NOT_ALLOWED", "TOOL_FORBIDDEN")
        return (self._file.refused if refused else self._file.failed)[language]

    def _confirm(self, tool: str, arguments: Mapping[str, Any], about: str, language: str) -> str:
        if tool in self._file.tools:
            return _joined(_filled(self._file.tools[tool].confirm[language], arguments), language)
        plain = ", ".join(f"{name}: {value}" for name, value in arguments.items() if value not in ("", None))
        values = {"about": about, "arguments": plain[:_ARGUMENT_CHARS]}
        return _joined(_filled(self._file.tools[ANY].confirm[language], values), language)


def _filled(texts: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    """The sentences that have something to say: the first always, the others when all their values are there."""
    out = []
    for place, text in enumerate(texts):
        names = _PLACEHOLDER.findall(text)
        if place == 0 or all(_words(values.get(name)) for name in names):
            filled = _PLACEHOLDER.sub(lambda found: _words(values.get(found[1])), text)
            out.append(_SPACES.sub(_gap, filled))
    return out


def _gap(found: re.Match[str]) -> str:
    after = found.string[found.end() : found.end() + 1]
    return "" if after in ".,;。，；" else " "


def _words(value: Any) -> str:
    """A value as it is said; an amount by its text."""
    if isinstance(value, Mapping):
        return str(value.get("text", ""))
    return "" if value is None else " ".join(str(value).split())[:_ARGUMENT_CHARS]


def _joined(sentences: Sequence[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(sentences)
