"""Okapi BM25 over articles and over their single questions."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from orchestrator.retrieval.knowledge import Article
from orchestrator.retrieval.terms import terms

_K1, _B = 1.2, 0.6
_ANSWER_WEIGHT = 0.35
_QUESTION_SHARE = 0.3


class _Bm25:
    """Weighted bags of terms. Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009."""

    def __init__(self, bags: Sequence[Mapping[str, float]]) -> None:
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        lengths = [sum(bag.values()) or 1.0 for bag in bags]
        mean = sum(lengths) / len(lengths)
        for number, bag in enumerate(bags):
            norm = _K1 * (1 - _B + _B * lengths[number] / mean)
            for term, count in bag.items():
                self._postings[term].append((number, count * (_K1 + 1) / (count + norm)))
        self._count = len(bags)

    def idf(self, term: str) -> float:
        """How much a term says; an unknown one says most."""
        found = len(self._postings.get(term, ()))
        return math.log(1 + (self._count - found + 0.5) / (found + 0.5))

    def scores(self, query: Counter[str]) -> dict[int, float]:
        """Score by document number, only where it is not 0."""
        out: dict[int, float] = defaultdict(float)
        for term, count in query.items():
            idf = self.idf(term)
            for number, weight in self._postings.get(term, ()):
                out[number] += min(count, 2) * idf * weight
        return out


class LexicalIndex:
    """The lexical channel of one language.

    Args:
        articles: What is searched; both languages' titles count, for people mix them.
        language: Of questions and answers.
    """

    def __init__(self, articles: Sequence[Article], language: str) -> None:
        self._ids = [article.id for article in articles]
        bags, questions, self._owner = [], [], []
        for number, article in enumerate(articles):
            bag: Counter[str] = Counter()
            for text in (article.title[language], *article.questions[language]):
                found = Counter(terms(text))
                bag.update(found)
                questions.append(dict(found))
                self._owner.append(number)
            weighted: dict[str, float] = defaultdict(float, bag)
            for term, count in Counter(terms(article.answer[language])).items():
                weighted[term] += _ANSWER_WEIGHT * count
            bags.append(weighted)
        self._articles, self._questions = _Bm25(bags), _Bm25(questions)

    def scores(self, text: str) -> dict[str, float]:
        """Articles by how well they match, in [0, 1]: the share of what the query says that an article says too."""
        query = Counter(terms(text))
        whole = sum(self._articles.idf(term) * min(count, 2) for term, count in query.items()) * (_K1 + 1) or 1.0
        best: dict[int, float] = defaultdict(float)
        for number, score in self._questions.scores(query).items():
            owner = self._owner[number]
            best[owner] = max(best[owner], score)
        whole_questions = (
            sum(self._questions.idf(term) * min(count, 2) for term, count in query.items()) * (_K1 + 1) or 1.0
        )
        out = {number: (1 - _QUESTION_SHARE) * score / whole for number, score in self._articles.scores(query).items()}
        for number, score in best.items():
            out[number] = out.get(number, 0.0) + _QUESTION_SHARE * score / whole_questions
        return {self._ids[number]: min(1.0, score) for number, score in out.items()}
