"""Which of the two languages a text is in."""

from __future__ import annotations

import re

_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0002fa1f]")
_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")

# Addresses, links, numbers of orders and the words that everybody says tell nothing about a language.
_NO_LANGUAGE = re.compile(
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|https?://[!-~]+|(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-Za-z0-9-]+(?![A-Za-z0-9])|"
    r"^\s*(?:ok|okay|yes|no|vip|app)[\s!.~]*$",
    re.IGNORECASE,
)

_SMALL = re.compile(r"(?<![A-Za-z'])[a-z]")  # a word in small letters: names and addresses have none

_QUOTED = re.compile(r"[\"“「『][^\"”」』]*[\"”」』]")

EN, ZH = "en", "zh"


def of_locale(tag: str) -> str:
    """The language of a BCP 47 tag; English unless it begins with zh."""
    return ZH if tag.lower().replace("_", "-").split("-")[0] == ZH else EN


def detect(text: str, fallback: str, *, keep_words: int = 0) -> str:
    """The language of a text; `fallback` when there are no words in it.

    Han characters are counted against Latin words, not letters: "我的 iPhone 15 Pro 到哪了" is Chinese.

    Args:
        text: What was written.
        fallback: The language so far.
        keep_words: So many Latin words alone change nothing; given, nor do names ("Blue Fern Trading Ltd"), however
            long.
    """
    own = _NO_LANGUAGE.sub(" ", text)
    if _HAN.search(unquoted := _QUOTED.sub(" ", own)):  # what is quoted is another's language
        own = unquoted
    han, words = len(_HAN.findall(own)), len(_WORD.findall(own))
    if not han and (words <= keep_words or (keep_words and not _SMALL.search(own))):
        return fallback
    return ZH if han >= words else EN
