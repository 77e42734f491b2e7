"""Numbers that people read out: of orders, tickets, coupons."""

from __future__ import annotations

import secrets
from typing import Protocol

# Without letters and digits that look alike.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class Numbers(Protocol):
    """Makes numbers; a constraint refuses one that is taken, and the turn tries again with another."""

    def make(self, prefix: str, length: int = 8) -> str:
        """A new number."""
        ...


class RandomNumbers:
    """Numbers that cannot be guessed."""

    def make(self, prefix: str, length: int = 8) -> str:
        """`prefix` and `length` letters and digits."""
        return prefix + "".join(secrets.choice(_LETTERS) for _ in range(length))


def normal(number: str) -> str:
    """A number as it is stored, however it was written: "pw-1234 5678" is PW12345678."""
    return "".join(sign for sign in number if sign.isascii() and sign.isalnum()).upper()
