"""Knowledge for a question in words: what the tool does when a plan or a language model asks."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.retrieval.precedence import Precedence
from orchestrator.retrieval.search import Hit, KnowledgeSearch
from orchestrator.understanding.encoder import Encoder
from servicekit.errors import ServiceError


class KnowledgeLookup:
    """Searches with an embedding of its own; by words alone when the encoder is out of reach.

    Args:
        search: The knowledge base.
        encoder: Embeds the question.
        timeout_s: For the embedding.
        precedence: Told of it.
    """

    def __init__(
        self, search: KnowledgeSearch, encoder: Encoder, timeout_s: float, precedence: Precedence | None = None
    ) -> None:
        self._search, self._encoder, self._timeout_s = search, encoder, timeout_s
        self._precedence = precedence or Precedence()

    def within(self, search: KnowledgeSearch) -> KnowledgeLookup:
        """The same over other knowledge."""
        return KnowledgeLookup(search, self._encoder, self._timeout_s, self._precedence)

    async def find(self, text: str, language: str, limit: int) -> Sequence[Hit]:
        """The best articles, best first."""
        vector = None
        if self._search.has_dense:
            try:
                with self._precedence.customer():
                    vector = (await self._encoder.encode([text], timeout_s=self._timeout_s))[0]
            except ServiceError:
                vector = None
        return self._search.search(text, language, vector, limit=limit)
