"""Search over both channels: fusion, and the decision that nothing fits."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.retrieval.dense import DenseIndex
from orchestrator.retrieval.knowledge import Article, Knowledge
from orchestrator.retrieval.lexical import LexicalIndex
from orchestrator.understanding.encoder import Vectors

# A question's nearest neighbour of another topic lies about here; what is above it is signal. MiniLM cosines.
_COSINE_FLOOR = 0.2
_COSINE_CEILING = 0.85
_LEXICAL_CEILING = 0.6


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
        scores = {
            identifier: min(1.0, score / _LEXICAL_CEILING)
            for identifier, score in self._lexical[language].scores(text).items()
        }
        if vector is not None and self._dense is not None:
            scores = self._fuse(scores, self._dense.scores(vector), self._dense.trust[language])
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
        return [Hit(self._articles[identifier], score) for identifier, score in best if score > 0.0]

    @staticmethod
    def _fuse(lexical: dict[str, float], dense: dict[str, float], trust: float) -> dict[str, float]:
        """A weighted sum; a channel weighs as much as it has shown to be worth."""
        weight = max(0.0, trust - 0.25)
        out = {}
        for identifier, cosine in dense.items():
            near = min(1.0, max(0.0, (cosine - _COSINE_FLOOR) / (_COSINE_CEILING - _COSINE_FLOOR)))
            out[identifier] = (1 - weight) * lexical.get(identifier, 0.0) + weight * near
        return out
