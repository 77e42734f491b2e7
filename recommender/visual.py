"""The visual channel: stickers whose picture is like the one that a customer sent."""

from __future__ import annotations

import asyncio
import functools
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from recommender.batches import embed_missing
from recommender.catalogue import Catalogue
from recommender.channel import ChannelDownError, ChannelKind, Hit, Query
from recommender.embedding_cache import EmbeddingCache, same_model
from recommender.encoders import MAX_PICTURES, ImageEncoder
from recommender.semantic import Calibration
from recommender.vector_index import VectorIndex, Vectors
from servicekit.telemetry import get_logger

_NEIGHBOURS = 60
_BATCH_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class _Snapshot:
    index: VectorIndex
    owners: Sequence[Sequence[str]]
    probe: Vectors


class VisualChannel:
    """Stickers near a picture in the joint space.

    A query without a picture's embedding has no hits here and needs no index, so an installation without the image
    tower is not degraded for text.
    """

    kind = ChannelKind.VISUAL

    def __init__(self, encoder: ImageEncoder, cache: EmbeddingCache, *, calibration: Calibration | None = None) -> None:
        self._encoder = encoder
        self._cache = cache
        self._calibrate = calibration or Calibration(floor=0.5, ceiling=0.95)
        self._snapshot: _Snapshot | None = None
        self._log = get_logger("visual")

    @property
    def needs_rebuild(self) -> bool:
        """Whether it has no index to answer from."""
        return self._snapshot is None

    async def refresh(self, catalogue: Catalogue) -> None:
        """Embeds new pictures and swaps the index.

        Raises:
            ChannelDownError: The encoder is down or not installed.
        """
        probe = await self._encoder.encode(_probe_pictures(), timeout_s=_BATCH_TIMEOUT_S)
        owners: dict[str, list[str]] = defaultdict(list)
        for sticker in catalogue.stickers.values():
            owners[sticker.sha256].append(sticker.id)
        pictures = {digest: catalogue.pictures[ids[0]] for digest, ids in owners.items()}

        async def encode(digests: Sequence[str]) -> Vectors:
            return await self._encoder.encode([pictures[one] for one in digests], timeout_s=_BATCH_TIMEOUT_S)

        embeddings = await embed_missing(list(owners), encode, self._cache, probe, MAX_PICTURES)
        self._snapshot = await asyncio.to_thread(_build, owners, embeddings, probe)
        self._log.info("visual index ready", pictures=len(owners))

    async def is_stale(self) -> bool:
        """Tells whether the image tower has become another model. Raises `ChannelDownError`."""
        if self._snapshot is None:
            return True
        probe = await self._encoder.encode(_probe_pictures(), timeout_s=_BATCH_TIMEOUT_S)
        return not same_model(self._snapshot.probe, probe)

    async def search(self, query: Query, limit: int) -> Sequence[Hit]:
        """Returns the stickers nearest to the query's picture; none when it has no picture.

        Raises:
            ChannelDownError: There is a picture but no index for its dimension.
        """
        if not query.image_embedding:
            return []
        snapshot = self._snapshot
        vector = np.asarray(query.image_embedding, dtype=np.float32)
        if snapshot is None or vector.shape != (snapshot.index.dimension,):
            raise ChannelDownError("there is no visual index for such an embedding")
        scaled: Vectors = vector / np.linalg.norm(vector)
        hits = [
            Hit(sticker_id, score)
            for row, cosine in snapshot.index.search(scaled, _NEIGHBOURS)
            if (score := self._calibrate(cosine)) > 0.0
            for sticker_id in snapshot.owners[row]
        ]
        return hits[:limit]


def _build(owners: Mapping[str, Sequence[str]], embeddings: Mapping[str, Vectors], probe: Vectors) -> _Snapshot:
    rows = [embeddings[digest] for digest in owners]
    matrix = np.stack(rows) if rows else np.zeros((0, probe.shape[1]), np.float32)
    return _Snapshot(VectorIndex(matrix), list(owners.values()), probe)


@functools.cache
def _probe_pictures() -> tuple[bytes, ...]:
    """A few drawings that never change, to tell one image tower from another."""
    pictures = []
    for colour, shape in (("gold", "ellipse"), ("crimson", "polygon"), ("navy", "rectangle"), ("green", "arc")):
        canvas = Image.new("RGB", (96, 96), "white")
        pen = ImageDraw.Draw(canvas)
        if shape == "ellipse":
            pen.ellipse((16, 16, 80, 80), fill=colour)
        elif shape == "polygon":
            pen.polygon((48, 8, 88, 88, 8, 88), fill=colour)
        elif shape == "rectangle":
            pen.rectangle((24, 8, 72, 88), fill=colour)
        else:
            pen.arc((10, 10, 86, 86), 20, 300, fill=colour, width=12)
        buffer = io.BytesIO()
        canvas.save(buffer, "PNG")
        pictures.append(buffer.getvalue())
    return tuple(pictures)
