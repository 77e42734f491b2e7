"""The tools within one answer: what a model may call, what it is told back, and what must be confirmed first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from orchestrator.dialogue.state import PendingCall
from orchestrator.llm.chat import CallMade, ChatMessage, Role, ToolSpec
from orchestrator.metrics import Metrics
from orchestrator.reply.checking import Evidence
from orchestrator.reply.engine import Brief
from orchestrator.reply.masking import Mask
from orchestrator.reply.prompt import as_data
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.effects import Effects
from orchestrator.tools.knowledge import SearchKnowledge
from orchestrator.tools.tool import Card, Outcome, ToolCall, ToolContext, ToolResult
from servicekit.errors import ServiceError, exhausted, forbidden

_AT_ONCE = 4
_IN_ALL = 10
_PENDING = 3
_RESULT_CHARS = 8_000
_WITHOUT_CONSENT = frozenset({"hand_over"})
"""Effects that are carried out at once: whoever asks for a person is not asked whether they meant it."""


@dataclass
class Workbench:
    """Runs the calls of one answer. Effects are not run here: they wait for the customer's word.

    Attributes:
        gather: Collects what is known before any tool is called.
        cards: What results have to show.
        pending: Calls that wait for the customer.
        articles: Help articles that a search found, best first: id and title.
        handed_over: Whether a person was brought in.
    """

    belt: ToolBelt
    effects: Effects
    brief: Brief
    mask: Mask
    gather: Callable[[], Evidence]
    metrics: Metrics
    cards: list[Card] = field(default_factory=list)
    pending: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    articles: list[tuple[str, str]] = field(default_factory=list)
    handed_over: bool = False
    _made: int = 0
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def evidence(self) -> Evidence:
        """What the answer may rest on, results included; gathered when it is first asked for."""
        return self.gather()

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools that this answer may use; after a case acted only those that look."""
        if self.brief.context is None:
            return ()
        return self.belt.specs(self.brief.language, effects=self.brief.told is None)

    @property
    def exhausted(self) -> bool:
        """Whether no call more is allowed."""
        return self._made >= _IN_ALL

    async def answer(self, calls: Sequence[CallMade], context: ToolContext) -> tuple[ChatMessage, ...]:
        """Results of calls, in their order. Those that only look run at once, together."""
        told = await asyncio.gather(*(self._told(place, call, context) for place, call in enumerate(calls)))
        return tuple(
            ChatMessage(Role.TOOL, as_data(self.mask.hide_facts(one))[:_RESULT_CHARS], call_id=call.id)
            for call, one in zip(calls, told, strict=True)
        )

    def question(self) -> str:
        """Asks the customer for consent to what waits."""
        language = self.brief.language
        calls = [(tool, arguments, self.belt.about(tool, language)) for tool, arguments in self.pending]
        return self.effects.question(calls, language)

    def pending_calls(self) -> tuple[PendingCall, ...]:
        """What waits, for the dialogue's state."""
        return tuple(
            PendingCall(tool, msgspec.json.encode(arguments, order="sorted").decode())
            for tool, arguments in self.pending
        )

    async def _told(self, place: int, call: CallMade, context: ToolContext) -> dict[str, Any]:
        self._made += 1
        name = call.name if call.name in self.belt.names else "unknown"
        try:
            if place >= _AT_ONCE or self._made > _IN_ALL:
                raise exhausted("TOO_MANY_CALLS", "too many calls; answer with what is known")
            out = await self._one(call, context)
        except ServiceError as error:
            self.metrics.llm_calls.labels(name, error.reason).inc()
            return {"error": error.reason, "message": error.message, **error.metadata}
        self.metrics.llm_calls.labels(name, str(out.get("outcome"))).inc()
        return out

    async def _one(self, call: CallMade, context: ToolContext) -> dict[str, Any]:
        asked = ToolCall(call.name, self.mask.show_arguments(call.arguments))
        arguments = self.belt.canonical(asked)
        key = f"{call.name} {msgspec.json.encode(arguments, order='sorted').decode()}"
        if key in self._known:
            return self._known[key]
        if self.belt.has_effect(call.name):
            if self.brief.told is not None:
                raise forbidden("TOOL_FORBIDDEN", "what can be done was done already")
            if call.name not in _WITHOUT_CONSENT:
                return self._wait(call.name, arguments)
        result = await self.belt.run(asked, context)
        self._keep(call.name, result)
        self._known[key] = {"outcome": result.outcome, "facts": result.facts}
        return self._known[key]

    def _wait(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if (tool, arguments) not in self.pending:
            if len(self.pending) >= _PENDING:
                raise exhausted("TOO_MANY_CALLS", "the customer is asked about a few things at a time")
            self.pending.append((tool, arguments))
        return {"outcome": "waits_for_customer"}

    def _keep(self, name: str, result: ToolResult) -> None:
        if name == SearchKnowledge.name:
            self._found(result.facts["articles"])
        else:
            self.evidence.tool(name, result.outcome, result.facts)
        if result.card is not None and result.card not in self.cards:
            self.cards.append(result.card)
        if result.outcome is Outcome.HANDED_OVER:
            self.handed_over = True

    def _found(self, articles: list[dict[str, Any]]) -> None:
        for one in articles:
            self.evidence.article(f"{one['title']}\n{one['answer']}")
            self.articles.append((one["id"], one["title"]))
