"""Step 3 of a turn: what the decision needs is looked up or done through tools."""

from __future__ import annotations

from orchestrator.journal.entries import Emotion
from orchestrator.metrics import Metrics
from orchestrator.policy.decision import Action, Decision
from orchestrator.policy.hours import SupportHours
from orchestrator.retrieval.search import Hit
from orchestrator.tools.search_knowledge import NAME as SEARCH_KNOWLEDGE
from orchestrator.tools.toolbox import Toolbox
from orchestrator.understanding.utterance import Utterance
from servicekit.errors import ServiceError


class Acting:
    """Calls the tools that a decision asks for.

    Args:
        toolbox: The tools.
        hours: When people are there.
        metrics: Counts tools that failed.
    """

    def __init__(self, toolbox: Toolbox, hours: SupportHours, metrics: Metrics) -> None:
        self._toolbox, self._hours, self._metrics = toolbox, hours, metrics

    async def look_up(self, utterance: Utterance, decision: Decision) -> tuple[Hit, ...]:
        """Knowledge for an answer; what understanding has found already when the tool fails."""
        if decision.action not in (Action.ANSWER, Action.ASK) or utterance.sticker is not None:
            return ()
        if utterance.picture is not None:  # its words were searched in their own language already
            return utterance.hits[:3]
        try:
            hits: list[Hit] = await self._toolbox.call(
                SEARCH_KNOWLEDGE, {"text": utterance.text, "language": utterance.language}
            )
        except ServiceError:
            self._metrics.degraded.labels(SEARCH_KNOWLEDGE).inc()
            return utterance.hits[:3]
        return tuple(hits)

    def template(self, utterance: Utterance, decision: Decision) -> str:
        """The template that a decision means."""
        if decision.template == "sticker":
            return f"sticker_{_of_sticker(utterance)}"
        if decision.template == "picture":
            return _of_picture(utterance)
        if decision.template == "small_talk":
            return utterance.small_talk
        if decision.template == "waiting_for_person":
            return self._hours.handover_template()
        return decision.template


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
