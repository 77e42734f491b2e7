"""Everything that stands between the socket and the edge's work, made and stopped as one."""

from __future__ import annotations

import asyncio

from gateway.settings import GatewaySettings
from gateway.tokens import VisitorTokens
from gateway.trust.addresses import Addresses
from gateway.trust.authenticator import Authenticator
from gateway.trust.caps import ConnectionCaps
from gateway.trust.doors import Doors
from gateway.trust.issuers import Issuers
from gateway.trust.jwks import JwksCache
from servicekit.tenants import single_tenant
from servicekit.tenants_file import TenantBook

_DAY_S = 86_400.0


class Guard:
    """Tenants, credentials and limits of one gateway.

    Args:
        settings: What the gateway was told.
        secret: The first key of visitor tokens.

    Raises:
        TenantsFileError: The tenants file is wrong.
    """

    def __init__(self, settings: GatewaySettings, secret: bytes) -> None:
        key_sets: dict[str, JwksCache] = {}
        self.book = _open_book(settings, key_sets)
        secrets = [secret, *(old.encode() for old in settings.token_secrets_old)]
        visitors = VisitorTokens(secrets, tenant=settings.tenant, life_s=settings.token_days * _DAY_S)
        self.authenticator = Authenticator(visitors, self.book, key_sets)
        self.doors = Doors(self.authenticator, settings.tenant)
        self.addresses = Addresses(settings.trusted_proxies)
        self.caps = ConnectionCaps(settings.max_connections_per_address, self._connections_of)
        self._tasks: list[asyncio.Task[None]] = []

    def _connections_of(self, tenant: str) -> int | None:
        section = self.book.current.get(tenant)
        return None if section is None else section.limits.connections

    def start(self) -> None:
        """Begins to follow the tenants file and to fetch the keys of issuers."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self.book.watch()), loop.create_task(self.authenticator.prepare())]

    async def stop(self) -> None:
        """Ends both."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []


def _open_book(settings: GatewaySettings, key_sets: dict[str, JwksCache]) -> TenantBook:
    if settings.tenants_file is None:
        return TenantBook(single_tenant(settings.tenant, list(settings.origins)))
    return TenantBook.open(settings.tenants_file, lambda tenants: Issuers(tenants, key_sets))
