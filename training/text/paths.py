"""Where the text room keeps its sources, working data and results."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "training"
WORK = CACHE / "text"
DATA = Path(__file__).resolve().parent / "data"
REPOSITORY = ROOT / "model_repository"
CARDS = ROOT / "training" / "cards"
