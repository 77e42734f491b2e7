"""The tool that searches the help articles, as an LLM sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

import msgspec

from orchestrator.retrieval.search import Hit
from orchestrator.tools.tool import Outcome, ToolContext, ToolResult

Search = Callable[[str, str, int], Awaitable[Sequence[Hit]]]


class SearchKnowledgeArguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is searched for."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4000, description="A question, in the customer's words")]
    language: Literal["", "en", "zh"] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3


class SearchKnowledge:
    """Searches the help articles.

    Args:
        search: Text, language and limit in; hits out, best first.
        of_tenant: The search of a tenant, where tenants have knowledge of their own.
    """

    name: ClassVar[str] = "search_knowledge"
    about: ClassVar[Mapping[str, str]] = {
        "en": "Searches the shop's help articles. Use it before answering any question about the shop.",
        "zh": "检索店铺的帮助文章。回答与店铺有关的问题前请先使用。",
    }
    arguments: ClassVar[type[msgspec.Struct]] = SearchKnowledgeArguments
    effect: ClassVar[bool] = False
    timeout_s: ClassVar[float] = 2.0

    def __init__(self, search: Search, of_tenant: Callable[[str], Search] | None = None) -> None:
        self._of_tenant = of_tenant or (lambda tenant: search)

    async def run(self, context: ToolContext, arguments: SearchKnowledgeArguments) -> ToolResult:
        """See `Tool.run`."""
        language = arguments.language or ("zh" if context.language == "zh" else "en")
        hits = await self._of_tenant(context.tenant)(arguments.text, language, arguments.limit)
        found = [
            {
                "id": hit.article.id,
                "title": hit.article.title[language],
                "answer": hit.article.answer[language],
                "score": round(hit.score, 3),
            }
            for hit in hits
        ]
        return ToolResult(Outcome.FOUND if found else Outcome.NONE, {"articles": found})
