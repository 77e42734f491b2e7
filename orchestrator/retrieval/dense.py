"""The dense channel: nearest questions by cosine, trusted per language as far as the encoder earns it.

An encoder that knows English only places Chinese questions at random. Instead of telling the code which encoder knows
what, the index measures it: every stored question is searched among all others, and the share of those whose nearest
neighbour belongs to the same article is the channel's trust in that language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from orchestrator.retrieval.knowledge import Article
from orchestrator.understanding.encoder import Vectors


@dataclass(frozen=True)
class Line:
    """One embedded text of an article."""

    article: int
    language: str
    text: str


def lines_of(articles: Sequence[Article]) -> list[Line]:
    """What is embedded: titles and questions of both languages."""
    return [
        Line(number, language, text)
        for number, article in enumerate(articles)
        for language in ("en", "zh")
        for text in (article.title[language], *article.questions[language])
    ]


class DenseIndex:
    """Nearest questions.

    Args:
        articles: As in `lines_of`.
        vectors: One row per line, length one.
    """

    def __init__(self, articles: Sequence[Article], vectors: Vectors) -> None:
        lines = lines_of(articles)
        self._ids = [article.id for article in articles]
        self._owner = np.array([line.article for line in lines])
        self._vectors = vectors
        languages = np.array([line.language for line in lines])
        self.trust = {language: self._measure(languages == language) for language in ("en", "zh")}

    def _measure(self, chosen: np.ndarray) -> float:
        own, owner = self._vectors[chosen], self._owner[chosen]
        near = own @ own.T
        np.fill_diagonal(near, -1.0)
        return float((owner[near.argmax(axis=1)] == owner).mean())

    def scores(self, vector: Vectors) -> dict[str, float]:
        """Every article's nearest line, as a cosine."""
        near = self._vectors @ vector
        best = np.full(len(self._ids), -1.0)
        np.maximum.at(best, self._owner, near)
        return dict(zip(self._ids, best.tolist(), strict=True))
