"""The turn with a tenant's own knowledge: made when its first customer writes, kept for the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from orchestrator.journal.ports import Begun, Result, TurnRef
from orchestrator.retrieval.knowledge import Knowledge, load_knowledge
from orchestrator.retrieval.search import KnowledgeSearch
from orchestrator.turns.runner import Answering
from orchestrator.turns.writing import AnswerWriter
from servicekit.errors import unavailable
from servicekit.resilience import Deadline
from servicekit.telemetry import get_logger

_log = get_logger("tenancy")


@dataclass(frozen=True)
class Shelf:
    """Knowledge, its search, and the turn that rests on both."""

    knowledge: Knowledge
    search: KnowledgeSearch
    turn: Answering


class TurnByTenant:
    """Answers with the knowledge of the customer's tenant; nobody's answer rests on another tenant's articles.

    Args:
        common: For tenants without a folder of their own.
        folder_of: A tenant's folder, or None.
        make: Builds the rest around knowledge that was read.
    """

    def __init__(
        self,
        common: Shelf,
        folder_of: Callable[[str], Path | None],
        make: Callable[[Knowledge, KnowledgeSearch], Answering],
    ) -> None:
        self._common, self._folder_of, self._make = common, folder_of, make
        self._shelves: dict[Path, Shelf] = {}
        self._reading = asyncio.Lock()

    async def answer(self, turn: TurnRef, begun: Begun, writer: AnswerWriter, deadline: Deadline) -> Result:
        """Answers one message.

        Raises:
            ServiceError: UNAVAILABLE: the tenant's folder cannot be read. Another's knowledge is no substitute.
        """
        shelf = await self._shelf(begun.head.tenant if begun.head is not None else "")
        return await shelf.turn.answer(turn, begun, writer, deadline)

    def stopped(self, turn: TurnRef, begun: Begun, text: str) -> Result:
        """What is left behind when the customer stopped it after `text`."""
        return self.known(begun.head.tenant if begun.head is not None else "").turn.stopped(turn, begun, text)

    def given_up(self, turn: TurnRef, begun: Begun, why: str) -> Result:
        """What is left behind when there will be no answer."""
        return self.known(begun.head.tenant if begun.head is not None else "").turn.given_up(turn, begun, why)

    def known(self, tenant: str) -> Shelf:
        """What is there for a tenant already; the common one before its own was read."""
        folder = self._folder_of(tenant)
        return self._common if folder is None else self._shelves.get(folder, self._common)

    async def _shelf(self, tenant: str) -> Shelf:
        folder = self._folder_of(tenant)
        if folder is None:
            return self._common
        if folder not in self._shelves:
            async with self._reading:
                if folder not in self._shelves:
                    self._shelves[folder] = await self._read(folder, tenant)
        return self._shelves[folder]

    async def _read(self, folder: Path, tenant: str) -> Shelf:
        try:
            knowledge, search = await asyncio.to_thread(_load, folder)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            _log.error("a tenant's knowledge cannot be read", tenant=tenant, folder=str(folder), problem=str(error))
            raise unavailable("UNAVAILABLE", "the shop's knowledge cannot be read") from None
        _log.info("a tenant's knowledge was read", tenant=tenant, articles=len(knowledge.articles))
        return Shelf(knowledge, search, self._make(knowledge, search))


def _load(folder: Path) -> tuple[Knowledge, KnowledgeSearch]:
    knowledge = load_knowledge(folder)
    return knowledge, KnowledgeSearch(knowledge)
