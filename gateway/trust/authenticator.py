"""One way in for every credential: visitor tokens, tokens of a tenant's issuers, API keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from gateway.tokens import ISSUER, VisitorTokens, invalid_token
from gateway.trust.identity import NEVER, Identity
from gateway.trust.issuers import Issuers, peek
from gateway.trust.jwks import JwksCache, KeysPending
from servicekit.api_keys import PREFIX, parse_api_key
from servicekit.errors import ServiceError, forbidden, unauthenticated
from servicekit.tenants import KeyRecord, Tenant, Tenants
from servicekit.tenants_file import TenantBook

_NO_HASH = "sha256:" + "0" * 64

Used = Callable[[str, str], None]


class Authenticator:
    """Tells who a credential speaks for.

    Args:
        visitors: The edge's own tokens.
        book: The tenants of now.
        key_sets: Published keys of issuers by URL.
        used: Told tenant and id of every API key that was taken.
        clock: Wall clock in seconds since 1970.
    """

    def __init__(
        self,
        visitors: VisitorTokens,
        book: TenantBook,
        key_sets: dict[str, JwksCache] | None = None,
        used: Used = lambda tenant, identity: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.visitors = visitors
        self.book = book
        self._key_sets = {} if key_sets is None else key_sets
        self._used = used
        self._clock = clock
        self._issuers = Issuers(book.current, self._key_sets, clock)
        book.on_change(self._on_change)

    def _on_change(self, tenants: Tenants) -> None:
        self._issuers = Issuers(tenants, self._key_sets, self._clock)

    async def prepare(self) -> None:
        """Fetches the keys that issuers publish, so that the first customer need not wait for them."""
        for cache in tuple(self._key_sets.values()):
            await cache.refresh()

    async def authenticate(self, authorization: str | None, *, origin: str | None = None) -> Identity:
        """Who an HTTP request speaks for.

        Args:
            authorization: The header's value, `Bearer <token or key>`.
            origin: The page that asks, where a browser does; its tenant must allow it.

        Raises:
            ServiceError: TOKEN_MISSING, TOKEN_INVALID (401), TOKEN_EXPIRED, TOKEN_REVOKED, TENANT_UNKNOWN,
                ORIGIN_FORBIDDEN (403), or UNAVAILABLE (503) when the key of an issuer cannot be had now.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthenticated("TOKEN_MISSING", "a token or a key is required: Authorization: Bearer …")
        identity = await self.resolve(token.strip())
        tenant = self.book.current.get(identity.tenant)
        if tenant is None or not allows(tenant, origin):
            raise origin_forbidden()
        return identity

    async def resolve(self, token: str) -> Identity:
        """Like `verify`, but waits for an issuer's new key where that is what is missing."""
        try:
            return self.verify(token)
        except KeysPending as pending:
            await pending.cache.refresh()
        return self.verify(token)

    def verify(self, token: str) -> Identity:
        """Who a token or key speaks for; never waits.

        Raises:
            ServiceError: As of `authenticate`, but for what concerns headers and origins.
        """
        if token.startswith(PREFIX):
            return self._verify_key(token)
        seen = peek(token)
        identity = self.visitors.verify(token) if seen.issuer == ISSUER else self._issuers.verify(token, seen)
        if (error := self.withdrawn(identity)) is not None:
            raise error
        return identity

    def withdrawn(self, identity: Identity) -> ServiceError | None:
        """Why an identity that was proven before is taken no more; None: it is."""
        tenant = self.book.current.get(identity.tenant)
        if tenant is None:
            return forbidden("TENANT_UNKNOWN", "the token's tenant is not served here")
        if identity.kind == "key":
            record = tenant.key(identity.token_id)
            return invalid_token() if record is None else self._out_of_time(record)
        return forbidden("TOKEN_REVOKED", "the token has been revoked") if _is_revoked(tenant, identity) else None

    def _verify_key(self, text: str) -> Identity:
        key = parse_api_key(text)
        if key is None:
            raise invalid_token()
        tenant = self.book.current.get(key.tenant)
        record = None if tenant is None else tenant.key(key.id)
        if not key.matches(_NO_HASH if record is None else record.hash) or record is None:
            raise invalid_token()
        if (error := self._out_of_time(record)) is not None:
            raise error
        self._used(key.tenant, key.id)
        made_s, end_s = record.created_at.timestamp(), _end(record.expires_at)
        return Identity(f"key:{key.id}", key.tenant, made_s, end_s, record.scopes, "key", key.id, record.name)

    def _out_of_time(self, record: KeyRecord) -> ServiceError | None:
        now_s = self._clock()
        if record.revoked_at is not None and record.revoked_at.timestamp() <= now_s:
            return forbidden("TOKEN_REVOKED", "the key has been revoked")
        if _end(record.expires_at) <= now_s:
            return forbidden("TOKEN_EXPIRED", "the key has expired, get a new one")
        return None


def _end(moment: datetime | None) -> float:
    return NEVER if moment is None else moment.timestamp()


def _is_revoked(tenant: Tenant, identity: Identity) -> bool:
    since = tenant.tokens_not_before
    return identity.token_id in tenant.revoked_tokens or (
        since is not None and identity.issued_at_s < since.timestamp()
    )


def allows(tenant: Tenant, origin: str | None) -> bool:
    """Whether a page of this origin may speak as the tenant; what is no page (no Origin) may."""
    return origin is None or not tenant.origins or origin.lower() in tenant.origins


def origin_forbidden() -> ServiceError:
    """The 403 for a page that no tenant has allowed."""
    return forbidden("ORIGIN_FORBIDDEN", "this site may not use the service")
