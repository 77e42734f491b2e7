"""Who a token or a key speaks for, and what it may do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from servicekit.errors import ServiceError, forbidden
from servicekit.tenants import Scope

CUSTOMER = frozenset({Scope.CUSTOMER})
NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Identity:
    """A proven identity.

    Attributes:
        subject: Who, unique within the tenant; a key's is `key:<id>`.
        tenant: The merchant; nothing of another one is within its reach.
        issued_at_s: Seconds since 1970.
        expires_at_s: Seconds since 1970; `NEVER` for a key without an end.
        scopes: What it may do.
        kind: How it is proven: by the edge's own visitor token (which the edge can renew), by a token of the tenant's
            own issuer, or by an API key.
        token_id: The token's `jti`, or the key's id; empty when it has none.
        name: What people call them: the key's name, or the token's `name`; empty when it has none.
    """

    subject: str
    tenant: str
    issued_at_s: float
    expires_at_s: float
    scopes: frozenset[Scope] = CUSTOMER
    kind: Literal["visitor", "token", "key"] = "visitor"
    token_id: str = ""
    name: str = ""

    def may(self, *wanted: Scope) -> bool:
        """Whether it has one of these scopes; `admin` has them all."""
        return Scope.ADMIN in self.scopes or any(scope in self.scopes for scope in wanted)


def require(identity: Identity, *wanted: Scope) -> Identity:
    """The identity, when it has at least one of these scopes.

    Raises:
        ServiceError: SCOPE_MISSING (403).
    """
    if not identity.may(*wanted):
        raise scope_missing(wanted)
    return identity


def scope_missing(wanted: Sequence[Scope]) -> ServiceError:
    """The 403 for a token that is good, but not for this."""
    names = " or ".join(wanted)
    return forbidden("SCOPE_MISSING", f"this needs the scope {names}", metadata={"scope": names})
