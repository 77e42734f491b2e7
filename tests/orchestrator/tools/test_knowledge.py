"""The tool that searches the help articles."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from orchestrator.retrieval.knowledge import load_knowledge
from orchestrator.retrieval.search import Hit, KnowledgeSearch
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.knowledge import SearchKnowledge
from orchestrator.tools.tool import Outcome, ToolCall, ToolContext
from servicekit.errors import ServiceError, unavailable

pytestmark = pytest.mark.unit

_SEARCH = KnowledgeSearch(load_knowledge())


def _belt() -> ToolBelt:
    async def search(text: str, language: str, limit: int) -> Sequence[Hit]:
        if text == "broken":
            raise unavailable("SEARCH_UNAVAILABLE", "out of reach")
        return _SEARCH.search(text, language, None, limit=limit)

    return ToolBelt([SearchKnowledge(search)])


@pytest.mark.parametrize(("language", "text"), [("en", "how long does a refund take"), ("zh", "退款多久到账")])
async def test_finds_articles(language: str, text: str) -> None:
    """Articles come in the conversation's language, best first, as many as asked for."""
    context = ToolContext("default", "v", "c", "t", language)
    result = await _belt().run(ToolCall("search_knowledge", {"text": text, "limit": 2}), context)
    assert result.outcome is Outcome.FOUND
    assert len(result.facts["articles"]) == 2
    assert any(article["id"].startswith("refund-") for article in result.facts["articles"])
    assert ("退款" in str(result.facts)) == (language == "zh")


@pytest.mark.parametrize("arguments", [{"text": ""}, {"text": "x", "limit": 11}, {"text": "x", "language": "fr"}])
async def test_bad_argument(arguments: dict[str, object]) -> None:
    """Nothing to search for, too many, another language: refused."""
    with pytest.raises(ServiceError) as refused:
        await _belt().run(ToolCall("search_knowledge", arguments), ToolContext("default", "v", "c", "t"))
    assert refused.value.reason == "TOOL_ARGUMENT_INVALID"


async def test_search_that_fails() -> None:
    """The search's own error comes through."""
    with pytest.raises(ServiceError) as refused:
        await _belt().run(ToolCall("search_knowledge", {"text": "broken"}), ToolContext("default", "v", "c", "t"))
    assert refused.value.reason == "SEARCH_UNAVAILABLE"
