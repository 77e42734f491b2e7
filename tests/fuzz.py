"""How long the fuzz tests look: a bound for every run, and as long as one likes by `STICKERDESK_FUZZ_EXAMPLES`."""

from __future__ import annotations

import os


def examples(bound: int) -> int:
    """The number of examples of a test: its own bound, or what the environment asks for where that is more."""
    return max(bound, int(os.environ.get("STICKERDESK_FUZZ_EXAMPLES") or 0))
