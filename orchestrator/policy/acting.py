"""Step 3 of a turn: what the decision needs is looked up or done through tools."""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.cases.confirming import ConfirmedCalls
from orchestrator.cases.told import Case, Told
from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.entries import Author, Emotion, Entry
from orchestrator.metrics import Metrics
from orchestrator.policy.decision import Action, Decision
from orchestrator.policy.hours import SupportHours
from orchestrator.retrieval.knowledge import Article, Knowledge
from orchestrator.retrieval.search import Hit
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.knowledge import SearchKnowledge
from orchestrator.tools.tickets import HandOver
from orchestrator.tools.tool import ToolCall, ToolContext, ToolResult
from orchestrator.understanding.utterance import Utterance
from servicekit.errors import ServiceError

_FACTS = 3
_LINES = 3
_SUMMARY_CHARS = 480
# Why a person takes over, by the rule that says so.
_REASONS = {
    "someone_in_danger": "safety", "asks_for_a_person": "asked_for", "keeps_being_angry": "angry",
    "valued_customer_is_getting_angry": "angry", "large_order_and_outrage": "angry", "legal_or_press": "angry",
    "not_understood_too_often": "not_understood", "form_that_does_not_get_on": "not_understood",
}  # fmt: skip


class Acting:
    """Calls the tools that a decision asks for.

    Args:
        belt: The tools.
        knowledge: The articles that the search tool names.
        hours: When people are there.
        metrics: Counts tools that failed.
        cases: What can be closed by acting, by the name that the tree uses.
        confirming: Carries out what a language model asked for, once the customer agreed.

    Attributes:
        articles: All articles, by id.
    """

    def __init__(
        self,
        belt: ToolBelt,
        knowledge: Knowledge,
        hours: SupportHours,
        metrics: Metrics,
        cases: Mapping[str, Case] | None = None,
        confirming: ConfirmedCalls | None = None,
    ) -> None:
        self._belt, self.articles, self._hours, self._metrics = belt, knowledge.articles, hours, metrics
        self._cases, self._confirming = cases or {}, confirming

    @property
    def people(self) -> bool:
        """Whether somebody of the shop is there now."""
        return self._hours.open

    def article(self, name: str) -> Article | None:
        """The article of that id; None when there is none, or none any more."""
        return self.articles.get(name)

    async def confirmed(self, utterance: Utterance, state: DialogueState, context: ToolContext) -> Told | None:
        """What came of calls that the message confirms or declines; None when it is about other things."""
        return await self._confirming.handle(utterance, state, context) if self._confirming is not None else None

    async def handle(
        self, utterance: Utterance, decision: Decision, context: ToolContext, state: DialogueState
    ) -> Told | None:
        """Carries out the case that a decision names; None when it led nowhere and articles must answer."""
        case = self._cases.get(decision.case)
        if case is None:
            return None
        try:
            return await case.handle(utterance, context, state)
        except ServiceError:
            self._metrics.degraded.labels(decision.case).inc()
            return None

    def rule_of(self, told: Told) -> tuple[Hit, ...]:
        """The article whose rule a case applied."""
        return (Hit(self.articles[told.article], 1.0),) if told.article else ()

    async def look_up(self, utterance: Utterance, decision: Decision, context: ToolContext) -> tuple[Hit, ...]:
        """Knowledge for an answer: what is near the words already, else what the search tool finds."""
        if decision.action not in (Action.ANSWER, Action.ASK) or utterance.sticker is not None:
            return ()
        if utterance.hits:
            return utterance.hits[:_FACTS]
        try:
            call = ToolCall(SearchKnowledge.name, {"text": utterance.text, "limit": _FACTS})
            found = (await self._belt.run(call, context)).facts["articles"]
        except ServiceError:
            self._metrics.degraded.labels(SearchKnowledge.name).inc()
            return ()
        return tuple(Hit(self.articles[one["id"]], one["score"]) for one in found)

    async def hand_over(
        self, utterance: Utterance, decision: Decision, context: ToolContext, state: DialogueState,
        history: tuple[Entry, ...],
    ) -> ToolResult | None:  # fmt: skip
        """Opens the ticket by which a person takes over; None when there is none to be had."""
        if HandOver.name not in self._belt.names:
            return None
        call = ToolCall(
            HandOver.name, {"reason": _REASONS.get(decision.rule, "other"), "summary": _summary(history, state)}
        )
        try:
            return await self._belt.run(call, context)
        except ServiceError:
            self._metrics.degraded.labels(HandOver.name).inc()
            return None

    def template(self, utterance: Utterance, decision: Decision, state: DialogueState | None = None) -> str:
        """The template that a decision means."""
        if decision.template == "greeting" and state is not None and state.profile is not None and state.profile.cases:
            return "greeting_returning" if state.turns <= 1 else "greeting"
        if decision.template == "sticker":
            return f"sticker_{_of_sticker(utterance)}"
        if decision.template == "picture":
            return _of_picture(utterance)
        if decision.template == "small_talk":
            return utterance.small_talk
        if decision.template == "waiting_for_person":
            return self._hours.handover_template()
        return decision.template


def _summary(history: tuple[Entry, ...], state: DialogueState) -> str:
    """What a colleague reads first: the customer's last words, and what was half done."""
    said = [entry.body.text or "[sticker or picture]" for entry in history if entry.body.author is Author.CUSTOMER]
    form = f" (form: {state.form.name} {state.form.filled})" if state.form is not None else ""
    return (" | ".join(said[-_LINES:])[: _SUMMARY_CHARS - len(form[:160])] + form[:160]).strip() or "no words"


def _of_picture(utterance: Utterance) -> str:
    """Words that mean nothing to us are still named; a picture of which nothing is known is not guessed at."""
    seen = utterance.picture
    if seen is None or not seen.known:
        return "picture_unknown"
    if utterance.emotion is Emotion.NEUTRAL and seen.words:
        return "picture_words"
    return f"picture_{utterance.emotion}"


def _of_sticker(utterance: Utterance) -> Emotion:
    sticker = utterance.sticker
    return (sticker.emotion if sticker is not None else None) or Emotion.NEUTRAL
