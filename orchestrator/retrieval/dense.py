"""The dense channel: nearest questions by cosine, trusted per language as far as the encoder earns it.

An encoder that knows English only places Chinese questions at random. Instead of telling the code which encoder knows
what, the index measures it: every stored question is searched among all others, and the share of those whose nearest
neighbour belongs to the same article is the channel's trust in that language. In the same way it learns from where to
where cosines mean something: encoders differ in how near they put texts that have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from orchestrator.retrieval.knowledge import Article
from orchestrator.understanding.encoder import Vectors

Chosen = npt.NDArray[np.bool_]


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


# Percentiles: nearly all pairs of texts on different matters are below the first, what is above the second of the
# nearest on the same matter is as good as the same.
_UNRELATED, _SAME = 90, 75


@dataclass(frozen=True)
class Calibration:
    """What the channel is worth in a language.

    Attributes:
        trust: How often a question's nearest neighbour is of the same article, in [0, 1].
        low: Cosines below mean nothing.
        high: Cosines above mean certainty.
    """

    trust: float
    low: float
    high: float


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
        self.calibration = {language: self._measure(languages == language) for language in ("en", "zh")}

    def _measure(self, chosen: Chosen) -> Calibration:
        own, owner = self._vectors[chosen], self._owner[chosen]
        near = own @ own.T
        same = owner[:, None] == owner[None, :]
        np.fill_diagonal(near, -1.0)
        trust = float((owner[near.argmax(axis=1)] == owner).mean())
        low = float(np.percentile(near[~same], _UNRELATED))
        high = float(np.percentile(np.where(same, near, -1.0).max(axis=1), _SAME))
        return Calibration(trust, low, max(high, low + 0.05))

    def scores(self, vector: Vectors) -> dict[str, float]:
        """Every article's nearest line, as a cosine."""
        near = self._vectors @ vector
        best = np.full(len(self._ids), -1.0)
        np.maximum.at(best, self._owner, near)
        return dict(zip(self._ids, best.tolist(), strict=True))
