"""Erases a customer's conversations from the store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from orchestrator.journal.store import Store, reaching_store

_BATCH = 500
_POLL_S = 0.1
_PASSES = 5  # a client that comes back at once opens another one; who does so again and again is stopped at the edge


@dataclass(frozen=True)
class ErasedConversations:
    """What is gone."""

    conversations: int = 0
    entries: int = 0


class ConversationEraser:
    """Finds a customer's conversations and erases them.

    No list of a customer's conversations is kept, which would be one more thing to erase: every head in the store is
    looked at, some ten thousand a second.

    Args:
        store: Where conversations are.
        patience_s: How long an answer that is being written is waited for; afterwards it is erased all the same.
        sleep: Passes the time.
        now: A clock in seconds.
    """

    def __init__(
        self, store: Store, *, patience_s: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._store, self._patience_s, self._sleep, self._now = store, patience_s, sleep, now

    async def erase(self, tenant: str, customer_id: str) -> ErasedConversations:
        """Erases every conversation of the customer, also those that are opened meanwhile.

        Raises:
            ServiceError: UNAVAILABLE; what is left is found by the next call.
        """
        conversations = entries = 0
        for _ in range(_PASSES):
            found = await self._of(tenant, customer_id)
            if not found:
                break
            for conversation_id in found:
                gone = await self._erase(conversation_id, tenant, customer_id)
                conversations, entries = conversations + (gone is not None), entries + (gone or 0)
        with reaching_store():
            await self._store.client.delete(self._store.keys.current(tenant, customer_id))
        return ErasedConversations(conversations, entries)

    async def _erase(self, conversation_id: str, tenant: str, customer_id: str) -> int | None:
        """The entries that are gone; None when the conversation was gone before."""
        until = self._now() + self._patience_s
        while True:
            force = "1" if self._now() >= until else ""
            status, *rest = await self._store.run("erase", conversation_id, tenant, customer_id, force)
            if status == b"erased":
                return int(rest[0])
            if status == b"missing":
                return None
            await self._sleep(_POLL_S)

    async def _of(self, tenant: str, customer_id: str) -> list[str]:
        wanted = [tenant.encode(), customer_id.encode()]
        found: list[str] = []
        async for heads in self._heads():
            with reaching_store():
                owners = await asyncio.gather(*(self._store.client.hmget(head, "tenant", "customer") for head in heads))
            found += [_conversation(head) for head, owner in zip(heads, owners, strict=True) if owner == wanted]
        return found

    async def _heads(self) -> AsyncIterator[Sequence[bytes]]:
        batch: list[bytes] = []
        with reaching_store():
            async for key in self._store.client.scan_iter(match=self._store.keys.heads(), count=_BATCH):
                batch.append(key)
                if len(batch) >= _BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch


def _conversation(head: bytes) -> str:
    return head.decode().rsplit(":", 2)[1]
