"""Small facts that a browser or a person carries and cannot change: JSON under an HMAC, a key for each purpose."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

_MAX_CHARS = 4096


class Seal:
    """Seals facts and opens them again.

    Args:
        secret: The installation's key; whoever has it makes and opens the same seals.
        purpose: What they are for; a seal of another purpose does not open.
    """

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key = hmac.digest(secret, f"stickerdesk {purpose} v1".encode(), hashlib.sha256)

    def close(self, facts: dict[str, Any]) -> str:
        """The facts in one word of [A-Za-z0-9._-]."""
        body = _encoded(json.dumps(facts, separators=(",", ":"), sort_keys=True).encode())
        return f"{body}.{self._sign(body)}"

    def open(self, sealed: str) -> dict[str, Any] | None:
        """The facts, or None for what was not sealed here for this."""
        body, _, signature = sealed[: _MAX_CHARS + 1].partition(".")
        if len(sealed) > _MAX_CHARS or not hmac.compare_digest(self._sign(body).encode(), signature.encode()):
            return None
        try:
            facts = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (binascii.Error, ValueError):
            return None
        return facts if isinstance(facts, dict) else None

    def _sign(self, body: str) -> str:
        return _encoded(hmac.digest(self._key, body.encode("utf-8", "surrogatepass"), hashlib.sha256))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
