"""Texts to terms: stemmed words for English, characters and character pairs for Chinese, and the concepts of both."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

_PIECE = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[㐀-䶿一-鿿]+")
_SUFFIXES = ("ations", "ation", "ingly", "ments", "ment", "ings", "ing", "edly", "ies", "ied", "ed", "es", "ly", "s")
_SHORTEST_STEM = 3
_LONGEST_LL_STEM = 5
# Words without a topic of their own. Question words stay: "where" and "how long" tell articles apart.
_STOP = frozenset(
    """
    a an the i i'm i've i'd i'll me my mine you your you're we our it it's its is am are was were be been do does did
    don't didn't to of in on at for and or but so that this these those there with have has had can could would will
    just please pls hi hello hey u ur im dont
    """.split()
)
_STOP_ZH = frozenset("的了吗呢啊吧呀哦嘛我你您们是在有就也都和与")


CONCEPT = "@"
"""Begins a term that stands for a concept rather than a word."""

_CONCEPTS = Path(__file__).with_name("concepts.yaml")


def terms(text: str) -> list[str]:
    """The terms of a text in either language, or of one that mixes them; concepts last, each once."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    words = _words(plain)
    return [*words, *_concepts(plain, words)]


def _concepts(plain: str, words: list[str]) -> list[str]:
    """The concepts that a text names: English by runs of stems, Chinese by what stands in it."""
    english, longest, chinese = _concept_tables()
    found: dict[str, None] = {}
    for start in range(len(words)):
        for length in range(1, longest + 1):
            for concept in english.get(" ".join(words[start : start + length]), ()):
                found[concept] = None
    for phrase, concept in chinese:
        if phrase in plain:
            found[concept] = None
    return list(found)


@lru_cache(maxsize=1)
def _concept_tables() -> tuple[dict[str, tuple[str, ...]], int, list[tuple[str, str]]]:
    """English phrases, as their stems, to concepts; the stems of the longest; Chinese phrases with their concepts."""
    english: dict[str, tuple[str, ...]] = {}
    raw = yaml.safe_load(_CONCEPTS.read_text(encoding="utf-8"))
    for number, group in enumerate(raw["en"]):
        for phrase in group:
            key = " ".join(_words(phrase))
            english[key] = (*english.get(key, ()), f"{CONCEPT}en{number}")
    chinese = [(phrase, f"{CONCEPT}zh{number}") for number, group in enumerate(raw["zh"]) for phrase in group]
    return english, max(len(key.split()) for key in english), chinese


def _words(plain: str) -> list[str]:
    out: list[str] = []
    for piece in _PIECE.findall(plain):
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
    doubled = len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "aeious"
    if doubled and (word[-1] != "l" or len(word) > _LONGEST_LL_STEM):  # cancelled, but not selling
        word = word[:-1]
    return word[:-1] if len(word) > _SHORTEST_STEM and word.endswith("e") else word
