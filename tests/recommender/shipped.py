"""Where the packs that ship with the recommender lie."""

from __future__ import annotations

import shutil
from pathlib import Path

SHIPPED_DIR = Path(__file__).resolve().parents[2] / "recommender" / "packs"
SHIPPED_PACK = SHIPPED_DIR / "noto-emoji.zip"


def shipped_emoji(folder: Path) -> Path:
    """A folder of shipped packs that holds the emoji alone, so that a test does not depend on the other packs."""
    shipped = folder / "shipped"
    shipped.mkdir()
    shutil.copy(SHIPPED_PACK, shipped)
    return shipped
