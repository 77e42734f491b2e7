"""The tool that searches the help articles."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from orchestrator.retrieval.knowledge import load_knowledge
from orchestrator.retrieval.search import Hit, KnowledgeSearch
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.knowledge import SearchKnowledge
from orchestrator.tools.tool import Outcome, ToolCall, ToolContext
from servicekit.errors import Code, ServiceError, unavailable
from servicekit.resilience import Deadline

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


async def test_a_search_that_hangs_is_cut() -> None:
    """At the turn's deadline, with the error that says so."""
    hung = asyncio.Event()

    async def search(text: str, language: str, limit: int) -> Sequence[Hit]:
        hung.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    context = ToolContext("default", "v", "c", "t", "en", Deadline.after(0.05))
    with pytest.raises(ServiceError) as late:
        await ToolBelt([SearchKnowledge(search)]).run(ToolCall("search_knowledge", {"text": "x"}), context)
    assert hung.is_set()
    assert (late.value.code, late.value.reason) == (Code.TIMEOUT, "TOOL_TIMEOUT")


async def test_the_same_question_twice() -> None:
    """Finds the same; a search leaves nothing behind."""
    call, context = ToolCall("search_knowledge", {"text": "refund"}), ToolContext("default", "v", "c", "t")
    belt = _belt()
    first, again = await belt.run(call, context), await belt.run(call, context)
    assert (again.outcome, again.facts, again.duplicate) == (first.outcome, first.facts, False)


async def test_who_may_search_what() -> None:
    """Each tenant its own articles; nobody where it is switched off."""

    async def of_acme(text: str, language: str, limit: int) -> Sequence[Hit]:
        return _SEARCH.search(text, language, None, limit=limit)

    async def of_others(text: str, language: str, limit: int) -> Sequence[Hit]:
        return ()

    tool = SearchKnowledge(of_others, {"acme": of_acme, "other": of_others}.__getitem__)
    call = ToolCall("search_knowledge", {"text": "refund"})
    found = [await ToolBelt([tool]).run(call, ToolContext(name, "v", "c", "t")) for name in ("acme", "other")]
    assert [one.outcome for one in found] == [Outcome.FOUND, Outcome.NONE]
    off = ToolBelt([tool], switched_off=["search_knowledge"])
    with pytest.raises(ServiceError) as refused:
        await off.run(call, ToolContext("acme", "v", "c", "t"))
    assert (refused.value.code, refused.value.reason) == (Code.FORBIDDEN, "TOOL_FORBIDDEN")
    assert off.schemas("en") == []
