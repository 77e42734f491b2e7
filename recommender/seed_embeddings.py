"""Embeds the texts of the shipped packs ahead: `python -m recommender.seed_embeddings --triton HOST:PORT`.

The file ships beside the packs, so that a first start has its semantic index within a second. Make it again whenever
the text encoder or a shipped pack has changed; an outdated file is ignored at run time, not wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from recommender.catalogue import Catalogue
from recommender.embedding_cache import EmbeddingCache
from recommender.encoder import TritonTextEncoder
from recommender.pack_store import PackStore
from recommender.semantic import SemanticChannel

SHIPPED_PACKS = Path(__file__).parent / "packs"
SEED = SHIPPED_PACKS / "text-embeddings.npz"


async def build(triton_url: str, out: Path) -> None:
    """Writes the file; everything is embedded anew.

    Raises:
        ChannelDownError: Triton does not answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        catalogue = Catalogue.of(loaded.pack for loaded in PackStore(SHIPPED_PACKS, Path(folder)).load())
        fresh = Path(folder) / "fresh.npz"
        encoder = TritonTextEncoder(triton_url)
        await SemanticChannel(encoder, EmbeddingCache(fresh)).refresh(catalogue)
        await encoder.close()
        partial = out.with_suffix(".partial")
        partial.write_bytes(fresh.read_bytes())
        partial.replace(out)


def main() -> None:
    """Entry point of the command."""
    parser = argparse.ArgumentParser(description="Embed the texts of the shipped packs ahead.")
    parser.add_argument("--triton", metavar="HOST:PORT", required=True)
    parser.add_argument("--out", type=Path, default=SEED)
    arguments = parser.parse_args()
    asyncio.run(build(arguments.triton, arguments.out))
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
