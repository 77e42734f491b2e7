"""The tool that searches the knowledge base."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from orchestrator.retrieval.search import Hit, KnowledgeSearch
from orchestrator.tools.toolbox import Tool
from orchestrator.understanding.encoder import Encoder
from servicekit.errors import ServiceError

NAME = "search_knowledge"


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is searched for."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    language: Literal["en", "zh"]
    limit: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3


def search_knowledge(search: KnowledgeSearch, encoder: Encoder, timeout_s: float) -> Tool[Query]:
    """Makes the tool; with the encoder out of reach it searches by words alone."""

    async def run(query: Query) -> list[Hit]:
        vector = None
        if search.has_dense:
            try:
                vector = (await encoder.encode([query.text], timeout_s=timeout_s))[0]
            except ServiceError:
                vector = None
        return search.search(query.text, query.language, vector, limit=query.limit)

    about = "Searches the shop's help articles. Use it before answering any question about the shop."
    return Tool(NAME, about, Query, run, timeout_s=timeout_s + 1.0)
