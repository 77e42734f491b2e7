"""The lexical channel: keywords of the catalogue found in a text, in English and Chinese.

A keyword is a run of units (words.py). Every run of up to six units of a query is looked up among the runs of all
keywords; each unit of the query then credits a sticker with its best run only, so that `感谢` is not counted again as
`感` and `谢`. Rare runs count more (the idf of BM25, Robertson & Zaragoza 2009), and a run that is only a part of a
keyword counts for the part it covers. The score is the share of the query that is explained, in [0, 1].
"""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from recommender.catalogue import Catalogue, Sticker
from recommender.channel import ChannelKind, Hit, Query
from recommender.words import Unit, units

_MAX_RUN = 6
_MAX_QUERY_UNITS = 400
_FULL_CREDIT_UNITS = 2.0
_ENGLISH_PART_EXPONENT = 0.7
_CHINESE_PART_EXPONENT = 2.2
_CHINESE_CHARACTER_WORD = 1.7
_ALT_WEIGHT, _KEYWORD_WEIGHT, _CATEGORY_WEIGHT = 1.0, 0.95, 0.4

Run = tuple[str, ...]


class LexicalIndex:
    """An immutable index over the texts of some stickers."""

    def __init__(self, stickers: Iterable[Sticker]) -> None:
        postings: dict[Run, dict[str, tuple[float, str]]] = defaultdict(dict)
        self._size = 0
        for sticker in stickers:
            self._size += 1
            for run, entry in _runs_of(sticker).items():
                postings[run][sticker.id] = entry
        self._postings: Mapping[Run, Mapping[str, tuple[float, str]]] = dict(postings)

    def search(self, text: str, limit: int) -> list[Hit]:
        """Returns the stickers that explain most of a text, best first.

        Args:
            text: Any text; only its first and last hundreds of words are looked at.
            limit: How many at most.
        """
        query = _bounded(units(text))
        by_sticker: dict[str, dict[int, tuple[float, str]]] = defaultdict(dict)
        potential = [0.0] * len(query)
        for start, stop in _spans(query):
            self._credit(query, start, stop, by_sticker, potential)
        whole = _whole(query, potential)
        if whole <= 0:
            return []
        hits = [_hit(sticker_id, covered, whole) for sticker_id, covered in by_sticker.items()]
        return sorted(hits, key=lambda hit: (-hit.score, hit.sticker_id))[:limit]

    def _credit(
        self,
        query: Sequence[Unit],
        start: int,
        stop: int,
        by_sticker: dict[str, dict[int, tuple[float, str]]],
        potential: list[float],
    ) -> None:
        """Credits every sticker that has the run `query[start:stop]` with it, unit by unit."""
        found = self._postings.get(tuple(unit.text for unit in query[start:stop]))
        if not found:
            return
        rarity = self._idf(len(found))
        for sticker_id, (weight, keyword) in found.items():
            covered = by_sticker[sticker_id]
            for position in range(start, stop):
                credit = rarity * weight * query[position].weight
                potential[position] = max(potential[position], credit)
                if credit > covered.get(position, (0.0, ""))[0]:
                    covered[position] = (credit, keyword)

    def _idf(self, frequency: int) -> float:
        top = math.log(1 + self._size / 0.5)
        return math.log(1 + (self._size - frequency + 0.5) / (frequency + 0.5)) / top if top > 0 else 0.0


class LexicalChannel:
    """Keywords found in the query's text."""

    kind = ChannelKind.LEXICAL

    def __init__(self) -> None:
        self._index = LexicalIndex(())

    async def refresh(self, catalogue: Catalogue) -> None:
        """Indexes a changed catalogue; searches see the old index until the new one is whole."""
        self._index = await asyncio.to_thread(LexicalIndex, catalogue.stickers.values())

    async def search(self, query: Query, limit: int) -> Sequence[Hit]:
        """Returns the stickers whose keywords explain most of the text."""
        return self._index.search(query.text, limit)


def _hit(sticker_id: str, covered: Mapping[int, tuple[float, str]], whole: float) -> Hit:
    by_keyword: dict[str, float] = defaultdict(float)
    for credit, keyword in covered.values():
        by_keyword[keyword] += credit
    best = max(by_keyword, key=lambda keyword: by_keyword[keyword])
    return Hit(sticker_id, min(1.0, sum(by_keyword.values()) / whole), best)


def _whole(query: Sequence[Unit], potential: Sequence[float]) -> float:
    """What a perfect keyword would earn: units that nothing explains count as unexplained, long texts only in part."""
    explained = [
        max(earned, 0.0 if unit.stop else 0.4 * unit.weight) for unit, earned in zip(query, potential, strict=True)
    ]
    total = sum(explained)
    return min(total, _FULL_CREDIT_UNITS + 0.05 * max(0.0, total - _FULL_CREDIT_UNITS)) if any(potential) else 0.0


def _spans(query: Sequence[Unit]) -> Iterable[tuple[int, int]]:
    for start in range(len(query)):
        for stop in range(start + 1, min(len(query), start + _MAX_RUN) + 1):
            if not all(unit.stop for unit in query[start:stop]) or stop - start == len(query):
                yield start, stop


def _bounded(query: list[Unit]) -> list[Unit]:
    if len(query) <= _MAX_QUERY_UNITS:
        return query
    half = _MAX_QUERY_UNITS // 2
    return query[:half] + query[-half:]


def _runs_of(sticker: Sticker) -> dict[Run, tuple[float, str]]:
    """Maps each run of a sticker's texts to its best weight and the text it stands in."""
    found: dict[Run, tuple[float, str]] = {}
    for text, weight in _texts(sticker):
        phrase = units(text)
        for start, stop in _spans(phrase):
            run = tuple(unit.text for unit in phrase[start:stop])
            candidate = (weight * _completeness(phrase, start, stop), text)
            if candidate[0] > found.get(run, (0.0, ""))[0]:
                found[run] = candidate
    return found


def _completeness(phrase: Sequence[Unit], start: int, stop: int) -> float:
    """How well a run stands for the whole phrase; a Chinese word of one character is a word all the same."""
    share = (stop - start) / len(phrase)
    if not phrase[start].chinese:
        return math.pow(share, _ENGLISH_PART_EXPONENT)
    return _CHINESE_CHARACTER_WORD if len(phrase) == 1 else math.pow(share, _CHINESE_PART_EXPONENT)


def _texts(sticker: Sticker) -> Iterable[tuple[str, float]]:
    for alt in (sticker.alt.en, sticker.alt.zh):
        yield alt, _ALT_WEIGHT
    for keyword in (*sticker.keywords.en, *sticker.keywords.zh):
        yield keyword, _KEYWORD_WEIGHT
    yield sticker.category.replace("-", " "), _CATEGORY_WEIGHT
