"""What pictures and unfinished uploads are called in the store.

`kept/<owner>/<picture>.<variant>` and `partial/<owner>/<upload>/<part>`: what is a customer's lies under two prefixes.
The owner's half of a name is a hash without a key, so that it is the same whatever secrets were in use when a picture
came, and so that erasing needs no secret.
"""

from __future__ import annotations

import hashlib
import re

KEPT = "kept/"
PARTIAL = "partial/"
_OWNER_CHARS = 24
_PICTURE_CHARS = 32
_ID = re.compile(rf"[0-9a-f]{{{_OWNER_CHARS + _PICTURE_CHARS}}}")


def owner_name(tenant: str, subject: str) -> str:
    """The owner's half of a picture's id: 96 bits of SHA-256."""
    return hashlib.sha256(f"stickerdesk picture owner v1\n{tenant}\n{subject}".encode()).hexdigest()[:_OWNER_CHARS]


def picture_id(owner: str, digest: bytes) -> str:
    """The id of a picture, from its owner's half and a keyed digest of what it is."""
    return owner + digest.hex()[:_PICTURE_CHARS]


def stored_name(image_id: str, suffix: str) -> str | None:
    """Where a variant of a picture lies; None when the id cannot be one of ours."""
    if not _ID.fullmatch(image_id):
        return None
    return f"{KEPT}{image_id[:_OWNER_CHARS]}/{image_id[_OWNER_CHARS:]}.{suffix}"


def prefixes_of(tenant: str, subject: str) -> tuple[str, str]:
    """All that is a customer's: kept pictures, and parts of unfinished uploads."""
    owner = owner_name(tenant, subject)
    return f"{KEPT}{owner}/", f"{PARTIAL}{owner}/"
