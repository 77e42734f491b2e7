"""Prints hit rates: `python -m recommender.evaluation [--triton HOST:PORT] [--part dev|test] [--missed]`."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from recommender.catalogue import Sticker
from recommender.channel import Channel, Query
from recommender.embedding_cache import EmbeddingCache
from recommender.engine import Recommender
from recommender.evaluation.measure import DEPTHS, LANGUAGES, PARTS, abstention, hit_rates, load_queries
from recommender.expression import EmojiChannel, EmotionChannel
from recommender.feedback_memory import MemoryFeedbackStore
from recommender.lexical import LexicalChannel
from recommender.pack_store import PackStore
from recommender.ranking import Wish
from recommender.seed_embeddings import SHIPPED_PACKS
from recommender.semantic import SemanticChannel
from recommender.triton_text import TritonTextEncoder

_PACK = "noto-emoji"


async def report(triton_url: str | None, part: str, *, missed: bool) -> None:
    """Measures words alone, meaning alone (with Triton) and both together on the default pack."""
    with tempfile.TemporaryDirectory() as folder:
        semantic = None
        if triton_url:
            semantic = SemanticChannel(TritonTextEncoder(triton_url), EmbeddingCache(Path(folder) / "e.npz"))
        lexical = LexicalChannel()
        setups: list[tuple[str, list[Channel]]] = [("words", [lexical, EmojiChannel(), EmotionChannel()])]
        if semantic is not None:
            setups += [("meaning", [semantic]), ("both", [*setups[0][1], semantic])]
        for name, channels in setups:
            await _report_one(name, channels, Path(folder), part, missed=missed)


async def _report_one(name: str, channels: Sequence[Channel], folder: Path, part: str, *, missed: bool) -> None:
    recommender = Recommender(
        PackStore(SHIPPED_PACKS, folder), channels, [], MemoryFeedbackStore(), channel_patience_s=10
    )
    started = time.monotonic()
    await recommender.load()
    print(f"{name}: ready in {time.monotonic() - started:.1f} s")

    async def find(text: str) -> list[Sticker]:
        answer = await recommender.find(Query(text), Wish(DEPTHS[-1], packs=frozenset({_PACK})))
        return [one.sticker for one in answer.ranked]

    for language in LANGUAGES:
        rates = await hit_rates(find, load_queries(language, part))
        print(f"  {language}: " + "  ".join(f"hit@{depth} {rate:.2f}" for depth, rate in rates.at.items()))
        if missed:
            print(f"      missed: {' | '.join(rates.missed) or 'none'}")
    share, answered = await abstention(find, part)
    print(f"  noise left alone: {share:.2f}" + (f"  answered: {answered}" if answered else ""))


def main() -> None:
    """Entry point of the command."""
    parser = argparse.ArgumentParser(description="Measure how well stickers are found in both languages.")
    parser.add_argument("--triton", metavar="HOST:PORT", help="also measure the semantic channel")
    parser.add_argument("--part", choices=PARTS, default="test")
    parser.add_argument("--missed", action="store_true", help="list the queries without a right sticker in ten")
    arguments = parser.parse_args()
    asyncio.run(report(arguments.triton, arguments.part, missed=arguments.missed))


if __name__ == "__main__":
    main()
