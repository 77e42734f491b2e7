"""Yes, no, or neither: what a message answers to a question that asks for consent."""

from __future__ import annotations

import re

from orchestrator.dialogue.phrases import PHRASES, plain
from orchestrator.journal.entries import Emotion
from orchestrator.understanding.utterance import Utterance

_AGREEING = (Emotion.JOY, Emotion.GRATITUDE, Emotion.LOVE)
_NUMBER_OF_ORDER = re.compile(r"(?:\b(?:order )?|订单)?(?<![A-Za-z0-9])[A-Za-z]{2}[- ]?\d{8,14}(?![A-Za-z0-9])")
_WORD = re.compile(r"[A-Za-z0-9㐀-䶿一-鿿]")


def consent(utterance: Utterance) -> bool | None:
    """True for yes, False for no, None for neither; a sticker or an emoji counts as what it says.

    A yes with a condition ("ok, but …") is none.
    """
    if utterance.sticker is not None:
        said = PHRASES.emoji(utterance.sticker.emoji)
        if said is None and utterance.sticker.emotion in _AGREEING:
            return True
        return said
    return said_yes(utterance.text)


def said_yes(text: str) -> bool | None:
    """The same for words alone."""
    if not _WORD.search(text):
        return PHRASES.emoji(text)
    if PHRASES.has("gives_up", text) or PHRASES.has("refuses", text):
        return False
    return True if PHRASES.has("agrees", _NUMBER_OF_ORDER.sub("", text)) else None


def gives_up(text: str) -> bool:
    """Whether the customer wants what is being done to be left."""
    return PHRASES.has("gives_up", plain(text))
