"""Which of several things a message means, by their names, by words for the same thing, or by their place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, TypeVar

from orchestrator.dialogue.numerals import at_place, place_in
from orchestrator.dialogue.phrases import PHRASES

_WORD = re.compile(r"[a-z0-9]+|[㐀-䶿一-鿿]+")
_SHORTEST = 3
_EMPTY = frozenset(("a", "an", "the", "with", "of", "in", "and", "for", "to", "name", "one"))
_HAN = re.compile(r"[㐀-䶿一-鿿]")
# What stands between two things of which the same is wanted.
_AND = re.compile(
    r"(?:[\s,()]|\b(?!not\b|keep|but\b|for\b|to\b|instead\b|only\b|is\b|are\b|was\b|were\b|from\b|with\b)[a-z']++)*?"
    r"(?:\band\b|&|\bplus\b|\+|\bas well as\b|\balong with\b)"
    r"(?:[\s,()]|\b(?!not\b|keep|but\b|for\b|instead\b|exchange|swap|cancel|refund|return\b|is\b|where|how|when|what|has\b)[a-z0-9']++){0,8}"
    r"|[^，,。！？?不换成留没取消退]{0,8}(?:和|跟|与|、|还有|以及|加上?|连同)[^，,。！？?不换成留没取消退]{0,8}"
)
_LOOKALIKES = re.compile(r"包(?:裹|邮|装|括|含|赔|修|运|间|厢|退|换|你|您)|(?:红|面|打|钱|背|书|承)包|点灯|亮红灯")
_COLOUR_ZH = re.compile(r"[色]$")


class Named(Protocol):
    """Something with names."""

    @property
    def names(self) -> tuple[str, ...]: ...  # noqa: D102


NamedT = TypeVar("NamedT", bound=Named)


def mentioned(text: str, things: Sequence[NamedT], aliases: Sequence[frozenset[str]] = ()) -> list[NamedT]:
    """The things that a text names best; several when it fits them alike, none when it names none."""
    said = _said(text, aliases)
    scores = [max((_score(said, name) for name in one.names), default=0.0) for one in things]
    best = max(scores, default=0.0)
    return [one for one, score in zip(things, scores, strict=True) if score == best] if best > 0 else []


def named_together(text: str, things: Sequence[NamedT], aliases: Sequence[frozenset[str]] = ()) -> list[NamedT]:
    """The things that a text names in one breath ("the mug and the tote"), by words that only one of them has."""
    plain, words = without_lookalikes(text.lower()), [words_for(one, aliases) for one in things]
    places: list[tuple[int, int, NamedT]] = []
    for at, one in enumerate(things):
        own = words[at].difference(*(words[:at] + words[at + 1 :]))
        found = [match.span() for word in own for match in _standing(word).finditer(plain)]
        if found:
            begin = min(found)[0]
            places.append((begin, max(end for start, end in found if start == begin), one))
    places.sort(key=lambda place: place[0])
    joined = all(_AND.fullmatch(plain[end:start]) for (_, end, _), (start, _, _) in pairwise(places))
    return [one for _, _, one in places] if len(places) > 1 and joined else []


def without_lookalikes(text: str) -> str:
    """A text without Chinese words in which a word for a thing stands by chance: a parcel is no bag."""
    return _LOOKALIKES.sub(" ", text)


def stands_in(word: str, text: str) -> bool:
    """Whether a word stands in a text in lower case; an English one in either number, a Chinese one anywhere."""
    return bool(re.search(rf"\b{re.escape(word)}s?\b", text)) if word.isascii() else word in without_lookalikes(text)


def _standing(word: str) -> re.Pattern[str]:
    """A word where it stands by itself; English ones in either number."""
    return re.compile(re.escape(word) if _HAN.search(word) else rf"\b{re.escape(word)}(?:e?s)?\b")


def words_for(thing: Named, aliases: Sequence[frozenset[str]] = ()) -> frozenset[str]:
    """The words by which something may be called, and others for the same."""
    own = {_singular(word) for name in thing.names for word in _WORD.findall(name.lower())} - _EMPTY
    also = {one for group in aliases for one in group if any(one in (word, _singular(word)) for word in own)}
    return frozenset(own).union(*(group for group in aliases if also & group))


def picked(text: str, things: Sequence[NamedT]) -> NamedT | None:
    """The thing at the place that an answer names ("the second one", "2"); None for none."""
    return at_place(things, place_in(text))


def points_back(text: str) -> bool:
    """Whether it says "it", "that one", "这个"."""
    return PHRASES.has("that_one", text)


def _said(text: str, aliases: Sequence[frozenset[str]]) -> tuple[frozenset[str], str]:
    """English words and the whole text, with everything that means the same as something in it."""
    plain = without_lookalikes(text.lower())
    words = {_singular(word) for word in _WORD.findall(plain) if not _HAN.match(word)}
    extra = ""
    for group in aliases:
        if any(one in plain if _HAN.match(one) else one in words for one in group):
            words |= {one for one in group if not _HAN.match(one)}
            extra += "|" + "|".join(one for one in group if _HAN.match(one))
    return frozenset(words), plain + extra


def _score(said: tuple[frozenset[str], str], name: str) -> float:
    """How much of a name is said: words of English names, pieces of Chinese ones."""
    words, text = said
    score = 0.0
    for piece in _WORD.findall(name.lower()):
        if not _HAN.match(piece):
            score += _singular(piece) in words and piece not in _EMPTY
        elif piece in text:
            score += len(piece)
        else:
            score += _part(piece, text)
    return score


def _part(name: str, text: str) -> float:
    """How much of a Chinese name is said; a colour may lack its last sign."""
    stem = _COLOUR_ZH.sub("", name)
    if stem != name and len(stem) >= 1 and stem in text:
        return float(len(stem))
    pairs = {name[at : at + 2] for at in range(len(name) - 1)}
    return float(sum(pair in text for pair in pairs))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > _SHORTEST and word.endswith("s") and not word.endswith("ss") else word
