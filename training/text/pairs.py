"""What the bilingual encoder learns from: student texts beside the English texts whose embedding they should get."""

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from training.text.unicode_text import Annotated, annotated_symbols, display_names, glosses

_HELD_OUT_PERCENT = 10


@dataclass(frozen=True)
class Pair:
    """One thing to learn: `student` should land on the mean teacher embedding of `teacher` (English)."""

    student: str
    teacher: tuple[str, ...]
    source: str


def held_out(key: str) -> bool:
    """Decide for good, from its text alone, whether something is kept from training."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 100 < _HELD_OUT_PERCENT


def unicode_pairs(seed: int = 0, share: float = 1.0) -> list[Pair]:
    """Return the pairs from Unicode data, or a random share; symbols that `held_out` keeps back contribute nothing."""
    rng = random.Random(seed)
    symbols = [symbol for symbol in annotated_symbols() if not held_out(symbol.base)]
    pairs = [pair for symbol in symbols for pair in _symbol_pairs(symbol, rng)]
    pairs += _keyword_pairs(symbols)
    pairs += [Pair(chinese, (english,), "display_zh") for chinese, english in display_names()]
    pairs += [Pair(english, (english,), "display_en") for _, english in display_names()]
    for character, senses in glosses().items():
        pairs.append(Pair(character, (", ".join(senses[:3]),), "unihan"))
    return pairs if share >= 1 else rng.sample(pairs, round(share * len(pairs)))


def _symbol_pairs(symbol: Annotated, rng: random.Random) -> Iterator[Pair]:
    english, chinese = symbol.keywords_en[:6], symbol.keywords_zh[:6]
    full_en = ", ".join([symbol.name_en, *english])
    yield Pair(symbol.name_zh, (symbol.name_en,), "cldr_zh")
    yield Pair(symbol.name_en, (symbol.name_en,), "cldr_en")
    if len(chinese) > 1:
        rng.shuffle(chinese)
        yield Pair(", ".join([symbol.name_zh, *chinese]), (full_en,), "cldr_zh")
        yield Pair(" ".join(chinese), (", ".join(english) or symbol.name_en,), "cldr_zh")
    if len(english) > 1:
        yield Pair(full_en, (full_en,), "cldr_en")
    yield Pair(symbol.text, (full_en,), "emoji")


def _keyword_pairs(symbols: list[Annotated]) -> Iterator[Pair]:
    by_keyword: dict[str, list[str]] = defaultdict(list)
    english: set[str] = set()
    for symbol in symbols:
        if len(symbol.text.replace("\ufe0f", "")) > 2:
            continue
        for keyword in symbol.keywords_zh:
            by_keyword[keyword].append(", ".join([symbol.name_en, *symbol.keywords_en[:4]]))
        english.update(symbol.keywords_en)
    for keyword, names in by_keyword.items():
        yield Pair(keyword, tuple(names[:12]), "keyword_zh")
    for word in sorted(english):
        yield Pair(word, (word,), "keyword_en")
