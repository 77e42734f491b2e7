"""Visitor tokens: signed JWTs that let the same browser find its conversation again.

HS256 with a key from the settings or, by default, one that is made once and kept in the data folder.
"""

from __future__ import annotations

import os
import secrets
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from gateway.edge.actions import Visitor
from servicekit.errors import ServiceError, forbidden, unauthenticated

ISSUER = "stickerdesk"
SCOPE = "visitor"
_ALGORITHMS = ["HS256"]
_LEEWAY_S = 30.0
_KEY_BYTES = 48


class VisitorTokens:
    """Makes and reads visitor tokens.

    Args:
        secret: The signing key, at least 32 bytes.
        tenant: The merchant that new visitors belong to.
        life_s: Seconds that a token is good for.
        clock: Wall clock in seconds since 1970.
    """

    def __init__(self, secret: bytes, *, tenant: str, life_s: float, clock: Callable[[], float] = time.time) -> None:
        self._key = OctKey.import_key(secret)
        self._tenant = tenant
        self._life_s = life_s
        self._clock = clock

    def issue(self) -> tuple[str, Visitor]:
        """A token for a new visitor."""
        return self._sign(f"v_{uuid.uuid4().hex}", self._tenant)

    def verify(self, token: str) -> Visitor:
        """Reads a token.

        Raises:
            ServiceError: TOKEN_INVALID (401), or TOKEN_EXPIRED (403).
        """
        try:
            claims = jwt.decode(token, self._key, algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, UnicodeError):
            raise _invalid() from None
        visitor = _read(claims)
        if self._clock() > visitor.expires_at_s + _LEEWAY_S:
            raise forbidden("TOKEN_EXPIRED", "the visitor token has expired, get a new one")
        return visitor

    def refresh(self, token: str, visitor: Visitor) -> str:
        """The same token, or a new one for the same visitor when half its life is over."""
        half_s = (visitor.issued_at_s + visitor.expires_at_s) / 2
        return token if self._clock() < half_s else self._sign(visitor.subject, visitor.tenant)[0]

    def _sign(self, subject: str, tenant: str) -> tuple[str, Visitor]:
        now_s = int(self._clock())
        visitor = Visitor(subject, tenant, now_s, int(now_s + self._life_s))
        claims = {
            "iss": ISSUER,
            "sub": subject,
            "tenant": tenant,
            "scope": SCOPE,
            "iat": now_s,
            "exp": int(visitor.expires_at_s),
        }
        return jwt.encode({"alg": "HS256"}, claims, self._key), visitor


def _invalid() -> ServiceError:
    return unauthenticated("TOKEN_INVALID", "the visitor token is not valid, get a new one")


def _read(claims: dict[str, object]) -> Visitor:
    subject, tenant = claims.get("sub"), claims.get("tenant")
    issued, expires = claims.get("iat"), claims.get("exp")
    if claims.get("iss") != ISSUER or claims.get("scope") != SCOPE:
        raise _invalid()
    if not isinstance(subject, str) or not 0 < len(subject) <= 128 or not isinstance(tenant, str):
        raise _invalid()
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise _invalid()
    return Visitor(subject, tenant, issued, expires)


def load_secret(configured: str | None, data_dir: Path) -> bytes:
    """The configured key, or the one kept in `data_dir/gateway/token.key`, made on first use, readable by us alone.

    Raises:
        OSError: The folder cannot be written or the key cannot be read.
    """
    if configured:
        return configured.encode()
    path = data_dir / "gateway" / "token.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".token.{os.getpid()}.{secrets.token_hex(4)}")
    made.touch(mode=0o600)
    made.write_text(secrets.token_urlsafe(_KEY_BYTES))
    try:
        os.link(made, path)  # atomic: of two gateways that start at once, one makes the key and both read it
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return path.read_bytes()
