"""Names a query in the feedback store without keeping what was written."""

from __future__ import annotations

import hashlib

from recommender.words import units

_MAX_UNITS = 12


def query_key(text: str) -> str:
    """Returns a short digest that is equal for queries of the same content words, or "" when there are none.

    Order, inflection, punctuation and numbers do not count, and the words cannot be read back from the store.
    """
    words = sorted({unit.text for unit in units(text) if not unit.stop})[:_MAX_UNITS]
    return hashlib.blake2b(" ".join(words).encode(), digest_size=9).hexdigest() if words else ""
