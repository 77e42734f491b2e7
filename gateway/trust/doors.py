"""Which tenant a client comes to, before it has said who it is: by name, by the page's origin, or by default."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.trust.authenticator import Authenticator, allows, origin_forbidden
from gateway.trust.identity import Identity, require
from servicekit.errors import forbidden, unauthenticated
from servicekit.tenants import Scope, Tenants

Spend = Callable[[Identity], float]
Admit = Callable[[str, str], None]


class Door:
    """One tenant's way in; the token desk of every connection that came through it."""

    __slots__ = ("authenticator", "spend", "tenant")

    def __init__(self, tenant: str, authenticator: Authenticator, spend: Spend) -> None:
        self.tenant = tenant
        self.authenticator = authenticator
        self.spend = spend

    @property
    def known(self) -> bool:
        """Whether there is such a tenant now."""
        return self.authenticator.book.current.get(self.tenant) is not None

    @property
    def packs(self) -> Sequence[str] | None:
        """The tenant's sticker packs; None: all."""
        section = self.authenticator.book.current.get(self.tenant)
        return None if section is None else section.packs

    def issue(self) -> tuple[str, Identity]:
        """A token for a new visitor of the tenant.

        Raises:
            ServiceError: TENANT_UNKNOWN (403): the tenant has gone since.
        """
        if not self.known:
            raise forbidden("TENANT_UNKNOWN", "there is no such tenant")
        return self.authenticator.visitors.issue(self.tenant)

    def verify(self, token: str) -> Identity:
        """Reads a customer's token.

        Raises:
            ServiceError: As of `Authenticator.verify`; SCOPE_MISSING, TENANT_MISMATCH (403).
        """
        identity = require(self.authenticator.verify(token), Scope.CUSTOMER)
        if identity.tenant != self.tenant:
            raise forbidden("TENANT_MISMATCH", "this token is another tenant's, connect with ?tenant=")
        return identity

    def refresh(self, token: str, visitor: Identity) -> str:
        """The same token, or a new one for the same visitor when half its life is over."""
        return self.authenticator.visitors.refresh(token, visitor) if visitor.kind == "visitor" else token

    def renew(self, visitor: Identity) -> tuple[str, Identity]:
        """A new token for the same visitor.

        Raises:
            ServiceError: TOKEN_INVALID (401): the identity is not the edge's to renew.
        """
        if visitor.kind != "visitor":
            raise unauthenticated("TOKEN_INVALID", "a token of this issuer is renewed there, send the new one")
        return self.authenticator.visitors.renew(visitor)


class Doorstep(Door):
    """A door as one client stands before it: a new visitor counts for its address."""

    __slots__ = ("_address", "_admit")

    def __init__(self, door: Door, admit: Admit, address: str) -> None:
        super().__init__(door.tenant, door.authenticator, door.spend)
        self._admit, self._address = admit, address

    def issue(self) -> tuple[str, Identity]:
        """A token for a new visitor of the tenant.

        Raises:
            ServiceError: TENANT_UNKNOWN (403); RATE_LIMITED (429): too many from this address, or of this tenant.
        """
        if self.known:
            self._admit(self.tenant, self._address)
        return super().issue()


class Doors:
    """The ways in.

    Args:
        authenticator: Reads tokens.
        default: The tenant of who names none and comes from no tenant's page.
        spend: Takes a message off what somebody may send, see `Budget.spend`.
        admit: Takes a new visitor off what a tenant and an address may bring, see `Newcomers.admit`.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        default: str,
        spend: Spend = lambda who: 0.0,
        admit: Admit = lambda tenant, address: None,
    ) -> None:
        self._authenticator = authenticator
        self._spend = spend
        self._admit = admit
        self._book = authenticator.book
        self._default = default
        self._doors: dict[str, Door] = {}

    def choose(self, origin: str | None, named: str | None = None) -> Door:
        """The door for a client.

        Args:
            origin: Of the page, where a browser asks.
            named: The tenant that the address names (`?tenant=`).

        Raises:
            ServiceError: TENANT_UNKNOWN, ORIGIN_FORBIDDEN (403).
        """
        tenants = self._book.current
        identity = named or self._by_origin(tenants, origin)
        tenant = tenants.get(identity)
        if tenant is None:
            raise forbidden("TENANT_UNKNOWN", "there is no such tenant")
        if not allows(tenant, origin):
            raise origin_forbidden()
        return self._doors.setdefault(identity, Door(identity, self._authenticator, self._spend))

    def step(self, door: Door, address: str) -> Doorstep:
        """The door for a client at this address."""
        return Doorstep(door, self._admit, address)

    def _by_origin(self, tenants: Tenants, origin: str | None) -> str:
        listing = [] if origin is None else _listing(tenants, origin.lower())
        if len(listing) == 1:
            return listing[0]
        if self._default in tenants.tenants:
            return self._default
        only = list(tenants.tenants)
        return only[0] if len(only) == 1 else ""

    @property
    def any_origin(self) -> bool:
        """Whether pages of any origin may read answers: some tenant allows them all."""
        return any(not tenant.origins for tenant in self._book.current.tenants.values())

    def lists(self, origin: str) -> bool:
        """Whether some tenant allows this origin by name."""
        return bool(_listing(self._book.current, origin.lower()))


def _listing(tenants: Tenants, origin: str) -> list[str]:
    return [identity for identity, tenant in tenants.tenants.items() if origin in tenant.origins]
