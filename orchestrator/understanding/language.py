"""Which of the two languages a text is in."""

from __future__ import annotations

import re

_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0002fa1f]")
_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")

EN, ZH = "en", "zh"


def of_locale(tag: str) -> str:
    """The language of a BCP 47 tag; English unless it begins with zh."""
    return ZH if tag.lower().replace("_", "-").split("-")[0] == ZH else EN


def detect(text: str, fallback: str) -> str:
    """The language of a text; `fallback` when there are no words in it.

    Han characters are counted against Latin words, not letters: "我的 iPhone 15 Pro 到哪了" is Chinese.
    """
    han, words = len(_HAN.findall(text)), len(_WORD.findall(text))
    if not han and not words:
        return fallback
    return ZH if han >= words else EN
