"""Links to pictures that only those who were given one can open, for as long as it says.

A link carries its expiry and an HMAC-SHA256 over picture, variant and expiry. Expiries are rounded up to whole days so
that the same picture keeps the same address for a day and caches work.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable

from servicekit.errors import forbidden

VARIANTS = ("full", "thumb")
_DAY_S = 86_400
_SIGNATURE_CHARS = 27  # 160 bits in base64url


class PictureLinks:
    """Makes and checks links.

    Args:
        secret: The edge's key; replicas share it.
        life_days: Days that a link is good for, at least.
        clock: Wall clock in seconds since 1970.
    """

    def __init__(self, secret: bytes, *, life_days: int = 7, clock: Callable[[], float] = time.time) -> None:
        # A key of its own, so that a signature here can never be taken for one made elsewhere with the same secret.
        self._key = hmac.digest(secret, b"stickerdesk picture links v1", hashlib.sha256)
        self._life_s = life_days * _DAY_S
        self._clock = clock

    def path(self, image_id: str, variant: str) -> str:
        """The path to ask this edge for."""
        expires_s = (int(self._clock()) // _DAY_S + 1) * _DAY_S + self._life_s
        return f"/v1/images/{image_id}/{variant}?e={expires_s}&s={self._sign(image_id, variant, expires_s)}"

    def check(self, image_id: str, variant: str, expires: str, signature: str) -> int:
        """Seconds that the link is still good for.

        Raises:
            ServiceError: LINK_INVALID or LINK_EXPIRED (403).
        """
        expires_s = int(expires) if expires.isascii() and expires.isdigit() and len(expires) <= 12 else 0
        if not hmac.compare_digest(self._sign(image_id, variant, expires_s).encode(), signature.encode()):
            raise forbidden("LINK_INVALID", "this link is not valid, open the conversation again")
        left_s = expires_s - int(self._clock())
        if left_s <= 0:
            raise forbidden("LINK_EXPIRED", "this link has expired, open the conversation again")
        return left_s

    def _sign(self, image_id: str, variant: str, expires_s: int) -> str:
        text = f"{image_id}\n{variant}\n{expires_s}".encode()
        digest = hmac.digest(self._key, text, hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode()[:_SIGNATURE_CHARS]
