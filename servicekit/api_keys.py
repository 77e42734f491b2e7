"""API keys: `sd_<tenant>_<id>_<secret>`, of which only a hash is kept.

The secret is 256 random bits, so one SHA-256 is enough: stretching (scrypt, Argon2) makes guessable passwords costly to
guess, and nobody guesses 256 bits; it would only let a stranger with made-up keys burn the edge's CPU. The hash covers
tenant and id too, so that a hash copied to another place in the file opens nothing there.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

PREFIX = "sd_"
MAX_KEY_CHARS = 160
_SECRET_BYTES = 32
_ID_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without the letters that are mistaken for others
_ID_CHARS = 10
_SHAPE = re.compile(r"sd_([a-z0-9-]{1,64})_([a-z0-9]{6,16})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True, repr=False)
class ApiKey:
    """A key in the clear; it has no repr, lest it get into a log."""

    tenant: str
    id: str
    secret: str

    def __str__(self) -> str:
        """As it is sent."""
        return f"{PREFIX}{self.tenant}_{self.id}_{self.secret}"

    @property
    def hash(self) -> str:
        """What is kept of it."""
        digest = hashlib.sha256(f"{self.tenant}\n{self.id}\n{self.secret}".encode()).hexdigest()
        return f"sha256:{digest}"

    def matches(self, kept: str) -> bool:
        """Whether `kept` is its hash, in a time that does not tell how much of it is."""
        return hmac.compare_digest(self.hash.encode(), kept.encode())


def new_api_key(tenant: str) -> ApiKey:
    """A fresh key."""
    identity = "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_CHARS))
    return ApiKey(tenant, identity, secrets.token_urlsafe(_SECRET_BYTES))


def parse_api_key(text: str) -> ApiKey | None:
    """The parts of a key, or None when it has not the shape of one."""
    match = _SHAPE.fullmatch(text) if len(text) <= MAX_KEY_CHARS else None
    return None if match is None else ApiKey(*match.groups())
