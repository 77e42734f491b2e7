"""Embeds texts and pictures of the shipped packs ahead: `python -m recommender.seed_embeddings --triton HOST:PORT`.

The files ship beside the packs, so that a first start has its indexes within a second. Make them again whenever an
encoder or a shipped pack has changed; an outdated file is ignored at run time, not wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from recommender.catalogue import Catalogue
from recommender.embedding_cache import EmbeddingCache
from recommender.pack_store import PackStore
from recommender.semantic import SemanticChannel
from recommender.settings import RecommenderSettings
from recommender.triton_images import TritonImageEncoder
from recommender.triton_text import TritonTextEncoder
from recommender.visual import VisualChannel

SHIPPED_PACKS = Path(__file__).parent / "packs"
TEXT_SEED = SHIPPED_PACKS / "text-embeddings.npz"
IMAGE_SEED = SHIPPED_PACKS / "image-embeddings.npz"


async def seed_texts(triton_url: str, out: Path) -> None:
    """Writes the embeddings of all names and keywords; everything is embedded anew.

    Raises:
        ChannelDownError: Triton does not answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.npz"
        encoder = TritonTextEncoder(triton_url)
        await SemanticChannel(encoder, EmbeddingCache(fresh)).refresh(_shipped(Path(folder)))
        await encoder.close()
        _put(fresh, out)


async def seed_images(triton_url: str, out: Path) -> None:
    """Writes the embeddings of all pictures; everything is embedded anew.

    Raises:
        ChannelDownError: Triton does not answer, or has no image tower.
    """
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.npz"
        encoder = TritonImageEncoder(triton_url)
        await VisualChannel(encoder, EmbeddingCache(fresh)).refresh(_shipped(Path(folder)))
        await encoder.close()
        _put(fresh, out)


def _shipped(data_dir: Path) -> Catalogue:
    loaded = PackStore(SHIPPED_PACKS, data_dir).load()
    pictures = {sticker_id: data for one in loaded for sticker_id, data in one.pictures.items()}
    return Catalogue.of((one.pack for one in loaded), pictures)


def _put(fresh: Path, out: Path) -> None:
    partial = out.with_suffix(".partial")
    partial.write_bytes(fresh.read_bytes())
    partial.replace(out)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


def main() -> None:
    """Entry point of the command."""
    parser = argparse.ArgumentParser(description="Embed texts and pictures of the shipped packs ahead.")
    parser.add_argument("--triton", metavar="HOST:PORT", default=RecommenderSettings().triton_url, help="%(default)s")
    parser.add_argument("--only", choices=("texts", "images"), help="leave the other file as it is")
    arguments = parser.parse_args()
    if arguments.only != "images":
        asyncio.run(seed_texts(arguments.triton, TEXT_SEED))
    if arguments.only != "texts":
        asyncio.run(seed_images(arguments.triton, IMAGE_SEED))


if __name__ == "__main__":
    main()
