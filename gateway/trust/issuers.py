"""Reads the JWTs of a tenant's own issuers: its shop, its identity provider."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from gateway.tokens import LEEWAY_S, MAX_SUBJECT_CHARS, invalid_token, token_id_of
from gateway.trust.identity import CUSTOMER, Identity
from gateway.trust.jwks import JwksCache, algorithm_of
from servicekit.errors import forbidden
from servicekit.tenants import Issuer, Scope, Tenants

MAX_NAME_CHARS = 64
MAX_TOKEN_CHARS = 8192
_MIN_SECRET_BYTES = 32
_MAX_KEY_FILE_BYTES = 64 * 1024


class KeySource(Protocol):
    """Where an issuer's keys come from."""

    def find(self, kid: str | None, algorithm: str) -> tuple[Key, ...]:
        """The keys that a token with this header may be signed by.

        Raises:
            KeysPending: It may be a new one, and is being fetched.
        """


@dataclass(frozen=True, slots=True)
class FixedKey:
    """A key that was written down."""

    key: Key

    def find(self, kid: str | None, algorithm: str) -> tuple[Key, ...]:
        """The key, when a token's algorithm is the one it is used with."""
        return (self.key,) if algorithm_of(self.key) == algorithm else ()


@dataclass(frozen=True, slots=True)
class _Trusted:
    tenant: str
    issuer: Issuer
    source: KeySource


@dataclass(frozen=True, slots=True)
class Peek:
    """What a token says of itself, unproven: only to choose the key that it is proven with."""

    algorithm: str
    kid: str | None
    issuer: str
    tenant: str | None


def peek(token: str) -> Peek:
    """Looks into a token without believing it.

    Raises:
        ServiceError: TOKEN_INVALID (401).
    """
    if len(token) > MAX_TOKEN_CHARS:
        raise invalid_token()
    try:
        compact = jws.extract_compact(token.encode("ascii"))
        header, claims = compact.headers(), json.loads(compact.payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise invalid_token() from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise invalid_token()
    kid, tenant = header.get("kid"), claims.get("tenant")
    return Peek(
        str(header.get("alg")),
        kid if isinstance(kid, str) else None,
        str(claims.get("iss")),
        tenant if isinstance(tenant, str) else None,
    )


class Issuers:
    """The issuers of all tenants.

    Args:
        tenants: Whose they are.
        key_sets: The published keys by URL; shared by successive versions, so that a changed file forgets none.
        clock: Wall clock in seconds since 1970.

    Raises:
        ValueError: A key cannot be read.
    """

    def __init__(
        self, tenants: Tenants, key_sets: dict[str, JwksCache], clock: Callable[[], float] = time.time
    ) -> None:
        self._clock = clock
        self._trusted: dict[str, list[_Trusted]] = {}
        for identity, tenant in tenants.tenants.items():
            for issuer in tenant.issuers:
                trusted = _Trusted(identity, issuer, _source(identity, issuer, key_sets))
                self._trusted.setdefault(issuer.issuer, []).append(trusted)

    def verify(self, token: str, seen: Peek) -> Identity:
        """Reads a token.

        Raises:
            ServiceError: TOKEN_INVALID (401), TOKEN_EXPIRED (403), or KeysPending (503).
        """
        trusted = self._choose(seen)
        for key in trusted.source.find(seen.kid, seen.algorithm):
            try:
                claims = jwt.decode(token, key, algorithms=[seen.algorithm]).claims
            except (JoseError, ValueError, TypeError, RecursionError):
                continue
            return self._identity(trusted, claims)
        raise invalid_token()

    def _choose(self, seen: Peek) -> _Trusted:
        named = self._trusted.get(seen.issuer, [])
        if seen.tenant is not None:
            named = [trusted for trusted in named if trusted.tenant == seen.tenant]
        if len(named) != 1:  # unknown, or an issuer of several tenants whose token does not say which
            raise invalid_token()
        return named[0]

    def _identity(self, trusted: _Trusted, claims: Mapping[str, Any]) -> Identity:
        subject, now_s = claims.get("sub"), self._clock()
        expires_s, from_s = _moment(claims.get("exp")), _moment(claims.get("nbf", 0))
        issued_s = _moment(claims.get("iat", 0))
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARS or not subject.isprintable():
            raise invalid_token()
        if expires_s is None or from_s is None or issued_s is None or from_s > now_s + LEEWAY_S:
            raise invalid_token()
        if trusted.issuer.audience is not None and trusted.issuer.audience not in _audience(claims.get("aud")):
            raise invalid_token()
        if now_s > expires_s + LEEWAY_S:
            raise forbidden("TOKEN_EXPIRED", "the token has expired, get a new one")
        scopes = _scopes(claims) & trusted.issuer.scopes
        name = claims.get("name")
        return Identity(
            subject, trusted.tenant, issued_s, expires_s, scopes, "token", token_id_of(claims),
            name[:MAX_NAME_CHARS] if isinstance(name, str) and name.isprintable() else "",
        )  # fmt: skip


def _source(tenant: str, issuer: Issuer, key_sets: dict[str, JwksCache]) -> KeySource:
    if issuer.jwks_url is not None:
        return key_sets.setdefault(issuer.jwks_url, JwksCache(issuer.jwks_url))
    where = f"tenants.{tenant}: issuer {issuer.issuer}"
    try:
        key = _secret_key(issuer.secret_file) if issuer.secret_file is not None else _public_key(issuer)
    except (JoseError, ValueError, TypeError) as error:
        raise ValueError(f"{where}: its key cannot be used: {error}") from None
    except OSError as error:
        raise ValueError(f"{where}: its key cannot be read: {error.strerror}") from None
    return FixedKey(key)


def _secret_key(path: Path) -> Key:
    secret = _read_file(path).strip()
    if len(secret) < _MIN_SECRET_BYTES:
        raise ValueError(f"a secret has at least {_MIN_SECRET_BYTES} bytes")
    return OctKey.import_key(secret)


def _public_key(issuer: Issuer) -> Key:
    pem = issuer.public_key.encode() if issuer.public_key else _read_file(issuer.public_key_file or Path())
    if b"PRIVATE" in pem:
        raise ValueError("this is a private key; write the public one here and keep that one elsewhere")
    for kind in (RSAKey, ECKey):
        try:
            key: Key = kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
        if algorithm_of(key) is not None:
            return key
    raise ValueError("not an RSA key of 2048 bits or more, nor one of the curve P-256, in PEM")


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_KEY_FILE_BYTES)


def _moment(value: object) -> float | None:
    """Seconds since 1970, or None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e12 and not math.isnan(value) else None


def _audience(value: object) -> list[object]:
    """One or several, RFC 7519, section 4.1.3."""
    return value if isinstance(value, list) else [value]


def _listed(value: object) -> list[str]:
    listed = value if isinstance(value, list) else str(value).split() if isinstance(value, str) else []
    return [item for item in listed if isinstance(item, str)]


def _scopes(claims: Mapping[str, Any]) -> frozenset[Scope]:
    """What a token claims: `scopes` as a list, or `scope` in one string (RFC 8693); neither is a customer."""
    claim = claims.get("scopes", claims.get("scope"))
    if claim is None:
        return CUSTOMER
    return frozenset(Scope(name) for name in _listed(claim) if name in Scope.__members__.values())
