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
    """Charges in one round trip for many customers of a tenant.

    Args:
        client: From `open_redis`.
        prefix: Before every key.
    """

    def __init__(self, client: Any, prefix: str = "sd") -> None:
        self._prefix = prefix
        self._script = client.register_script(_SCRIPT)

    async def charge(self, charges: Sequence[Charge]) -> list[Verdict]:
        """Charges, and tells who has to wait.

        Args:
            charges: Of one tenant; all with its rates.

        Raises:
            ServiceError: UNAVAILABLE: the ledger is out of reach; they may or may not have been charged.
        """
        try:
            tenant_ms, *waits_ms = await self._script(*self._arguments(charges))
        except (RedisError, RedisClusterException, OSError, TimeoutError, ValueError) as error:
            raise unavailable("UNAVAILABLE", f"the ledger is out of reach: {type(error).__name__}") from None
        return [Verdict(wait_ms / 1000, tenant_ms / 1000) for wait_ms in waits_ms]

    def _arguments(self, charges: Sequence[Charge]) -> tuple[list[str], list[float | int]]:
        rates, tenant = charges[0].rates, f"{self._prefix}:limit:{{{charges[0].tenant}}}"  # one slot of a cluster
        keys = [tenant, *(f"{tenant}:{_name(charge.subject)}" for charge in charges)]
        limits = (
            *(_interval_us(rates.customer_per_s), rates.customer_burst),
            *(_interval_us(rates.tenant_per_s), rates.tenant_burst),
        )
        return keys, [*limits, *(charge.messages for charge in charges)]


def _name(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()[:32]


def _interval_us(per_s: float) -> float:
    return 0.0 if per_s <= 0.0 else 1_000_000 / per_s
