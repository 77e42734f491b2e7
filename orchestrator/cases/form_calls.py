"""What a confirmed form does: its tool is called once, and the outcome becomes words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.cases.form_words import FormWords
from orchestrator.cases.told import Part
from orchestrator.dialogue.addresses import taken_apart
from orchestrator.dialogue.fitting import refusal
from orchestrator.dialogue.forms import Form, text_name
from orchestrator.dialogue.state import FormPosition
from orchestrator.dialogue.world import World
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import Card, Outcome, ToolCall, ToolContext, ToolResult
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_FIELD = re.compile(r"\{(\w+)(?:\.(\w+)|=(\w+))?\}")
# What another value may cure: the slot that is asked for again.
_CURABLE = {"out_of_stock": "wanted"}


@dataclass(frozen=True)
class Called:
    """What came of it.

    Attributes:
        done: Whether it was done just now.
        refused: Whether a rule forbids it.
        approval: Under which number it waits for a person's approval; empty when it does not.
        again: The form's position when it stays open; None when it is over.
    """

    parts: tuple[Part, ...]
    facts: tuple[Mapping[str, Any], ...] = ()
    cards: tuple[Card, ...] = ()
    done: bool = False
    approval: str = ""
    refused: bool = False
    again: FormPosition | None = None


class FormCalls:
    """Calls the tools of forms.

    Args:
        belt: Where they are.
        words: For what they tell.
    """

    def __init__(self, belt: ToolBelt, words: FormWords) -> None:
        self._belt, self._words = belt, words
        self._log = get_logger("forms")

    async def run(self, form: Form, position: FormPosition, world: World, context: ToolContext) -> Called:
        """Does what the form is for. A lost answer is asked for once more: receipts tell what became of it."""
        call = ToolCall(form.tool, arguments_of(form, position.filled))
        for last in (False, True):
            try:
                return self._became(form, position, world, await self._belt.run(call, context), context.language)
            except ServiceError as error:
                self._log.info("a form's tool refused or failed", form=form.name, reason=error.reason)
                if error.retryable and not last:
                    continue
                return self._failed(form, position, world, error)
        raise AssertionError("the loop returns")

    def _became(self, form: Form, position: FormPosition, world: World, result: ToolResult, language: str) -> Called:
        values = {
            **self._words.values(form, position.filled, world),
            **self._words.facts(result.facts, language),
        }
        outcome = result.outcome.value
        name = text_name(form.name, f"result/{outcome}") if outcome in form.results else outcome
        parts = [Part(name, values)]
        if result.outcome is Outcome.DONE:
            parts += [Part(text_name(form.name, f"also/{one}"), values) for one in form.also if one in values]
        told = {"tool": form.tool, "outcome": outcome, "facts": result.facts}
        cards = (result.card,) if result.card is not None else ()
        waits = str(result.facts.get("approval", "")) if result.outcome is Outcome.APPROVAL_NEEDED else ""
        return Called(tuple(parts), (told,), cards, result.outcome is Outcome.DONE, waits)

    def _failed(self, form: Form, position: FormPosition, world: World, error: ServiceError) -> Called:
        values = self._words.values(form, position.filled, world)
        if error.retryable:
            return Called((Part("form_failed", {}),), again=position)
        told = ({"tool": form.tool, "outcome": "refused", "facts": dict(error.metadata)},)
        if error.reason != "TOOL_NOT_ALLOWED":
            return Called((Part("form_refused", {}),), told)
        rule = str(error.metadata.get("rule", ""))
        cure = _CURABLE.get(rule, "")
        again = None
        if cure in position.filled:
            filled = {name: value for name, value in position.filled.items() if name != cure}
            again = FormPosition(form.name, cure, filled)
        said = Part(refusal(form, rule), {**values, **error.metadata, **values})
        return Called((said,), told, again=again, refused=True)


def arguments_of(form: Form, filled: Mapping[str, str]) -> dict[str, Any]:
    """The tool's arguments; those for which nothing is known are left out."""
    out: dict[str, Any] = {}
    for argument, template in form.arguments.items():
        value = _argument(form, template, filled)
        if value not in ("", None):
            out[argument] = value
    return out


def _argument(form: Form, template: str, filled: Mapping[str, str]) -> Any:
    whole = _FIELD.fullmatch(template)
    if whole is None:
        return _FIELD.sub(lambda found: filled.get(found[1], ""), template)
    name, part, equals = whole.groups()
    value = filled.get(name, "")
    if equals:
        return value == equals
    if part:
        return getattr(taken_apart(value), part) if value else ""
    if value and any(slot.name == name and slot.type == "number" for slot in form.slots):
        return int(value)
    return value
