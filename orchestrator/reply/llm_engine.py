"""The language model as an engine: rounds of tools and words, every sentence checked before it leaves.

A draft that states what has no source is void and asked for once more; a second one is given up, and the next engine
answers. Whatever changes something waits for the customer's word.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from orchestrator.journal.entries import Citation
from orchestrator.llm.accounting import BudgetState, Meter
from orchestrator.llm.chat import CallMade, ChatMessage, ChatModel, ChatRequest, Role, TextDelta, Usage
from orchestrator.llm.limits import TenantLimits
from orchestrator.metrics import Metrics
from orchestrator.policy.decision import Action
from orchestrator.reply.checking import FactCheck
from orchestrator.reply.engine import Anew, Brief, Closing
from orchestrator.reply.evidence import gathered
from orchestrator.reply.gate import Gate, Unsupported, unsupported
from orchestrator.reply.masking import Mask, Personal
from orchestrator.reply.prompt import Prompt
from orchestrator.reply.templates import ASK_FOR_PERSON
from orchestrator.reply.window import tokens
from orchestrator.reply.workbench import Workbench
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.effects import Effects
from servicekit.errors import exhausted
from servicekit.resilience import Deadline

_DRAFTS = 2
_ROUNDS = 4
_MOST_CARDS = 6


@dataclass(frozen=True)
class Around:
    """What all models of a deployment share."""

    prompt: Prompt
    belt: ToolBelt
    effects: Effects
    check: FactCheck
    meter: Meter
    limits: TenantLimits
    metrics: Metrics
    masked: frozenset[Personal] = frozenset()


class LlmEngine:
    """The `ReplyEngine` port on a chat model.

    Args:
        chat: The model.
        around: What it shares with others.
        spare: Whether it also answers for tenants who are over their soft budget.
    """

    def __init__(self, chat: ChatModel, around: Around, *, spare: bool = True) -> None:
        self._chat, self._around, self._spare = chat, around, spare

    @property
    def name(self) -> str:
        """The model's name."""
        return self._chat.name

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Anew | Closing]:
        """See the port."""
        tenant = brief.context.tenant if brief.context is not None else ""
        state = self._around.meter.state(tenant)
        if state is BudgetState.HARD or (state is BudgetState.SOFT and not self._spare):
            raise exhausted("LLM_BUDGET", "the budget for language models is used up")
        deadline = deadline.shrink(self._chat.patience_s)
        async with self._around.limits.place(tenant):
            answer = _Answer.of(self._chat, self._around, brief, tenant, deadline)
            for draft in range(_DRAFTS):
                try:
                    async with aclosing(answer.draft()) as pieces:
                        async for piece in pieces:
                            yield piece
                    break
                except Unsupported as error:
                    for kind in set(error.kinds):
                        self._around.metrics.llm_withheld.labels(kind).inc()
                    if draft + 1 == _DRAFTS:
                        raise unsupported() from error
                    answer.correct(error)
                yield Anew()
        yield answer.closing()


@dataclass
class _Answer:
    """One answer of one model."""

    chat: ChatModel
    around: Around
    brief: Brief
    tenant: str
    deadline: Deadline
    mask: Mask
    bench: Workbench
    request: ChatRequest
    rounds: int = 0
    calls: list[CallMade] = field(default_factory=list)

    @classmethod
    def of(cls, chat: ChatModel, around: Around, brief: Brief, tenant: str, deadline: Deadline) -> _Answer:
        """Before the first request."""
        mask = Mask(around.masked)
        bench = Workbench(
            around.belt, around.effects, brief, mask, lambda: gathered(brief, around.prompt), around.metrics
        )
        request = around.prompt.request(brief, mask, bench.specs, sees=chat.sees)
        return cls(chat, around, brief, tenant, deadline, mask, bench, request)

    async def draft(self) -> AsyncGenerator[str, None]:
        """Pieces of an answer. Raises `Unsupported` when it must not stand."""
        said = False
        while True:
            self.rounds += 1
            may_call = bool(self.request.tools) and self.rounds < _ROUNDS and not self.bench.exhausted
            gate = Gate(self.around.check, lambda: self.bench.evidence)
            async with aclosing(self._round(replace(self.request, may_call=may_call), gate)) as pieces:
                async for piece in pieces:
                    said = said or bool(piece.strip())
                    yield piece
            if not self.calls or not may_call:
                break
            await self._use_tools()
            if self.bench.pending:
                yield ("\n\n" if said else "") + self.bench.question()
                break
            if said:
                yield "\n\n"

    def correct(self, error: Unsupported) -> None:
        """Tells the model why its draft was not sent."""
        note = self.around.prompt.correction(self.brief, error.kinds, self.mask.hide(error.sentence))
        self.request = replace(self.request, system=f"{self.request.system}\n{note}")
        self.bench.pending.clear()

    def closing(self) -> Closing:
        """How the answer ends."""
        bench, language, action = self.bench, self.brief.language, self.brief.decision.action
        cited = [(hit.article.id, hit.article.title[language]) for hit in self.brief.facts[:1]]
        cited = cited if action in (Action.ANSWER, Action.ACT) else bench.articles[:1]
        asks = action is Action.ASK and not bench.cards
        quick = (ASK_FOR_PERSON[language],) if asks else ()
        return Closing(
            self.chat.name,
            citations=tuple(Citation(*one) for one in cited),
            quick_replies=self.around.effects.replies(language) if bench.pending else quick,
            understood=not asks,
            cards=tuple(bench.cards[:_MOST_CARDS]),
            pending=bench.pending_calls(),
            handed_over=bench.handed_over,
        )

    async def _round(self, request: ChatRequest, gate: Gate) -> AsyncGenerator[str, None]:
        """One request and what it says; its calls are kept."""
        self.calls = []
        written, used = 0, False
        async with aclosing(self.chat.stream(request, self.deadline)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    written += tokens(event.text)
                    for text in self.mask.show_piece(event.text):
                        for piece in gate.feed(text):
                            yield piece
                elif isinstance(event, CallMade):
                    self.calls.append(event)
                elif isinstance(event, Usage):
                    used = True
                    self.around.meter.used(self.tenant, self.chat.name, event)
        if not used:
            self.around.meter.used(self.tenant, self.chat.name, Usage(_read(request), written))
        for piece in (*gate.feed(self.mask.show_rest()), *gate.rest()):
            yield piece

    async def _use_tools(self) -> None:
        context = self.brief.context
        assert context is not None  # without one no tools were offered
        results = await self.bench.answer(self.calls, replace(context, deadline=self.deadline))
        asked = ChatMessage(Role.ASSISTANT, calls=tuple(self.calls))
        self.request = replace(self.request, messages=(*self.request.messages, asked, *results))


def _read(request: ChatRequest) -> int:
    """About how many tokens a request has, for a provider that does not say."""
    return tokens(request.system) + sum(tokens(message.text) for message in request.messages)
