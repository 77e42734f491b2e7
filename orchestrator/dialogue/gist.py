"""What a letter asks: of a long message the question at its end, without what was told on the way there."""

from __future__ import annotations

import re

from orchestrator.dialogue.phrases import PHRASES

_LONG = {"en": 240, "zh": 80}  # characters from which a message is a letter
_SHORTEST = {"en": 12, "zh": 5}
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
_LEAD = re.compile(r"^.*[:：]\s*")
_CLOSING = re.compile(
    r"^\W*(thanks?|thank you|many thanks|best|kind|warm|regards|cheers|yours|sincerely|greetings|谢谢|感谢|多谢|辛苦|祝|此致|敬礼)\b"
    r"|^\W*(谢谢|感谢|多谢|辛苦|麻烦|祝|此致|敬礼)",
    re.IGNORECASE,
)


def gist(text: str, language: str) -> str:
    """The question that a long message ends with; empty for a short one, and for one that ends with none."""
    if len(text) < _LONG[language]:
        return ""
    sentences = [one.strip() for one in _SENTENCE.findall(text) if one.strip()]
    while sentences and _CLOSING.search(sentences[-1]) and not _asks(sentences[-1]):
        sentences.pop()
    asked: list[str] = []
    while sentences and _asks(sentences[-1]):
        asked.insert(0, sentences.pop())
    found = " ".join(asked[-2:])
    bare = _LEAD.sub("", found)
    kept = bare if len(bare) >= _SHORTEST[language] and _asks(bare) else found
    return kept if len(kept) < len(text) // 2 else ""


def _asks(sentence: str) -> bool:
    return PHRASES.has("asks", sentence)
