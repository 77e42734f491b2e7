"""The line for a person in Redis: one sorted set per tenant, by the moment of joining."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.journal.ports import Place
from orchestrator.journal.store import Store, reaching_store

_SURE_AFTER = 3  # so many must have been served before their pace says anything


class RedisLine:
    """The `Line` port on Redis ≥ 7 or Valkey."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def join(self, tenant: str, conversation_id: str, since_ms: int = 0) -> bool:
        """See the port."""
        return await self._store.line_join(tenant, conversation_id, since_ms)

    async def leave(self, tenant: str, conversation_id: str, *, served: bool) -> bool:
        """See the port."""
        return await self._store.line_leave(tenant, conversation_id, served=served)

    async def first(self, tenant: str, count: int) -> list[str]:
        """See the port."""
        waiting, _ = self._store.keys.line(tenant)
        with reaching_store():
            return [one.decode() for one in await self._store.client.zrange(waiting, 0, count - 1)]

    async def places(self, tenant: str, conversation_ids: Sequence[str]) -> dict[str, Place]:
        """See the port. One round trip for all."""
        waiting, pace = self._store.keys.line(tenant)
        with reaching_store():
            async with self._store.client.pipeline(transaction=False) as pipe:
                pipe.hmget(pace, "between_ms", "count")
                for one in conversation_ids:
                    pipe.zrank(waiting, one)
                (between, count), *ranks = await pipe.execute()
        known_s = int(between) / 1000 if int(count or 0) >= _SURE_AFTER else None
        return {
            one: Place(rank + 1, None if known_s is None else round(known_s * (rank + 1), 1))
            for one, rank in zip(conversation_ids, ranks, strict=True)
            if rank is not None
        }
