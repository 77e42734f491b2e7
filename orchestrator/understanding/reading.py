"""What a trained model reads in a text, and how that meets what stands in the words themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.journal.entries import Emotion
from orchestrator.retrieval.search import Hit
from orchestrator.understanding.encoder import Vectors
from orchestrator.understanding.lexicon import Feeling

OUT_OF_SCOPE = "out_of_scope"

_SURE = 0.5
# Intents on which the tree acts without looking at knowledge: a wrong one costs more than a question back.
_DECISIVE = frozenset({"greeting", "thanks", "goodbye", "human_agent", "complaint"})
_DECISIVE_SURE = 0.8
_FEELING_SURE = 0.6
_RULE_SURE, _RULE_CLEAR = 0.7, 0.15
_OUTSPOKEN = 0.6
_NEVER_STATED = 0.999  # certainty 1 is kept for what the words themselves state; a model may saturate


@dataclass(frozen=True)
class Slot:
    """A fact in a text.

    Attributes:
        name: Its kind, such as "order_number".
        value: As it stands in the text.
        score: How sure the model is, in [0, 1].
    """

    name: str
    value: str
    score: float


@dataclass(frozen=True)
class Reading:
    """What a model made of a text; empty where it was out of reach.

    Attributes:
        vector: The sentence embedding.
        intents: Calibrated probability by intent.
        emotions: The same by emotion.
        slots: Facts in the text.
    """

    vector: Vectors | None = field(default=None, compare=False, repr=False)
    intents: Mapping[str, float] = field(default_factory=dict)
    emotions: Mapping[Emotion, float] = field(default_factory=dict)
    slots: tuple[Slot, ...] = ()


class Reader(Protocol):
    """Reads texts."""

    async def read(self, text: str, *, timeout_s: float) -> Reading:
        """Everything in one call.

        Raises:
            ServiceError: UNAVAILABLE or DEADLINE_EXCEEDED.
        """
        ...


def intent_of(reading: Reading, hits: tuple[Hit, ...]) -> tuple[str, float]:
    """The intent and its certainty: the model's if it is sure enough, else what the nearest articles vote for."""
    if reading.intents:
        best = max(reading.intents, key=lambda intent: reading.intents[intent])
        sure = reading.intents[best]
        if sure >= (_DECISIVE_SURE if best in _DECISIVE else _SURE):
            return best, min(sure, _NEVER_STATED)
    return _voted(hits)


def asks_for_rules(hits: tuple[Hit, ...], intent: str, *, outright: bool, asks: bool, mine: bool = False) -> bool:
    """Whether what is nearest tells of rules alone, so that no look into the customer's own orders answers better.

    Args:
        hits: Near knowledge, best first.
        intent: What was read.
        outright: Whether the words themselves state a wish; then the rule must be clearly nearer than what is the
            customer's own, and nothing of the customer's own may be named.
        asks: Whether it is put as a question; what is not may be the wish that the rule is about.
        mine: Whether something is called the customer's own.
    """
    if not hits or hits[0].article.own or hits[0].score < _RULE_SURE:
        return False
    if hits[0].article.thing and intent not in hits[0].article.intents:
        return False  # a product that was bought may be named, too
    if not asks and intent in hits[0].article.intents:
        return False
    own = max((hit.score for hit in hits if hit.article.own), default=0.0)
    return not outright or (not mine and hits[0].score - own >= _RULE_CLEAR)


def feeling_of(reading: Reading, said: Feeling) -> Feeling:
    """The feeling: the model's if it is sure, unless the words are outspoken."""
    if not reading.emotions:
        return said
    best = max(reading.emotions, key=lambda emotion: reading.emotions[emotion])
    sure = reading.emotions[best]
    if sure < _FEELING_SURE:
        return said
    if best is Emotion.NEUTRAL:
        return said if said.intensity >= _OUTSPOKEN else Feeling(Emotion.NEUTRAL, 0.0)
    return Feeling(best, max(sure, said.intensity) if said.emotion is best else sure)


def _voted(hits: tuple[Hit, ...]) -> tuple[str, float]:
    """Each near article votes for its first intent with its score."""
    votes: dict[str, float] = {}
    for rank, hit in enumerate(hits[:3]):
        for intent in hit.article.intents[:1]:
            votes[intent] = votes.get(intent, 0.0) + hit.score / (rank + 1)
    if not votes:
        return OUT_OF_SCOPE, 0.0
    best = max(votes, key=lambda intent: votes[intent])
    return best, min(_NEVER_STATED, votes[best])
