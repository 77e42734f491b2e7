"""Search over both channels: fusion, and the decision that nothing fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.retrieval.dense import Calibration, DenseIndex
from orchestrator.retrieval.knowledge import Article, Knowledge
from orchestrator.retrieval.lexical import LexicalIndex
from orchestrator.understanding.encoder import Vectors

# Where a channel's scores of the best article begin to mean something, and where they mean certainty. Read off the
# scores of questions in and out of scope (`tests/orchestrator/retrieval`); Chinese texts share single characters with
# everything, so their lexical scale is narrower.
_LEXICAL_RANGE = {"en": (0.09, 0.34), "zh": (0.06, 0.24)}
# How much counts of what is above certainty: enough that the better of two certain articles stays the better.
_BEYOND = 0.2
# What an article gains that asks just so, and how near another must be for the article of a mere thing to yield to it.
_WORD_FOR_WORD, _NEARLY = 0.5, 0.25
# What is left of the score of a special case when nothing names it.
_UNCUED = 0.6
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
        self._special = [(article.id, article.cue) for article in listed if article.cue]
        self._asked = {_plain(text): article.id for article in listed for text in _texts(article)}
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
        said = f" {text.casefold()} "
        scores = {
            identifier: _scaled(score, low, high) for identifier, score in self._lexical[language].scores(text).items()
        }
        if vector is not None and self._dense is not None:
            scores = self._fuse(scores, self._dense.scores(vector), self._dense.calibration[language])
        for special, cue in self._special:
            if special in scores and not any(one in said for one in cue):
                scores[special] *= _UNCUED
        if (exact := self._asked.get(_plain(text))) is not None:
            scores[exact] = scores.get(exact, 0.0) + _WORD_FOR_WORD
        best = self._named_last(sorted(scores.items(), key=lambda item: (-item[1], item[0])))[:limit]
        return [Hit(self._articles[identifier], min(1.0, score)) for identifier, score in best if score > 0.0]

    def _named_last(self, ranked: list[tuple[str, float]]) -> list[tuple[str, float]]:
        """The article of a thing behind one that is nearly as near: "postage for one candle" asks about postage."""
        if len(ranked) < 2 or self._articles[ranked[0][0]].thing != "one" or self._articles[ranked[1][0]].thing:
            return ranked
        (thing, high), (other, low), *rest = ranked
        return [(other, high), (thing, low), *rest] if high - low < _NEARLY else ranked

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


def _texts(article: Article) -> Iterator[str]:
    for language in ("en", "zh"):
        yield article.title[language]
        yield from article.questions[language]


def _plain(text: str) -> str:
    """A text without case, spaces and punctuation."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())
