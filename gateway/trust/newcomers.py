"""How many new visitors one address and one tenant may bring: who is new has a fresh allowance of everything else."""

from __future__ import annotations

from gateway.trust.addresses import is_public
from gateway.trust.budget import Budget
from servicekit.errors import exhausted

PUBLIC_PER_MINUTE = 60.0
"""Of one public address when no number is set: many people are behind one office's or carrier's address."""


class Newcomers:
    """Lets new visitors in.

    Args:
        addresses: What an address may bring.
        tenants: What all addresses together may bring to a tenant.
        public_only: Whether private addresses are not counted, for there it is the proxy that is seen.
    """

    def __init__(self, addresses: Budget, tenants: Budget, *, public_only: bool) -> None:
        self._addresses, self._tenants, self._public_only = addresses, tenants, public_only

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """What is to be shared with other gateways."""
        return self._addresses, self._tenants

    def admit(self, tenant: str, address: str) -> None:
        """Takes one new visitor off what the address and the tenant may bring.

        Raises:
            ServiceError: RATE_LIMITED (429), with when to try again.
        """
        wait_s = 0.0
        if address and (is_public(address) or not self._public_only):
            wait_s = self._addresses.take(tenant, address)
        if wait_s == 0.0:  # only then: an address that brings too many must not use up the others' share
            wait_s = self._tenants.take(tenant, "")
        if wait_s > 0.0:
            raise exhausted("RATE_LIMITED", "too many new visitors, try again later", retry_after_s=wait_s)
