"""Splits English and Chinese text into the units that the lexical channel counts.

A unit is an English stem or one Chinese character. Phrases are runs of units, so the Chinese need no segmenter: the
catalogue's own keywords are the dictionary.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

import snowballstemmer  # type: ignore[import-untyped]

_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[\u3400-\u4dbf\u4e00-\u9fff]")
ENGLISH_STOP_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        a an the of to in on at for with and or but is are was were be been am i i'm i've you your he she it its it's
        we they them their my me our us this that these those there here has have had do does did will would can could
        shall should just so very really too much many more most some any all as by from up out about into over than
        then what which who whom when where how why if because while not yes please let let's get got make made go
        going
        """,
    )
)
_STOP_ZH = frozenset(
    "的了吗呢吧啊呀哦嗯我你他她它们是在有很就都也还又和与个这那么什怎为不要到去来上下说让给把被会能得着过您可一个点些次种样没只才再但若所以因为如果己最更非常挺太"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One countable piece of a text.

    Attributes:
        text: English stem or single Chinese character.
        chinese: Whether it is a Chinese character.
        stop: Whether it says nothing on its own; it still counts inside a phrase.
    """

    text: str
    chinese: bool
    stop: bool

    @property
    def weight(self) -> float:
        """How much of a word it is: two Chinese characters make about one English word."""
        return 0.5 if self.chinese else 1.0


def units(text: str) -> list[Unit]:
    """Splits a text into units, in order; punctuation, single letters, numbers and codes (`b07xj8`) are dropped."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    return [_unit(match) for match in _TOKEN.findall(folded) if _is_word(match)]


def _is_word(token: str) -> bool:
    return is_chinese(token) or (len(token) > 1 and not any(character.isdigit() for character in token))


def is_chinese(text: str) -> bool:
    """Tells whether a text holds a Chinese character."""
    return any("\u3400" <= character <= "\u9fff" for character in text)


@functools.lru_cache(maxsize=16384)
def _unit(token: str) -> Unit:
    if is_chinese(token):
        return Unit(token, chinese=True, stop=token in _STOP_ZH)
    return Unit(_stemmer().stemWord(token.removesuffix("'s")), chinese=False, stop=token in ENGLISH_STOP_WORDS)


@functools.cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")
