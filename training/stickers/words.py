"""Colours and words: the small types every part of the vocabulary is made of."""

from __future__ import annotations

from dataclasses import dataclass

RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Words:
    """The words for one factor; the first of each is canonical, the others are paraphrases."""

    en: tuple[str, ...]
    zh: tuple[str, ...]
