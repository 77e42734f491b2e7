"""Visitor tokens: signed JWTs that let the same browser find its conversation again.

HS256 with a key from the settings or, by default, one that is made once and kept in the data folder. Of several keys
the first signs and all are taken, so that a key can be changed without anybody losing their conversation.
"""

from __future__ import annotations

import os
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from gateway.trust.identity import Identity
from servicekit.errors import ServiceError, forbidden, unauthenticated

ISSUER = "stickerdesk"
SCOPE = "visitor"
LEEWAY_S = 30.0
MAX_SUBJECT_CHARS = 128
_ALGORITHMS = ["HS256"]
_KEY_BYTES = 48
_TOKEN_ID_BYTES = 9


class VisitorTokens:
    """Makes and reads visitor tokens.

    Args:
        secret: The signing key, at least 32 bytes; or several, of which the first signs.
        tenant: The merchant that new visitors belong to, unless another is named.
        life_s: Seconds that a token is good for.
        clock: Wall clock in seconds since 1970.
    """

    def __init__(
        self, secret: bytes | Sequence[bytes], *, tenant: str, life_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        self._keys = [OctKey.import_key(one) for one in ([secret] if isinstance(secret, bytes) else secret)]
        self._tenant = tenant
        self._life_s = life_s
        self._clock = clock

    def issue(self, tenant: str | None = None) -> tuple[str, Identity]:
        """A token for a new visitor."""
        return self._sign(f"v_{uuid.uuid4().hex}", tenant or self._tenant)

    def verify(self, token: str) -> Identity:
        """Reads a token.

        Raises:
            ServiceError: TOKEN_INVALID (401), or TOKEN_EXPIRED (403).
        """
        visitor = _read(self._claims(token))
        if self._clock() > visitor.expires_at_s + LEEWAY_S:
            raise forbidden("TOKEN_EXPIRED", "the visitor token has expired, get a new one")
        return visitor

    def _claims(self, token: str) -> dict[str, Any]:
        for key in self._keys:
            try:
                return dict(jwt.decode(token, key, algorithms=_ALGORITHMS).claims)
            except (JoseError, ValueError, TypeError, UnicodeError):
                continue
        raise invalid_token()

    def refresh(self, token: str, visitor: Identity) -> str:
        """The same token, or a new one for the same visitor when half its life is over."""
        half_s = (visitor.issued_at_s + visitor.expires_at_s) / 2
        return token if self._clock() < half_s else self.renew(visitor)[0]

    def renew(self, visitor: Identity) -> tuple[str, Identity]:
        """A new token for the same visitor."""
        return self._sign(visitor.subject, visitor.tenant)

    def _sign(self, subject: str, tenant: str) -> tuple[str, Identity]:
        now_s = int(self._clock())
        visitor = Identity(
            subject, tenant, now_s, int(now_s + self._life_s), token_id=secrets.token_urlsafe(_TOKEN_ID_BYTES)
        )
        claims = {
            "iss": ISSUER,
            "sub": subject,
            "tenant": tenant,
            "scope": SCOPE,
            "iat": now_s,
            "exp": int(visitor.expires_at_s),
            "jti": visitor.token_id,
        }
        return jwt.encode({"alg": "HS256"}, claims, self._keys[0]), visitor


def invalid_token() -> ServiceError:
    """The 401 for whatever is not a token of ours, or not of anybody whose tokens we take."""
    return unauthenticated("TOKEN_INVALID", "the token is not valid, get a new one")


def _read(claims: dict[str, object]) -> Identity:
    subject, tenant = claims.get("sub"), claims.get("tenant")
    issued, expires = claims.get("iat"), claims.get("exp")
    if claims.get("iss") != ISSUER or claims.get("scope") != SCOPE:
        raise invalid_token()
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARS or not isinstance(tenant, str):
        raise invalid_token()
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise invalid_token()
    return Identity(subject, tenant, issued, expires, token_id=token_id_of(claims))


def token_id_of(claims: Mapping[str, Any]) -> str:
    """A token's `jti`; empty when it has none."""
    identity = claims.get("jti")
    return identity if isinstance(identity, str) else ""


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
