"""Questions in customers' words and what the search finds for them, with the encoder as it is shipped or by words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from orchestrator.retrieval.dense import DenseIndex, lines_of
from orchestrator.retrieval.search import KnowledgeSearch
from orchestrator.understanding.encoder import TritonEncoder, Vectors
from orchestrator.understanding.spelling import Speller
from servicekit.resilience import CircuitBreaker
from tests.orchestrator.harness import knowledge

Questions = list[dict[str, Any]]

_SPELLER = Speller()
_LINES: list[Vectors] = []  # of the knowledge base: thousands, the same for every test of a session


def questions(name: str) -> dict[str, Questions]:
    """The questions of a file beside this one, by language."""
    asked: dict[str, Questions] = yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return asked


def spelt(question: dict[str, Any]) -> str:
    """A question as the search is given it."""
    return _SPELLER.spelt(question["text"]).text


def found(
    asked: Questions, search: KnowledgeSearch, language: str, limit: int, vectors: Vectors | None = None
) -> float:
    """The share of the questions that have an article of theirs among the first `limit`."""
    known = [None] * len(asked) if vectors is None else list(vectors)
    right = [
        not set(question["expect"]).isdisjoint(
            hit.article.id for hit in search.search(spelt(question), language, vector, limit=limit)
        )
        for question, vector in zip(asked, known, strict=True)
    ]
    return sum(right) / len(right)


async def searching(triton_url: str, texts: Sequence[str]) -> tuple[KnowledgeSearch, Vectors]:
    """The search with the encoder as it is shipped, and its vectors of some texts."""
    encoder = TritonEncoder(triton_url, CircuitBreaker("triton"))
    articles = list(knowledge().articles.values())
    try:
        if not _LINES:
            _LINES.append(await encoder.encode([line.text for line in lines_of(articles)], timeout_s=60))
        vectors = await encoder.encode(texts, timeout_s=60)
    finally:
        await encoder.close()
    search = KnowledgeSearch(knowledge())
    search.use_dense(DenseIndex(articles, _LINES[0]))
    return search, vectors
