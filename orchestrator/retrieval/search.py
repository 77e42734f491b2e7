"""Search over both channels: fusion, and the decision that nothing fits."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.retrieval.dense import Calibration, DenseIndex
from orchestrator.retrieval.knowledge import Article, Knowledge
from orchestrator.retrieval.lexical import LexicalIndex
from orchestrator.understanding.encoder import Vectors

# Where a channel's scores of the best article begin to mean something, and where they mean certainty. Read off the
# scores of questions in and out of scope (`tests/orchestrator/retrieval`); Chinese texts share single characters with
# everything, so their lexical scale is narrower.
_LEXICAL_RANGE = {"en": (0.06, 0.30), "zh": (0.045, 0.20)}
# How much counts of what is above certainty: enough that the better of two certain articles stays the better.
_BEYOND = 0.2
# A dense channel whose trust is below this is not heard at all.
_LEAST_TRUST = 0.25
_MOST_WEIGHT = 0.65


@dataclass(frozen=True)
class Hit:
    """An article that was found.

    Attributes:
        score: In [0, 1]; comparable over queries, so that thresholds mean something.
    """

    article: Article
    score: float


class KnowledgeSearch:
    """Finds articles. Works with words alone until a dense index is given.

    Args:
        knowledge: What is searched.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._articles = knowledge.articles
        listed = list(knowledge.articles.values())
        self._lexical = {language: LexicalIndex(listed, language) for language in ("en", "zh")}
        self._dense: DenseIndex | None = None

    @property
    def has_dense(self) -> bool:
        """Whether the dense channel is there."""
        return self._dense is not None

    def use_dense(self, dense: DenseIndex) -> None:
        """Adds the dense channel."""
        self._dense = dense

    def search(self, text: str, language: str, vector: Vectors | None, *, limit: int = 5) -> list[Hit]:
        """The best articles, best first.

        Args:
            text: The query.
            language: Of the query.
            vector: Its embedding; None: words alone.
            limit: How many at most.
        """
        low, high = _LEXICAL_RANGE[language]
        scores = {
            identifier: _scaled(score, low, high) for identifier, score in self._lexical[language].scores(text).items()
        }
        if vector is not None and self._dense is not None:
            scores = self._fuse(scores, self._dense.scores(vector), self._dense.calibration[language])
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
        return [Hit(self._articles[identifier], min(1.0, score)) for identifier, score in best if score > 0.0]

    def stated(self, intent: str, hits: list[Hit]) -> list[Hit]:
        """Led by the article that alone answers a wish; as they are when none or several do."""
        own = [article for article in self._articles.values() if intent in article.intents]
        if len(own) != 1:
            return hits
        return [Hit(own[0], 1.0), *(hit for hit in hits if hit.article.id != own[0].id)]

    @staticmethod
    def _fuse(lexical: dict[str, float], dense: dict[str, float], known: Calibration) -> dict[str, float]:
        """A weighted sum; a channel weighs as much as it has shown to be worth."""
        weight = min(_MOST_WEIGHT, 2 * max(0.0, known.trust - _LEAST_TRUST))
        return {
            identifier: (1 - weight) * lexical.get(identifier, 0.0) + weight * _scaled(cosine, known.low, known.high)
            for identifier, cosine in dense.items()
        }


def _scaled(score: float, low: float, high: float) -> float:
    """The score as certainty from 0 to about 1; a trace of what is outside the range stays, so that ranks survive."""
    if score <= low:
        return 0.05 * max(0.0, score) / low if low > 0 else 0.0
    certainty = 0.05 + 0.95 * (score - low) / (high - low)
    return min(certainty, 1.0 + _BEYOND * (certainty - 1.0))
