"""Texts to terms: stemmed words for English, characters and character pairs for Chinese."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PIECE = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[㐀-䶿一-鿿]+")
_SUFFIXES = ("ations", "ation", "ingly", "ments", "ment", "ings", "ing", "edly", "ies", "ied", "ed", "es", "ly", "s")
_SHORTEST_STEM = 3
# Words without a topic of their own. Question words stay: "where" and "how long" tell articles apart.
_STOP = frozenset(
    """
    a an the i i'm i've i'd i'll me my mine you your you're we our it it's its is am are was were be been do does did
    don't didn't to of in on at for and or but so that this these those there with have has had can could would will
    just please pls hi hello hey u ur im dont
    """.split()
)
_STOP_ZH = frozenset("的了吗呢啊吧呀哦嘛我你您们是在有就也都和与")


def terms(text: str) -> list[str]:
    """The terms of a text in either language, or of one that mixes them."""
    out: list[str] = []
    for piece in _PIECE.findall(unicodedata.normalize("NFKC", text).lower().replace("’", "'")):
        if "a" <= piece[0] <= "z" or piece[0].isdigit():
            if piece not in _STOP:
                out.append(stem(piece))
        else:
            out.extend(char for char in piece if char not in _STOP_ZH)
            out.extend(piece[i : i + 2] for i in range(len(piece) - 1))
    return out


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A light English stemmer: endings off, doubled consonants and final e gone. For matching only."""
    word = word.split("'")[0]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM and not word.endswith("ss"):
            word = word[: -len(suffix)] + ("y" if suffix in ("ies", "ied") else "")
            break
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if len(word) > _SHORTEST_STEM and word.endswith("e") else word
