"""Tells words from noise, so that `asdkjh` finds nothing although some vector is always the nearest.

Letter bigrams of the catalogue's own English (add-one-tenth smoothing, log-probability per bigram) decide whether an
unknown word could be one. Whatever has a Chinese character that is not a mere particle is taken for language.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

from recommender.words import ENGLISH_STOP_WORDS, is_chinese, units

_THRESHOLD = -4.0
_SHORTHAND = frozenset(re.findall(r"\S+", "lol omg wtf thx pls plz brb btw fyi xoxo hmm hmmm ok tysm idk"))
_WORD = re.compile(r"[a-z]+")
_VOWEL = re.compile(r"[aeiouy]")
_ENOUGH_WORDS = 600  # below, the statistics say nothing
_SMOOTHING = 0.1
_ALPHABET = 27


class Plausibility:
    """Learned once from texts that are known to be language."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._known = frozenset(word for text in texts for word in _WORD.findall(text.lower()))
        self._known |= _SHORTHAND | frozenset(word for word in ENGLISH_STOP_WORDS if word.isalpha())
        self._pairs: Counter[str] = Counter()
        self._firsts: Counter[str] = Counter()
        for word in self._known:
            framed = f"^{word}$"
            self._pairs.update(framed[i : i + 2] for i in range(len(framed) - 1))
            self._firsts.update(framed[:-1])

    def speaks(self, text: str) -> bool:
        """Tells whether a text has at least one word that says something.

        Particles and stop words alone, numbers, codes, punctuation and letter salad do not.
        """
        meaningful = {unit.text for unit in units(text) if not unit.stop}
        if any(is_chinese(unit) for unit in meaningful):
            return True
        return bool(meaningful) and any(self.is_word(word) for word in _WORD.findall(text.lower()) if len(word) > 1)

    def is_word(self, word: str) -> bool:
        """Tells whether lower-case letters could be an English word."""
        if word in self._known:
            return True
        if not _VOWEL.search(word):
            return False
        if len(self._known) < _ENOUGH_WORDS:
            return True
        framed = f"^{word}$"
        total = sum(self._log_probability(framed[i : i + 2]) for i in range(len(framed) - 1))
        return total / (len(framed) - 1) >= _THRESHOLD

    def _log_probability(self, pair: str) -> float:
        return math.log((self._pairs[pair] + _SMOOTHING) / (self._firsts[pair[0]] + _SMOOTHING * _ALPHABET))
