"""What a customer asks to have remembered, in their own words."""

from __future__ import annotations

import re
from enum import StrEnum

from orchestrator.dialogue.phrases import PHRASES, plain

MOST_CHARS = 160
_LEAST_CHARS = 4
# A card's or an identity number however it is spaced, and what locks are opened with.
_SECRET = re.compile(
    r"(?<![\d+])\d(?:[ -]?\d){12,18}[Xx]?(?!\d)|\b(?:passwords?|passcode|pin(?: code)?|cvv|cvc)\b|密码|口令|验证码",
    re.IGNORECASE,
)


class Refusal(StrEnum):
    """Why something is not kept; also the name of the reply that says so."""

    SECRET = "secret_not_kept"
    TOO_LONG = "note_too_long"


def note_of(text: str) -> str | Refusal | None:
    """What is to be remembered ("remember that I'm left-handed": "I'm left-handed"); None when nothing is asked for."""
    if not PHRASES.has("remembers", text):
        return None
    note = PHRASES.after("remembers", text).strip(" ,，:：。.!！?？~")
    if len(note) < _LEAST_CHARS:
        return None
    if _SECRET.search(note):
        return Refusal.SECRET
    return note if len(note) <= MOST_CHARS else Refusal.TOO_LONG


def asks_what_is_remembered(text: str) -> bool:
    """Whether the customer wants to know what is kept of them."""
    return PHRASES.has("asks_remembered", plain(text))
