"""Whose knowledge an answer rests on: the tenant's own, else the common one, and never another's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from orchestrator.journal.entries import Head
from orchestrator.journal.ports import BeginStatus, Begun, TurnRef
from orchestrator.retrieval.knowledge import DEFAULT_ROOT, Knowledge
from orchestrator.retrieval.lookup import KnowledgeLookup
from orchestrator.retrieval.search import KnowledgeSearch
from orchestrator.tools.knowledge import SearchKnowledge, SearchKnowledgeArguments
from orchestrator.tools.tool import ToolContext
from orchestrator.turns.by_tenant import Shelf, TurnByTenant
from servicekit.errors import ServiceError
from servicekit.resilience import Deadline
from tests.fakes import FakeEncoder
from tests.orchestrator.harness import knowledge

pytestmark = pytest.mark.unit

ARTICLE = """
topic: opening
articles:
- id: opening-hours
  topic: opening
  intents: [other]
  title: {en: Opening hours, zh: 营业时间}
  questions: {en: [when are you open], zh: [几点开门]}
  answer: {en: We open at noon., zh: 中午开门。}
  facts: []
  sticker_hint: {en: welcome, zh: 欢迎}
"""
TURN = TurnRef("c-1", "t-1", 1, "1-0")


class Naming:
    """A turn that says whose knowledge it has."""

    def __init__(self, own: Knowledge) -> None:
        self.said = own.values["en"]["shop_name"]

    async def answer(self, *given: Any) -> Any:
        return self.said

    def stopped(self, *given: Any) -> Any:
        return self.said

    def given_up(self, *given: Any) -> Any:
        return self.said


class Desk:
    """Two tenants, of which one has a folder; what was made, in order."""

    def __init__(self, folder: Path) -> None:
        self.folders: dict[str, Path] = {"acme": folder}
        self.made: list[str] = []
        common = Shelf(knowledge(), KnowledgeSearch(knowledge()), Naming(knowledge()))
        self.turns = TurnByTenant(common, self.folders.get, self.make)

    def make(self, own: Knowledge, search: KnowledgeSearch) -> Naming:
        self.made.append(own.values["en"]["shop_name"])
        return Naming(own)

    async def answer(self, tenant: str) -> Any:
        return await self.turns.answer(TURN, begun(tenant), None, Deadline.after(5))  # type: ignore[arg-type]


def begun(tenant: str) -> Begun:
    """A turn of one of the tenant's customers."""
    head = Head(conversation_id="c-1", tenant=tenant, customer_id="kim", epoch="e")
    return Begun(BeginStatus.RUN, head=head)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The least that a folder needs: articles, and the shop's own policy."""
    own = tmp_path / "acme"
    (own / "articles").mkdir(parents=True)
    (own / "articles" / "opening.yaml").write_text(ARTICLE, "utf-8")
    policy = (DEFAULT_ROOT / "policy.yaml").read_text("utf-8")
    (own / "policy.yaml").write_text(policy.replace("{en: Peachwood, zh: 桃木小铺}", "{en: Acme, zh: 顶点}"), "utf-8")
    return own


async def test_each_tenant_has_its_own(folder: Path) -> None:
    """Read when it is first needed, once however many ask at once; the others share the common one."""
    desk = Desk(folder)
    assert await desk.answer("beta") == "Peachwood"
    assert desk.made == []
    assert await asyncio.gather(*(desk.answer("acme") for _ in range(5))) == ["Acme"] * 5
    assert desk.made == ["Acme"]
    assert desk.turns.stopped(TURN, begun("acme"), "") == desk.turns.given_up(TURN, begun("acme"), "") == "Acme"
    assert desk.turns.stopped(TURN, Begun(BeginStatus.LOST), "") == "Peachwood"


async def test_anothers_knowledge_is_no_substitute(folder: Path) -> None:
    """A folder that cannot be read fails the turn, which is tried again; mended, it answers."""
    desk = Desk(folder)
    broken = (folder / "articles" / "opening.yaml").rename(folder / "opening.yaml")
    for _ in range(2):
        with pytest.raises(ServiceError) as refused:
            await desk.answer("acme")
        assert refused.value.retryable
    for text in ("articles: [5]", "articles: [{id: x}]", "{", "topic: none", "[]"):
        (folder / "articles" / "bad.yaml").write_text(text)
        with pytest.raises(ServiceError):
            await desk.answer("acme")
    (folder / "articles" / "bad.yaml").unlink()
    broken.rename(folder / "articles" / "opening.yaml")
    assert await desk.answer("acme") == "Acme"


async def test_the_tool_searches_the_tenants_own(folder: Path) -> None:
    """What a model looks up for one tenant's customer is of that tenant."""
    desk = Desk(folder)
    await desk.answer("acme")
    lookup = KnowledgeLookup(KnowledgeSearch(knowledge()), FakeEncoder(), 0.5)
    tool = SearchKnowledge(lookup.find, lambda tenant: lookup.within(desk.turns.known(tenant).search).find)

    async def found(tenant: str) -> set[str]:
        context = ToolContext(tenant, "kim", "c-1", "t-1", "en", Deadline.after(5))
        result = await tool.run(context, SearchKnowledgeArguments(text="when are you open", limit=10))
        return {article["id"] for article in result.facts["articles"]}

    assert await found("acme") == {"opening-hours"}
    assert "opening-hours" not in await found("beta")
