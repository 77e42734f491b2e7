"""Links by which a person gets into the agent desk without a key: made by whoever has the edge's secret, good once."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from servicekit.sealing import Seal

_PURPOSE = "desk login"
LIFE_S = 12 * 3600.0


@dataclass(frozen=True)
class DeskLogin:
    """What a link says: who comes to which tenant's desk. `id` names the link."""

    id: str
    tenant: str
    name: str
    expires_at_s: float


def make_login(secret: bytes, tenant: str, name: str, *, life_s: float = LIFE_S) -> str:
    """The word at the end of a link."""
    expires = time.time() + life_s
    facts = {"id": secrets.token_hex(12), "tenant": tenant, "name": name[:64], "exp": math.floor(expires)}
    return Seal(secret, _PURPOSE).close(facts)


def read_login(secret: bytes, word: str, clock: Callable[[], float] = time.time) -> DeskLogin | None:
    """What a link says; None when it says nothing, or not any more."""
    facts = Seal(secret, _PURPOSE).open(word)
    if facts is None:
        return None
    identity, tenant, name, expires = (facts.get(field) for field in ("id", "tenant", "name", "exp"))
    if not (isinstance(identity, str) and isinstance(tenant, str) and isinstance(name, str)):
        return None
    if not isinstance(expires, int) or clock() > expires:
        return None
    return DeskLogin(identity, tenant, name, float(expires))
