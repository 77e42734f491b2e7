"""Where the packs that ship with the recommender lie."""

from __future__ import annotations

from pathlib import Path

SHIPPED_DIR = Path(__file__).resolve().parents[2] / "recommender" / "packs"
SHIPPED_PACK = SHIPPED_DIR / "noto-emoji.zip"
