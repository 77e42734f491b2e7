"""Embeds what a cache lacks, batch by batch, and keeps what was done even if the encoder dies half-way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from recommender.channel import ChannelDownError
from recommender.embedding_cache import EmbeddingCache
from recommender.vector_index import Vectors

Encode = Callable[[Sequence[str]], Awaitable[Vectors]]
"""Embeds the things that some keys name; vectors of length one, shape (len(keys), d)."""


async def embed_missing(
    keys: Sequence[str], encode: Encode, cache: EmbeddingCache, probe: Vectors, batch_size: int
) -> dict[str, Vectors]:
    """Returns an embedding for every key.

    Args:
        keys: Distinct keys, in the order in which missing ones are to be embedded.
        encode: The encoder.
        cache: What is known already; it is written when anything was missing.
        probe: Embeddings of the probe by the encoder of today.
        batch_size: How many at once at most.

    Raises:
        ChannelDownError: The encoder is down, or became another one meanwhile.
    """
    done = await asyncio.to_thread(cache.load, keys, probe)
    missing = [key for key in keys if key not in done]
    try:
        for start in range(0, len(missing), batch_size):
            batch = missing[start : start + batch_size]
            vectors = await encode(batch)
            if vectors.shape[1] != probe.shape[1]:
                raise ChannelDownError("the encoder changed while the index was being built")
            done.update(zip(batch, vectors, strict=True))
    finally:
        if missing and done:
            await asyncio.to_thread(cache.save, done, probe)
    return done
