"""How many messages customers and tenants may send.

No message waits for Redis. Each gateway holds every customer to their full allowance by itself, tells a ledger ten
times a second what it let through (a few round trips for everybody), and learns who has to pause because of what they
sent elsewhere. In the long run that is exact, for debts are kept; for a moment a customer can have one burst per
gateway. Without a ledger, or while it is out of reach, the gateway's own count is what holds: nobody is refused for it.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

from prometheus_client import Counter

from gateway.edge.limits import TokenBucket
from gateway.trust.identity import Identity
from gateway.trust.ledger import Charge, Rates, Verdict
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_MAX_CUSTOMERS = 50_000
_REPORT_EVERY_S = 0.1
_AT_ONCE = 200
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0

_log = get_logger("gateway.budget")
Who = tuple[str, str]


class Ledger(Protocol):
    """What all gateways have let through, see `RedisLedger`."""

    async def charge(self, charges: Sequence[Charge]) -> list[Verdict]:
        """Charges customers of one tenant, and tells who has to wait.

        Raises:
            ServiceError: UNAVAILABLE.
        """


class _Purse:
    """The allowance of one customer or tenant in this process."""

    __slots__ = ("bucket", "paused_until_s", "rates")

    def __init__(self, per_s: float, burst: int, rates: Rates, now_s: float) -> None:
        self.bucket = TokenBucket(per_s, burst, now_s) if per_s > 0.0 else None
        self.paused_until_s = 0.0
        self.rates = rates

    def take(self, now_s: float) -> float:
        if self.paused_until_s > now_s:
            return self.paused_until_s - now_s
        return 0.0 if self.bucket is None else self.bucket.take(now_s)


class Budget:
    """Lets messages through, or says how long to wait.

    Args:
        rates: What a tenant's customers may send.
        ledger: Shared with the other gateways; None: there is none.
        failures: Counts reports that the ledger did not take.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        rates: Callable[[str], Rates],
        ledger: Ledger | None = None,
        failures: Counter | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rates, self._ledger, self._failures, self._clock = rates, ledger, failures, clock
        self._customers: OrderedDict[Who, _Purse] = OrderedDict()
        self._tenants: dict[str, _Purse] = {}
        self._owed: dict[Who, int] = {}
        self._something_owed = asyncio.Event()

    def spend(self, who: Identity) -> float:
        """Takes one message off what a customer and their tenant may send.

        Returns:
            0 when there was one, else the seconds until there will be.
        """
        return self.take(who.tenant, who.subject)

    def take(self, tenant: str, subject: str) -> float:
        """The same for whatever else is counted within a tenant."""
        now_s, key = self._clock(), (tenant, subject)
        rates = self._rates(tenant)
        wait_s = self._customer(key, rates, now_s).take(now_s)
        if wait_s == 0.0:  # only then: a customer who is too fast must not use up the others' share
            wait_s = self._tenant(tenant, rates, now_s).take(now_s)
        if wait_s == 0.0 and self._ledger is not None:
            self._owed[key] = self._owed.get(key, 0) + 1
            self._something_owed.set()
        return wait_s

    def _customer(self, key: Who, rates: Rates, now_s: float) -> _Purse:
        purse = self._customers.get(key)
        if purse is None or (purse.rates is not rates and purse.rates != rates):
            purse = self._customers[key] = _Purse(rates.customer_per_s, rates.customer_burst, rates, now_s)
            if len(self._customers) > _MAX_CUSTOMERS:
                self._customers.popitem(last=False)
        else:
            self._customers.move_to_end(key)
        return purse

    def _tenant(self, tenant: str, rates: Rates, now_s: float) -> _Purse:
        purse = self._tenants.get(tenant)
        if purse is None or (purse.rates is not rates and purse.rates != rates):
            purse = self._tenants[tenant] = _Purse(rates.tenant_per_s, rates.tenant_burst, rates, now_s)
        return purse

    async def report_for_ever(self) -> None:
        """Reports until it is cancelled; pauses, longer each time, while the ledger is out of reach."""
        pause_s = _FIRST_PAUSE_S
        while self._ledger is not None:
            await self._something_owed.wait()
            await asyncio.sleep(_REPORT_EVERY_S)
            if await self.report():
                pause_s = _FIRST_PAUSE_S
            else:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def report(self) -> bool:
        """Tells the ledger what was let through; whether it took it.

        What cannot be told is forgotten: a ledger that was away must not come back to a heap of old debts.
        """
        owed, self._owed = self._owed, {}
        self._something_owed.clear()
        if self._ledger is None or not owed:
            return True
        try:
            for part in self._parts(owed):
                self._learn(part, await self._ledger.charge(part))
        except ServiceError as error:
            _log.warning("limits are this gateway's own for now", problem=error.message)
            if self._failures is not None:
                self._failures.inc()
            return False
        return True

    def _parts(self, owed: dict[Who, int]) -> list[list[Charge]]:
        """What is owed, by tenant, in parts of a size that holds up nobody."""
        tenants: dict[str, list[Charge]] = {}
        for (tenant, subject), messages in owed.items():
            tenants.setdefault(tenant, []).append(Charge(tenant, subject, messages, self._rates(tenant)))
        return [charges[at : at + _AT_ONCE] for charges in tenants.values() for at in range(0, len(charges), _AT_ONCE)]

    def _learn(self, charges: Sequence[Charge], verdicts: Sequence[Verdict]) -> None:
        now_s = self._clock()
        for charge, verdict in zip(charges, verdicts, strict=True):
            if (customer := self._customers.get((charge.tenant, charge.subject))) is not None:
                customer.paused_until_s = now_s + verdict.customer_s
            if (tenant := self._tenants.get(charge.tenant)) is not None:
                tenant.paused_until_s = now_s + verdict.tenant_s
