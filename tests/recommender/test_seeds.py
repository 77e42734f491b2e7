"""The embeddings that ship beside the packs are those of the models that ship: a first start embeds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.embedding_cache import EmbeddingCache
from recommender.pack_store import PackStore
from recommender.seed_embeddings import IMAGE_SEED, SHIPPED_PACKS, TEXT_SEED, _shipped
from recommender.semantic import SemanticChannel
from recommender.triton_images import TritonImageEncoder
from recommender.triton_text import TritonTextEncoder
from recommender.visual import VisualChannel

pytestmark = pytest.mark.integration


async def test_the_text_seed_is_of_the_shipped_encoder(tmp_path: Path, triton_url: str) -> None:
    """Every name and keyword is known: an own file is written only when something is missing."""
    encoder, own = TritonTextEncoder(triton_url), tmp_path / "texts.npz"
    await SemanticChannel(encoder, EmbeddingCache(own, seed=TEXT_SEED)).refresh(_shipped(tmp_path))
    await encoder.close()
    assert not own.exists(), "run `python -m launcher.triton -- python -m recommender.seed_embeddings`"


async def test_the_image_seed_is_of_the_shipped_tower(tmp_path: Path, triton_url: str) -> None:
    """Every picture is known."""
    encoder, own = TritonImageEncoder(triton_url), tmp_path / "pictures.npz"
    await VisualChannel(encoder, EmbeddingCache(own, seed=IMAGE_SEED)).refresh(_shipped(tmp_path))
    await encoder.close()
    assert not own.exists(), "run `python -m launcher.triton -- python -m recommender.seed_embeddings`"


def test_the_seeds_cover_more_than_nothing(tmp_path: Path) -> None:
    """The shipped packs are not empty, so the tests above mean something."""
    assert len(PackStore(SHIPPED_PACKS, tmp_path).load()) >= 2
