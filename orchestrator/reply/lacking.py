"""What a question asks for and an answer does not tell: said so, instead of leaving the customer to look for it."""

from __future__ import annotations

import re

from orchestrator.dialogue.phrases import PHRASES

# The phrase that asks for something, and what tells it.
_ASKED = {"asks_weight": re.compile(r"\d ?(?:kg|g|grams?|kilos?)\b|\d ?(?:公斤|千克|克|斤)", re.IGNORECASE)}


def lacks(answer: str, question: str) -> bool:
    """Whether a question asks for a figure that the answer does not have."""
    return any(PHRASES.has(kind, question) and not told.search(answer) for kind, told in _ASKED.items())
