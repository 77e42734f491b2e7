"""Queries written by hand, in both languages: floors on hit rate and on abstention."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from recommender.catalogue import Sticker
from recommender.channel import Channel, Query
from recommender.embedding_cache import EmbeddingCache
from recommender.engine import Recommender
from recommender.evaluation.measure import Find, abstention, hit_rates, load_queries
from recommender.expression import EmojiChannel, EmotionChannel
from recommender.feedback_memory import MemoryFeedbackStore
from recommender.lexical import LexicalChannel
from recommender.pack_store import PackStore
from recommender.ranking import Wish
from recommender.seed_embeddings import TEXT_SEED
from recommender.semantic import SemanticChannel
from recommender.triton_text import TritonTextEncoder
from tests.recommender.shipped import shipped_emoji

pytestmark = pytest.mark.integration


async def _finder(folder: Path, channels: Sequence[Channel]) -> Find:
    recommender = Recommender(
        PackStore(shipped_emoji(folder), folder / "data"), channels, [], MemoryFeedbackStore(), channel_patience_s=30
    )
    await recommender.load()

    async def find(text: str) -> list[Sticker]:
        return [one.sticker for one in (await recommender.find(Query(text), Wish(10))).ranked]

    return find


@pytest.mark.parametrize(("language", "at_5", "at_10"), [("en", 0.8, 0.8), ("zh", 0.8, 0.85)])
async def test_words_alone_find_most(tmp_path: Path, language: str, at_5: float, at_10: float) -> None:
    """With no encoder at all, Chinese and English queries mostly find a right sticker."""
    find = await _finder(tmp_path, [LexicalChannel(), EmojiChannel(), EmotionChannel()])
    rates = await hit_rates(find, load_queries(language, "test"))
    assert rates.at[5] >= at_5, rates.missed
    assert rates.at[10] >= at_10, rates.missed


async def test_meaning_helps_and_noise_stays_unanswered(tmp_path: Path, triton_url: str) -> None:
    """With the real text encoder English gets better than by words alone, and noise still finds nothing."""
    encoder = TritonTextEncoder(triton_url)
    semantic = SemanticChannel(encoder, EmbeddingCache(tmp_path / "e.npz", seed=TEXT_SEED), query_timeout_s=30)
    find = await _finder(tmp_path, [LexicalChannel(), EmojiChannel(), EmotionChannel(), semantic])
    for language, floor in (("en", 0.9), ("zh", 0.85)):
        rates = await hit_rates(find, load_queries(language, "test"))
        assert rates.at[10] >= floor, rates.missed
    share, answered = await abstention(find, "test")
    assert share >= 0.8, answered  # 11 of 13: a mantra and "ipsum dolor sit" find something
    await encoder.close()
