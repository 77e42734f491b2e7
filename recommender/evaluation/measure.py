"""Hit rates and abstention of anything that answers a text with stickers."""

from __future__ import annotations

import tomllib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib import resources

from recommender.catalogue import Sticker, plain_emoji

DEPTHS = (1, 5, 10)
PARTS = ("dev", "test")
LANGUAGES = ("en", "zh")

Find = Callable[[str], Awaitable[Sequence[Sticker]]]
"""Answers a text with at least ten stickers where there are as many, best first."""


@dataclass(frozen=True, slots=True)
class Queries:
    """Queries of one language and part, each with the emoji that answer it."""

    language: str
    part: str
    wanted: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class HitRates:
    """Share of queries with a right sticker among the first 1, 5 and 10, and the queries without one in ten."""

    at: dict[int, float]
    missed: tuple[str, ...]


def load_queries(language: str, part: str) -> Queries:
    """Reads the queries of a language ("en", "zh") and part ("dev" to choose by, "test" to measure)."""
    table: dict[str, str] = _tables()[language][part]
    return Queries(
        language,
        part,
        {text: frozenset(map(plain_emoji, emoji.split())) for text, emoji in table.items()},
    )


def load_noise(part: str) -> list[str]:
    """Reads the texts that nothing fits."""
    return list(_tables()["none"][part])


async def hit_rates(find: Find, queries: Queries) -> HitRates:
    """Asks every query and counts right answers."""
    hits = dict.fromkeys(DEPTHS, 0)
    missed = []
    for text, wanted in queries.wanted.items():
        right = [plain_emoji(sticker.emoji) in wanted for sticker in (await find(text))[: DEPTHS[-1]]]
        for depth in DEPTHS:
            hits[depth] += any(right[:depth])
        if not any(right):
            missed.append(text)
    return HitRates({depth: count / len(queries.wanted) for depth, count in hits.items()}, tuple(missed))


async def abstention(find: Find, part: str) -> tuple[float, list[str]]:
    """Returns the share of noise that is answered with nothing, and the noise that is not."""
    noise = load_noise(part)
    answered = [text for text in noise if await find(text)]
    return 1 - len(answered) / len(noise), answered


def _tables() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((resources.files(__package__) / "queries.toml").read_text(encoding="utf-8"))
