"""What a person is told about a message that they answer: what is wanted, and what the built-in engine would say."""

from __future__ import annotations

from orchestrator.journal.feed import HintMade
from orchestrator.journal.ports import TurnRef
from orchestrator.understanding.utterance import Utterance

_NEAR = 0.6


def hint_of(turn: TurnRef, utterance: Utterance) -> HintMade:
    """The hint for a message that was understood."""
    near = next((hit.article for hit in utterance.hits if hit.score >= _NEAR), None)
    return HintMade(
        conversation_id=turn.conversation_id,
        seq=turn.seq,
        intent=utterance.intent,
        certainty=round(utterance.certainty, 3),
        emotion=utterance.emotion,
        reply=near.answer[utterance.language] if near is not None else "",
        article_id=near.id if near is not None else "",
        title=near.title[utterance.language] if near is not None else "",
    )
