"""What customers and tenants have sent, over all gateways, in Redis or Valkey."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.exceptions import RedisClusterException, RedisError

from servicekit.errors import unavailable

_SCRIPT = Path(__file__).with_name("ledger.lua").read_text("utf-8")
_TIMEOUT_S = 1.0
_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Rates:
    """What may be sent. A rate of 0 is no limit.

    Attributes:
        customer_per_s: By one customer, in the long run.
        customer_burst: By one customer, at once.
        tenant_per_s: By all customers of a tenant, in the long run.
        tenant_burst: By all customers of a tenant, at once.
    """

    customer_per_s: float
    customer_burst: int
    tenant_per_s: float = 0.0
    tenant_burst: int = 1


@dataclass(frozen=True, slots=True)
class Charge:
    """Messages that were let through."""

    tenant: str
    subject: str
    messages: int
    rates: Rates


@dataclass(frozen=True, slots=True)
class Verdict:
    """Seconds until the next message is within the limit; 0: now."""

    customer_s: float
    tenant_s: float


def open_redis(url: str, *, cluster: bool = False) -> Any:
    """A client with few connections and short timeouts: what asks it has an answer of its own."""
    options: dict[str, Any] = {"socket_timeout": _TIMEOUT_S, "socket_connect_timeout": _TIMEOUT_S}
    if cluster:
        return RedisCluster.from_url(url, **options)
    pool = BlockingConnectionPool.from_url(url, max_connections=_CONNECTIONS, timeout=_TIMEOUT_S, **options)
    return Redis.from_pool(pool)


class RedisLedger:
    """Charges in one round trip for all customers together.

    Args:
        client: From `open_redis`.
        prefix: Before every key.
    """

    def __init__(self, client: Any, prefix: str = "sd") -> None:
        self._client = client
        self._prefix = prefix
        self._script = client.register_script(_SCRIPT)

    async def charge(self, charges: Sequence[Charge]) -> list[Verdict]:
        """Charges, and tells who has to wait.

        Raises:
            ServiceError: UNAVAILABLE: the ledger is out of reach; some may have been charged.
        """
        try:
            return [Verdict(customer / 1000, tenant / 1000) for customer, tenant in await self._run(charges)]
        except (RedisError, RedisClusterException, OSError, TimeoutError, ValueError) as error:
            raise unavailable("UNAVAILABLE", f"the ledger is out of reach: {type(error).__name__}") from None

    async def _run(self, charges: Sequence[Charge]) -> list[tuple[int, int]]:
        if isinstance(self._client, RedisCluster):
            return [await self._script(*self._arguments(charge)) for charge in charges]
        async with self._client.pipeline(transaction=False) as pipe:
            for charge in charges:
                await self._script(*self._arguments(charge), client=pipe)
            answers: list[tuple[int, int]] = await pipe.execute()
        return answers

    def _arguments(self, charge: Charge) -> tuple[list[str], list[float | int]]:
        rates = charge.rates
        who = hashlib.sha256(charge.subject.encode()).hexdigest()[:32]
        tenant = f"{self._prefix}:limit:{{{charge.tenant}}}"  # one slot of a cluster for a tenant's keys
        return [f"{tenant}:{who}", tenant], [
            charge.messages,
            _interval_us(rates.customer_per_s),
            rates.customer_burst,
            _interval_us(rates.tenant_per_s),
            rates.tenant_burst,
        ]


def _interval_us(per_s: float) -> float:
    return 0.0 if per_s <= 0.0 else 1_000_000 / per_s
