"""The semantic channel, its index and its cache, with an encoder of known behaviour."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from recommender.channel import ChannelDownError, Query
from recommender.embedding_cache import EmbeddingCache
from recommender.semantic import Calibration, SemanticChannel
from recommender.vector_index import VectorIndex, Vectors
from tests.recommender.builders import FakeTextEncoder, catalogue, sticker

pytestmark = pytest.mark.unit

CATALOGUE = catalogue(
    sticker("thanks", ["folded hands", "thank you"], ["双手合十", "感恩"]),
    sticker("dog", ["dog face", "puppy"], ["狗脸"]),
    sticker("umbrella", ["umbrella"], ["雨伞"]),
)


def _channel(encoder: FakeTextEncoder, folder: Path) -> SemanticChannel:
    return SemanticChannel(encoder, EmbeddingCache(folder / "cache" / "e.npz"))


class GatedEncoder(FakeTextEncoder):
    """Answers only while its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def encode(self, texts: Sequence[str], *, timeout_s: float) -> Vectors:
        """Waits for the gate, then embeds."""
        vectors = await super().encode(texts, timeout_s=timeout_s)
        await self.gate.wait()
        return vectors


async def _find(channel: SemanticChannel, text: str) -> list[str]:
    return [hit.sticker_id for hit in await channel.search(Query(text), 5)]


async def test_meaning_is_found_without_a_shared_word(tmp_path: Path) -> None:
    """Words that no keyword contains find the sticker of that meaning."""
    channel = _channel(FakeTextEncoder(), tmp_path)
    await channel.refresh(CATALOGUE)
    assert await _find(channel, "much appreciated") == ["p/thanks"]
    assert await _find(channel, "小狗") == ["p/dog"]


async def test_before_the_index_is_built_it_says_so(tmp_path: Path) -> None:
    """A search without an index is a channel that is down, not an empty answer."""
    channel = _channel(FakeTextEncoder(), tmp_path)
    assert channel.needs_rebuild
    with pytest.raises(ChannelDownError):
        await channel.search(Query("dog"), 5)


@pytest.mark.parametrize("noise", ["", "qwrtzp", "42", "了的吗", "👍"])
async def test_noise_never_reaches_the_encoder(tmp_path: Path, noise: str) -> None:
    """Some vector is always the nearest, so noise is not asked about at all."""
    encoder = FakeTextEncoder()
    channel = _channel(encoder, tmp_path)
    await channel.refresh(CATALOGUE)
    calls = encoder.calls
    assert await channel.search(Query(noise), 5) == []
    assert encoder.calls == calls


async def test_an_english_encoder_is_not_asked_about_chinese(tmp_path: Path) -> None:
    """The channel finds out whether the encoder reads Chinese, and otherwise keeps quiet on it."""
    channel = _channel(FakeTextEncoder(reads_chinese=False), tmp_path)
    await channel.refresh(CATALOGUE)
    assert not channel.reads_chinese
    assert await _find(channel, "小狗") == []
    assert await _find(channel, "a puppy") == ["p/dog"]


async def test_repeated_queries_are_embedded_once(tmp_path: Path) -> None:
    """What people type again and again is remembered."""
    encoder = FakeTextEncoder()
    channel = _channel(encoder, tmp_path)
    await channel.refresh(CATALOGUE)
    calls = encoder.calls
    await _find(channel, "puppy")
    await _find(channel, "  puppy ")
    assert encoder.calls == calls + 1


async def test_an_impatient_caller_leaves_the_answer_for_the_next(tmp_path: Path) -> None:
    """Giving up does not stop the encoder: its late answer is kept, and it was asked once."""
    encoder = GatedEncoder()
    channel = _channel(encoder, tmp_path)
    await channel.refresh(CATALOGUE)
    encoder.gate.clear()
    calls = encoder.calls
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(channel.search(Query("puppy"), 5), 0.01)
    second = asyncio.create_task(_find(channel, "puppy"))
    await asyncio.sleep(0)
    encoder.gate.set()
    assert await second == ["p/dog"]
    assert encoder.calls == calls + 1


async def test_a_second_start_embeds_only_the_probe(tmp_path: Path) -> None:
    """Embeddings come from disk while the model is the same."""
    await _channel(FakeTextEncoder(), tmp_path).refresh(CATALOGUE)
    again = FakeTextEncoder()
    channel = _channel(again, tmp_path)
    await channel.refresh(CATALOGUE)
    assert again.encoded == 16
    assert await _find(channel, "puppy") == ["p/dog"]


