"""How much one tenant may ask of language models at once and over time, in this process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from servicekit.errors import exhausted
from servicekit.resilience import Clock

_MOST_TENANTS = 10_000


@dataclass
class _Tenant:
    tokens: float
    at_s: float
    running: int = 0


class TenantLimits:
    """A token bucket and a number of places for each tenant; nobody waits, who finds none is answered otherwise.

    Args:
        per_s: Answers per second in the long run; 0: any number.
        burst: Answers at once after a pause.
        concurrency: Answers that run at once; 0: any number.
        clock: In seconds, monotonic.
    """

    def __init__(
        self, *, per_s: float = 0.0, burst: int = 1, concurrency: int = 0, clock: Clock = time.monotonic
    ) -> None:
        self._per_s, self._burst, self._concurrency, self._clock = per_s, float(max(1, burst)), concurrency, clock
        self._tenants: OrderedDict[str, _Tenant] = OrderedDict()

    @asynccontextmanager
    async def place(self, tenant: str) -> AsyncIterator[None]:
        """A place for one answer.

        Raises:
            ServiceError: LLM_TENANT_LIMIT (429).
        """
        known = self._known(tenant)
        if self._concurrency and known.running >= self._concurrency:
            raise exhausted("LLM_TENANT_LIMIT", "too many answers are being written at once", retry_after_s=1.0)
        if self._per_s:
            if known.tokens < 1.0:
                wait_s = (1.0 - known.tokens) / self._per_s
                raise exhausted("LLM_TENANT_LIMIT", "too many answers were asked for", retry_after_s=wait_s)
            known.tokens -= 1.0
        known.running += 1
        try:
            yield
        finally:
            known.running -= 1

    def _known(self, tenant: str) -> _Tenant:
        now_s = self._clock()
        known = self._tenants.setdefault(tenant, _Tenant(self._burst, now_s))
        self._tenants.move_to_end(tenant)
        known.tokens = min(self._burst, known.tokens + (now_s - known.at_s) * self._per_s)
        known.at_s = now_s
        if len(self._tenants) > _MOST_TENANTS:
            idle = next((name for name, one in self._tenants.items() if not one.running and name != tenant), None)
            if idle is not None:
                del self._tenants[idle]
        return known
