"""How many WebSockets one address and one tenant may have open at once on this gateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from gateway.trust.addresses import is_public
from servicekit.errors import unavailable

PUBLIC_CAP = 500
"""Connections of one public address when no number is set: many people behind one office's or carrier's address."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that was taken; to be given back."""

    address: str
    tenant: str


class ConnectionCaps:
    """Counts connections.

    Args:
        per_address: The most of one address; None: `PUBLIC_CAP` of a public one, and any number of a private one, for
            there it is the proxy that is seen; 0: any number.
        per_tenant: The most of a tenant, or None.
    """

    def __init__(self, per_address: int | None, per_tenant: Callable[[str], int | None]) -> None:
        self._per_address = per_address
        self._per_tenant = per_tenant
        self._by_address: Counter[str] = Counter()
        self._by_tenant: Counter[str] = Counter()

    def enter(self, address: str, tenant: str) -> Place:
        """Takes a place.

        Raises:
            ServiceError: TOO_MANY_CONNECTIONS (503).
        """
        most, of_tenant = self._cap_of(address), self._per_tenant(tenant)
        if most and self._by_address[address] >= most:
            raise unavailable("TOO_MANY_CONNECTIONS", "too many connections from this address")
        if of_tenant is not None and self._by_tenant[tenant] >= of_tenant:
            raise unavailable("TOO_MANY_CONNECTIONS", "too many connections to this tenant")
        self._by_address[address] += 1
        self._by_tenant[tenant] += 1
        return Place(address, tenant)

    def leave(self, place: Place) -> None:
        """Gives a place back."""
        _decrement(self._by_address, place.address)
        _decrement(self._by_tenant, place.tenant)

    def _cap_of(self, address: str) -> int:
        if self._per_address is not None:
            return self._per_address
        return PUBLIC_CAP if is_public(address) else 0

    def __len__(self) -> int:
        """How many places are taken."""
        return self._by_tenant.total()


def _decrement(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
