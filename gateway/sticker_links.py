"""Addresses of stickers' pictures: plain where the pack is everybody's, signed for one tenant where it is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from servicekit.errors import ServiceError, not_found
from servicekit.tenants import Tenant
from servicekit.tenants_file import TenantBook

_SHA_CHARS = 16
_SIGNATURE_CHARS = 27  # 160 bits in base64url


class StickerLinks:
    """Makes and checks addresses.

    A pack is everybody's when every tenant has it. Any other one is seen only by who was given an address by a tenant
    that has it, and as long as it has it.

    Args:
        secret: The edge's key; replicas share it.
        book: The tenants of now.
        public_packs: Packs that are everybody's whoever lists them: those that ship with the product.
    """

    def __init__(self, secret: bytes, book: TenantBook, public_packs: Sequence[str] = ()) -> None:
        # A key of its own, so that a signature here can never be taken for one made elsewhere with the same secret.
        self._key = hmac.digest(secret, b"stickerdesk sticker links v1", hashlib.sha256)
        self._book = book
        self._always = frozenset(public_packs)
        self._known: dict[str, bool] = {}
        self._version = -1

    def path(self, tenant: str, sticker_id: str, sha256: str) -> str:
        """The path for a tenant's customers, for ever: another picture has another hash."""
        sha = sha256[:_SHA_CHARS]
        plain = f"/stickers/{sticker_id}/{sha}"
        if self.is_public(sticker_id.partition("/")[0]):
            return plain
        return f"{plain}?t={tenant}&s={self._sign(tenant, sticker_id, sha)}"

    def is_public(self, pack: str) -> bool:
        """Whether anybody may see a pack."""
        if self._version != self._book.version:
            self._known, self._version = {}, self._book.version
        known = self._known.get(pack)
        if known is None:
            everybody = all(_has(tenant, pack) for tenant in self._book.current.tenants.values())
            known = pack in self._always or everybody
            if len(self._known) < 1000:  # strangers may ask for any name
                self._known[pack] = known
        return known

    def check(self, sticker_id: str, sha: str, tenant: str, signature: str) -> bool:
        """Lets a request through.

        Returns:
            Whether anybody may see it: then anybody may keep it for others.

        Raises:
            ServiceError: STICKER_NOT_FOUND (404): to who may not see it, it is not there.
        """
        pack = sticker_id.partition("/")[0]
        if self.is_public(pack):
            return True
        right = hmac.compare_digest(self._sign(tenant, sticker_id, sha).encode(), signature.encode())
        section = self._book.current.get(tenant)
        if not right or section is None or not _has(section, pack):
            raise _missing()
        return False

    def _sign(self, tenant: str, sticker_id: str, sha: str) -> str:
        digest = hmac.digest(self._key, f"{tenant}\n{sticker_id}\n{sha}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode()[:_SIGNATURE_CHARS]


def _has(tenant: Tenant, pack: str) -> bool:
    return tenant.packs is None or pack in tenant.packs


def _missing() -> ServiceError:
    return not_found("STICKER_NOT_FOUND", "there is no such sticker")
