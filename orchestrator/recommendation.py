"""Step 5 of a turn: stickers beside the answer, within a budget; too late means none."""

from __future__ import annotations

import re

from orchestrator.dialogue.phrases import PHRASES
from orchestrator.journal.entries import Sticker
from orchestrator.metrics import Metrics
from orchestrator.policy.decision import Action
from orchestrator.recommender import Recommender
from orchestrator.reply.engine import Brief
from servicekit.errors import ServiceError

_LIMIT = 4
_DRAWN = re.compile(r"\s*[(（]")  # what is drawn stands in brackets behind what is written


class Recommendation:
    """Asks the recommender what fits.

    Args:
        recommender: The port.
        metrics: Counts when it was late or down.
        budget_s: Seconds to wait.
    """

    def __init__(self, recommender: Recommender, metrics: Metrics, budget_s: float) -> None:
        self._recommender, self._metrics, self._budget_s = recommender, metrics, budget_s

    async def recommend(self, brief: Brief) -> tuple[Sticker, ...]:
        """Stickers for an answer, the one to show beside it first; none when none is fit, or it took too long."""
        decision = brief.decision
        text, language = _wanted(brief)
        image = brief.utterance.picture.embedding if brief.utterance.picture is not None else ()
        if not decision.stickers or not (text or image or decision.sticker_emotion):
            return ()
        try:
            found = await self._recommender.recommend(
                text,
                language,
                limit=_LIMIT,
                emotion=decision.sticker_emotion,
                excluded=decision.exclude,
                shown=brief.state.shown_stickers,
                timeout_s=self._budget_s,
                image=image,
                tenant=brief.context.tenant if brief.context is not None else "",
            )
        except ServiceError:
            self._metrics.degraded.labels("recommender").inc()
            return ()
        return tuple(sticker for sticker in found if _is_true(sticker, text, brief))


def _wanted(brief: Brief) -> tuple[str, str]:
    """What a fitting sticker is about: what the shop's own sticker would say, else what the customer said or sent."""
    if brief.decision.action in (Action.ANSWER, Action.ACT) and brief.facts:
        return brief.facts[0].article.sticker_hint[brief.language], brief.language
    return brief.utterance.text, brief.language


def _is_true(sticker: Sticker, wanted: str, brief: Brief) -> bool:
    """Whether a sticker says nothing that may not be so; what was looked up or done may say what it is about."""
    words = [_DRAWN.split(alt)[0] for alt in (sticker.alt_en, sticker.alt_zh)]
    if not any(PHRASES.has("states_fact", one) for one in words):
        return True
    return brief.told is not None and any(wanted and wanted.casefold() in one.casefold() for one in words)
