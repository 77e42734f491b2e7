"""Which of several things a message means, by their names, by words for the same thing, or by their place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from orchestrator.dialogue.numerals import ordinal_in
from orchestrator.dialogue.phrases import PHRASES

_WORD = re.compile(r"[a-z0-9]+|[㐀-䶿一-鿿]+")
_SHORTEST = 3
_EMPTY = frozenset(("a", "an", "the", "with", "of", "in", "and", "for", "to", "name", "one"))
_HAN = re.compile(r"[㐀-䶿一-鿿]")
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


def words_for(thing: Named, aliases: Sequence[frozenset[str]] = ()) -> frozenset[str]:
    """The words by which something may be called, and others for the same."""
    own = {_singular(word) for name in thing.names for word in _WORD.findall(name.lower())} - _EMPTY
    also = {one for group in aliases for one in group if any(one in (word, _singular(word)) for word in own)}
    return frozenset(own).union(*(group for group in aliases if also & group))


def picked(text: str, things: Sequence[NamedT]) -> NamedT | None:
    """The thing at the place that a text names ("the second one"); None for none."""
    place = ordinal_in(text)
    if place is None or not things:
        return None
    if place == -1:
        return things[-1]
    return things[place - 1] if 1 <= place <= len(things) else None


def points_back(text: str) -> bool:
    """Whether it says "it", "that one", "这个"."""
    return PHRASES.has("that_one", text)


def _said(text: str, aliases: Sequence[frozenset[str]]) -> tuple[frozenset[str], str]:
    """English words and the whole text, with everything that means the same as something in it."""
    plain = text.lower()
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
