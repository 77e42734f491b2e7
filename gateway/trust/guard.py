"""Everything that stands between the socket and the edge's work, made and stopped as one."""

from __future__ import annotations

import asyncio

from gateway.metrics import EdgeMetrics
from gateway.settings import GatewaySettings
from gateway.tokens import VisitorTokens
from gateway.trust.addresses import Addresses
from gateway.trust.authenticator import Authenticator
from gateway.trust.budget import Budget
from gateway.trust.caps import ConnectionCaps
from gateway.trust.doors import Doors
from gateway.trust.issuers import Issuers
from gateway.trust.jwks import JwksCache
from gateway.trust.ledger import Rates, RedisLedger, open_redis
from gateway.trust.newcomers import PUBLIC_PER_MINUTE, Newcomers
from gateway.trust.usage import KeyUsage
from servicekit.background import stop
from servicekit.tenants import TenantLimits, single_tenant
from servicekit.tenants_file import TenantBook

_DAY_S = 86_400.0
_TENANT_BURST_S = 10.0


class Guard:
    """Tenants, credentials and limits of one gateway.

    Args:
        settings: What the gateway was told.
        secret: The first key of visitor tokens.
        metrics: Where the ledger's failures are counted.

    Raises:
        TenantsFileError: The tenants file is wrong.
    """

    def __init__(self, settings: GatewaySettings, secret: bytes, metrics: EdgeMetrics) -> None:
        key_sets: dict[str, JwksCache] = {}
        self.book = _open_book(settings, key_sets)
        secrets = [secret, *(old.encode() for old in settings.token_secrets_old)]
        visitors = VisitorTokens(secrets, tenant=settings.tenant, life_s=settings.token_days * _DAY_S)
        self._settings = settings
        self._redis = open_redis(settings.redis_url, cluster=settings.redis_cluster) if settings.redis_url else None
        self._usage = KeyUsage(settings.data_dir / "gateway" / "keys-used.json", self._redis, settings.redis_prefix)
        self.authenticator = Authenticator(visitors, self.book, key_sets, self._usage.mark)
        ledger = None if self._redis is None else RedisLedger(self._redis, settings.redis_prefix)
        self.budget = Budget(self._rates_of, ledger, metrics.ledger_failures)
        pictures = Rates(settings.uploads_per_minute / 60.0, settings.upload_burst)
        self.pictures = self._shared("pictures", pictures, metrics)
        self.newcomers = self._newcomers(metrics)
        self.doors = Doors(self.authenticator, settings.tenant, self.budget.spend, self.newcomers.admit)
        self.addresses = Addresses(settings.trusted_proxies)
        self.caps = ConnectionCaps(settings.max_connections_per_address, self._connections_of)
        self._rates: dict[str, Rates] = {}
        self._rates_version = 0
        self._tasks: list[asyncio.Task[None]] = []

    def _newcomers(self, metrics: EdgeMetrics) -> Newcomers:
        settings, set_to = self._settings, self._settings.visitors_per_minute
        per_minute, of_tenant = PUBLIC_PER_MINUTE if set_to is None else set_to, settings.tenant_visitors_per_minute
        return Newcomers(
            self._shared("visitors", Rates(per_minute / 60.0, settings.visitor_burst), metrics),
            self._shared("newcomers", Rates(of_tenant / 60.0, max(1, round(of_tenant))), metrics),
            public_only=set_to is None,
        )

    def _shared(self, name: str, rates: Rates, metrics: EdgeMetrics) -> Budget:
        """A budget of the same rates for every tenant, shared with the other gateways where there is a Redis."""
        ledger = None if self._redis is None else RedisLedger(self._redis, f"{self._settings.redis_prefix}:{name}")
        return Budget(lambda tenant: rates, ledger, metrics.ledger_failures)

    @property
    def _budgets(self) -> tuple[Budget, ...]:
        return self.budget, self.pictures, *self.newcomers.budgets

    def frame_ancestors(self, tenant: str | None) -> tuple[str, ...]:
        """Origins that may show the edge's pages in a frame: of all, and of the tenant that the address names."""
        section = self.book.current.get(tenant or self._settings.tenant)
        return (*self._settings.frame_ancestors, *(() if section is None else section.frame_ancestors))

    def _connections_of(self, tenant: str) -> int | None:
        section = self.book.current.get(tenant)
        return None if section is None else section.limits.connections

    def _rates_of(self, tenant: str) -> Rates:
        """What a tenant's customers may send; the same object as long as the file is the same."""
        if self._rates_version != self.book.version:
            self._rates, self._rates_version = {}, self.book.version
        if (rates := self._rates.get(tenant)) is None:
            section = self.book.current.get(tenant)
            limits = TenantLimits() if section is None else section.limits
            rates = self._rates[tenant] = rates_of(limits, self._settings.frames_per_s, self._settings.frame_burst)
        return rates

    def start(self) -> None:
        """Begins to follow the tenants file, to fetch the keys of issuers and to share what was sent."""
        loop = asyncio.get_running_loop()
        work = (
            self.book.watch(),
            self.authenticator.prepare(),
            *(budget.report_for_ever() for budget in self._budgets),
            self._usage.write_for_ever(),
        )
        self._tasks = [loop.create_task(job) for job in work]

    async def stop(self) -> None:
        """Ends that, and tells the ledger what it does not know yet."""
        await stop(self._tasks)
        self._tasks = []
        for budget in self._budgets:
            await budget.report()
        await self._usage.write()
        if self._redis is not None:
            await self._redis.aclose()


def _open_book(settings: GatewaySettings, key_sets: dict[str, JwksCache]) -> TenantBook:
    if settings.tenants_file is None:
        return TenantBook(single_tenant(settings.tenant, list(settings.origins)))
    return TenantBook.open(settings.tenants_file, lambda tenants: Issuers(tenants, key_sets))


def rates_of(limits: TenantLimits, frames_per_s: float, frame_burst: int) -> Rates:
    """A tenant's limits, with what one connection may where they say nothing of a customer."""
    customer, everybody = limits.messages_per_minute, limits.tenant_messages_per_minute
    per_s = 0.0 if everybody is None else everybody / 60.0
    return Rates(
        frames_per_s if customer is None else customer / 60.0,
        limits.message_burst or frame_burst,
        per_s,
        limits.tenant_message_burst or max(1, round(per_s * _TENANT_BURST_S)),
    )
