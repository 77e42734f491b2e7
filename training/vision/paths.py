"""Where the vision trainers keep what they make, and constants that several of them share."""

from __future__ import annotations

from pathlib import Path

CACHE = Path(".cache/training/vision")
REPOSITORY = Path("model_repository")
CARDS = Path("training/cards")

EMOTIONS = ("neutral", "joy", "gratitude", "love", "surprise", "anxiety", "sadness", "anger", "confusion")
POLARITIES = ("positive", "neutral", "negative")

TEXT_DIM = 384
JOINT_DIM = 256
FEATURE_DIM = 2048
