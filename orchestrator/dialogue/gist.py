"""What a letter asks: of a long message the question at its end, without what was told on the way there."""

from __future__ import annotations

import re

_LONG = {"en": 240, "zh": 80}  # characters from which a message is a letter
_SHORTEST = {"en": 12, "zh": 5}
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
_PUT = re.compile(r"[?？]\s*$|[吗呢么][。！!～~\s]*$|^(what|when|where|who|how|which|is|are|do|does|can|could)\b", re.I)
_LEAD = re.compile(r"^.*[:：]\s*")
_CLOSING = re.compile(
    r"^\W*(thanks?|thank you|many thanks|best|kind|warm|regards|cheers|yours|sincerely|greetings)\b"
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
    if not sentences or not _asks(sentences[-1]):
        return ""
    before = sentences[-2] if len(sentences) > 1 and sentences[-2].endswith(("?", "？")) else ""
    found = f"{before} {sentences[-1]}".strip()
    bare = _LEAD.sub("", found)
    kept = bare if len(bare) >= _SHORTEST[language] and _asks(bare) else found
    return kept if len(kept) < len(text) // 2 else ""


def _asks(sentence: str) -> bool:
    """Whether it is put as a question; that it has a question word ("where I bought it") is not enough in a story."""
    return _PUT.search(sentence) is not None