async def test_shipped_embeddings_spare_the_first_start(tmp_path: Path) -> None:
    """What the seed file knows is not embedded again, and the seed file is left as it is."""
    await _channel(FakeTextEncoder(), tmp_path).refresh(CATALOGUE)
    seed = tmp_path / "cache" / "e.npz"
    before = seed.read_bytes()
    encoder = FakeTextEncoder()
    channel = SemanticChannel(encoder, EmbeddingCache(tmp_path / "new" / "e.npz", seed=seed))
    await channel.refresh(CATALOGUE)
    assert encoder.encoded == 16
    assert await _find(channel, "puppy") == ["p/dog"]
    assert seed.read_bytes() == before


@pytest.mark.parametrize("other", [FakeTextEncoder(256), FakeTextEncoder(reads_chinese=False)])
async def test_another_model_does_not_take_over_old_embeddings(tmp_path: Path, other: FakeTextEncoder) -> None:
    """A changed dimension or a retrained model makes the cache worthless."""
    await _channel(FakeTextEncoder(), tmp_path).refresh(CATALOGUE)
    channel = _channel(other, tmp_path)
    await channel.refresh(CATALOGUE)
    assert other.encoded > 16
    assert await _find(channel, "puppy") == ["p/dog"]


async def test_a_damaged_cache_is_made_again(tmp_path: Path) -> None:
    """Rubbish in the cache file costs time, not the channel."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "e.npz").write_bytes(b"PK\x03\x04rubbish")
    channel = _channel(FakeTextEncoder(), tmp_path)
    await channel.refresh(CATALOGUE)
    assert await _find(channel, "puppy") == ["p/dog"]


async def test_a_dead_encoder_is_down_and_recovers(tmp_path: Path) -> None:
    """While it is dead searches say so; afterwards they answer again without a new index."""
    encoder = FakeTextEncoder()
    channel = _channel(encoder, tmp_path)
    await channel.refresh(CATALOGUE)
    encoder.down = True
    with pytest.raises(ChannelDownError):
        await channel.search(Query("puppy"), 5)
    with pytest.raises(ChannelDownError):
        await channel.is_stale()
    encoder.down = False
    assert await _find(channel, "puppy") == ["p/dog"]
    assert not await channel.is_stale()


async def test_a_changed_dimension_is_named_and_asks_for_a_new_index(tmp_path: Path) -> None:
    """The error tells both dimensions, and the channel knows that it must be rebuilt."""
    encoder = FakeTextEncoder(128)
    channel = _channel(encoder, tmp_path)
    await channel.refresh(CATALOGUE)
    encoder.dimension = 256
    assert await channel.is_stale()
    with pytest.raises(ChannelDownError, match=r"256 numbers.*128"):
        await channel.search(Query("puppy"), 5)
    assert channel.needs_rebuild
    await channel.refresh(CATALOGUE)
    assert await _find(channel, "puppy") == ["p/dog"]


async def test_an_empty_catalogue_has_an_empty_index(tmp_path: Path) -> None:
    """No stickers, no hits, no error."""
    channel = _channel(FakeTextEncoder(), tmp_path)
    await channel.refresh(catalogue())
    assert await _find(channel, "puppy") == []


def test_calibration_is_a_ramp() -> None:
    """Below the floor nothing, above the ceiling everything."""
    ramp = Calibration(0.4, 0.8)
    assert [ramp(cosine) for cosine in (-1.0, 0.4, 0.6, 0.8, 1.0)] == pytest.approx([0, 0, 0.5, 1, 1])


@pytest.mark.parametrize("flat_limit", [10_000, 100])
def test_the_nearest_vector_is_found_in_small_and_large_indexes(flat_limit: int) -> None:
    """The exact index and the graph both find a vector that is in them."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(2000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = VectorIndex(vectors, flat_limit=flat_limit)
    row, cosine = index.search(vectors[7], 3)[0]
    assert (row, round(cosine, 3)) == (7, 1.0)


def test_a_vector_of_another_dimension_is_refused() -> None:
    """The index does not guess."""
    with pytest.raises(ValueError, match="dimension"):
        VectorIndex(np.eye(4, dtype=np.float32)).search(np.ones(5, np.float32), 1)
