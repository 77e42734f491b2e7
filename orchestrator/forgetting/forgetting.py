"""Erases a customer from everything that the orchestrator keeps: conversations first, then the shop's records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from orchestrator.backoffice.forgetting import ErasedRows
from orchestrator.backoffice.office import Who
from orchestrator.journal.erasing import ErasedConversations
from servicekit.errors import not_found
from servicekit.telemetry import get_logger

EraseRecords = Callable[[Who], Awaitable[list[ErasedRows]]]


class Conversations(Protocol):
    """Where conversations are kept."""

    async def erase(self, tenant: str, customer_id: str) -> ErasedConversations:
        """Erases the customer's.

        Raises:
            ServiceError: UNAVAILABLE.
        """
        ...


@dataclass(frozen=True)
class Forgotten:
    """What was erased."""

    conversations: ErasedConversations
    records: tuple[ErasedRows, ...]


class Forgetting:
    """Forgets customers.

    Args:
        conversations: The journal's eraser.
        erase_records: Erases a customer from the shop's records; tells by table what was done.
    """

    def __init__(self, conversations: Conversations, erase_records: EraseRecords) -> None:
        self._conversations, self._erase_records = conversations, erase_records
        self._log = get_logger("forgetting")

    async def forget(self, tenant: str, customer_id: str) -> Forgotten:
        """Erases a customer; to do it again changes nothing.

        Conversations go first: a turn that still runs could otherwise write the customer into the records again.

        Raises:
            ServiceError: CUSTOMER_UNKNOWN (404) when nothing was known; UNAVAILABLE when a store is out of reach: what
                is left is erased by the next call.
        """
        conversations = await self._conversations.erase(tenant, customer_id)
        records = await self._erase_records(Who(tenant, customer_id))
        if not conversations.conversations and not records:
            raise not_found("CUSTOMER_UNKNOWN", "nothing is known of such a customer, or nothing any more")
        self._log.info(
            "customer forgotten", conversations=conversations.conversations, entries=conversations.entries,
            records=sum(one.erased + one.unnamed for one in records),
        )  # fmt: skip
        return Forgotten(conversations, tuple(records))
