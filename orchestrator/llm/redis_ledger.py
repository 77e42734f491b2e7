"""The accounts of language models in Redis: one hash per tenant and month."""

from __future__ import annotations

from typing import Any

from redis.exceptions import RedisError

from orchestrator.llm.accounting import Spent
from servicekit.errors import unavailable

_KEPT_S = 400 * 24 * 3600
_FIELDS = ("micros", "input_tokens", "output_tokens", "calls")


class RedisLedger:
    """The `Ledger` port.

    Args:
        client: Redis or Redis Cluster: an account is one key.
        prefix: Before every key.
    """

    def __init__(self, client: Any, prefix: str) -> None:
        self._client, self._prefix = client, prefix

    async def add(self, tenant: str, month: str, spent: Spent) -> Spent:
        """See the port."""
        key = f"{self._prefix}:llm:{tenant}:{month}"
        try:
            pipe = self._client.pipeline(transaction=False)
            for field in _FIELDS:
                pipe.hincrby(key, field, getattr(spent, field))
            pipe.expire(key, _KEPT_S)
            *totals, _ = await pipe.execute()
        except (RedisError, OSError) as error:
            raise unavailable("UNAVAILABLE", "the store is out of reach") from error
        return Spent(*totals)
