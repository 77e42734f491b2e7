"""The semantic channel: names and keywords near the query in the space of the text encoder.

Every name and every keyword is a vector of its own, and a sticker is as near as its nearest text. (Tried on the
development queries of evaluation/, English, a right sticker among the first five, this channel alone: names 0.70,
name and keywords joined into one text 0.80, each text for itself 0.97.)
"""

from __future__ import annotations

import asyncio
import functools
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.batches import embed_missing
from recommender.catalogue import Catalogue
from recommender.channel import ChannelDownError, ChannelKind, Hit, Query
from recommender.embedding_cache import EmbeddingCache, same_model
from recommender.encoders import MAX_TEXTS, TextEncoder
from recommender.plausibility import Plausibility
from recommender.vector_index import VectorIndex, Vectors
from recommender.words import is_chinese
from servicekit.telemetry import get_logger

_NEIGHBOURS = 300
_QUERY_CACHE_SIZE = 2048
_BATCH_TIMEOUT_S = 20.0
_PROBES = (
    ("thank you", "谢谢"),
    ("dog", "狗"),
    ("angry", "生气"),
    ("birthday", "生日"),
    ("rain", "下雨"),
    ("money", "钱"),
    ("airplane", "飞机"),
    ("sleep", "睡觉"),
)
_PROBE_TEXTS = tuple(text for pair in _PROBES for text in pair)
_READS_CHINESE_FROM = 6


@dataclass(frozen=True, slots=True)
class Calibration:
    """Maps a cosine to a score: 0 up to `floor`, 1 from `ceiling`, a straight line between."""

    floor: float = 0.45
    ceiling: float = 0.95

    def __call__(self, cosine: float) -> float:
        """Returns the score in [0, 1]."""
        return min(1.0, max(0.0, (cosine - self.floor) / (self.ceiling - self.floor)))


@dataclass(frozen=True, slots=True)
class _Snapshot:
    index: VectorIndex
    texts: Sequence[str]
    owners: Mapping[str, Sequence[str]]
    plausibility: Plausibility
    probe: Vectors
    reads_chinese: bool


class SemanticChannel:
    """Stickers whose texts mean about what the query means."""

    kind = ChannelKind.SEMANTIC

    def __init__(
        self,
        encoder: TextEncoder,
        cache: EmbeddingCache,
        *,
        calibration: Calibration | None = None,
        query_timeout_s: float = 1.0,
    ) -> None:
        self._encoder = encoder
        self._cache = cache
        self._calibrate = calibration or Calibration()
        self._query_timeout_s = query_timeout_s
        self._snapshot: _Snapshot | None = None
        self._queries: OrderedDict[str, Vectors] = OrderedDict()
        self._running: dict[str, asyncio.Task[Vectors]] = {}
        self._log = get_logger("semantic")

    @property
    def reads_chinese(self) -> bool:
        """Whether the encoder was found to put Chinese beside the English of the same meaning."""
        return self._snapshot is not None and self._snapshot.reads_chinese

    @property
    def needs_rebuild(self) -> bool:
        """Whether it has no index to answer from."""
        return self._snapshot is None

    async def refresh(self, catalogue: Catalogue) -> None:
        """Embeds what is new in a catalogue and swaps the index.

        Raises:
            ChannelDownError: The encoder is down; what was embedded before that is kept on disk.
        """
        probe = await self._encoder.encode(_PROBE_TEXTS, timeout_s=_BATCH_TIMEOUT_S)
        reads_chinese = _reads_chinese(probe)
        owners = _owners(catalogue, chinese=reads_chinese)
        by_length = sorted(owners, key=lambda text: (len(text.encode()), text))  # so that little is padding
        embeddings = await embed_missing(by_length, self._encode_batch, self._cache, probe, MAX_TEXTS)
        self._snapshot = await asyncio.to_thread(_build, catalogue, owners, embeddings, probe, reads_chinese)
        self._queries.clear()
        self._log.info("semantic index ready", texts=len(owners), reads_chinese=reads_chinese)

    async def is_stale(self) -> bool:
        """Tells whether the encoder has become another model than the one that the index was made with.

        Raises:
            ChannelDownError: The encoder is down.
        """
        if self._snapshot is None:
            return True
        probe = await self._encoder.encode(_PROBE_TEXTS, timeout_s=_BATCH_TIMEOUT_S)
        return not same_model(self._snapshot.probe, probe)

    async def search(self, query: Query, limit: int) -> Sequence[Hit]:
        """Returns the stickers nearest in meaning; none for noise, or for a language that the encoder cannot read.

        Raises:
            ChannelDownError: The index is not built yet, or the encoder is down or has changed its dimension.
        """
        snapshot = self._snapshot
        if snapshot is None:
            raise ChannelDownError("the semantic index is being built")
        text = " ".join(query.text.split())
        if not snapshot.plausibility.speaks(text) or (is_chinese(text) and not snapshot.reads_chinese):
            return []
        vector = await self._encode_query(text)
        if vector.shape != (snapshot.index.dimension,):
            self._log.error("embedding dimension changed", index=snapshot.index.dimension, encoder=vector.shape[0])
            self._snapshot = None
            raise ChannelDownError(
                f"the encoder answers with {vector.shape[0]} numbers, the index has {snapshot.index.dimension}"
            )
        return self._hits(snapshot, vector, limit)

    def _hits(self, snapshot: _Snapshot, vector: Vectors, limit: int) -> list[Hit]:
        hits: dict[str, Hit] = {}
        for row, cosine in snapshot.index.search(vector, _NEIGHBOURS):
            score = self._calibrate(cosine)
            if score <= 0.0 or len(hits) >= limit:
                break
            for sticker_id in snapshot.owners[snapshot.texts[row]]:
                hits.setdefault(sticker_id, Hit(sticker_id, score, snapshot.texts[row]))
        return list(hits.values())[:limit]

    async def _encode_query(self, text: str) -> Vectors:
        """Embeds a query; what people type letter by letter comes again and again, so answers are kept.

        A caller who loses patience does not cancel the work: the answer is kept for the next one, and a server that
        hangs runs into its own timeout, which the circuit breaker must see.
        """
        kept = self._queries.get(text)
        if kept is not None:
            self._queries.move_to_end(text)
            return kept
        running = self._running.get(text)
        if running is None:
            running = asyncio.create_task(self._encode_and_keep(text))
            running.add_done_callback(functools.partial(self._forget_running, text))
            self._running[text] = running
        return await asyncio.shield(running)

    def _forget_running(self, text: str, done: asyncio.Task[Vectors]) -> None:
        self._running.pop(text, None)
        if not done.cancelled():
            done.exception()  # seen, also when every waiter has gone

    async def _encode_and_keep(self, text: str) -> Vectors:
        vector: Vectors = (await self._encoder.encode([text], timeout_s=self._query_timeout_s))[0]
        self._queries[text] = vector
        if len(self._queries) > _QUERY_CACHE_SIZE:
            self._queries.popitem(last=False)
        return vector

    async def _encode_batch(self, texts: Sequence[str]) -> Vectors:
        return await self._encoder.encode(texts, timeout_s=_BATCH_TIMEOUT_S)


def _owners(catalogue: Catalogue, *, chinese: bool) -> dict[str, list[str]]:
    """Maps each distinct text to the stickers that carry it."""
    owners: dict[str, list[str]] = defaultdict(list)
    for sticker in catalogue.stickers.values():
        english = (sticker.alt.en, *sticker.keywords.en)
        for text in (*english, sticker.alt.zh, *sticker.keywords.zh) if chinese else english:
            if text and sticker.id not in owners[text][-1:]:
                owners[text].append(sticker.id)
    owners.pop("", None)
    return dict(owners)


def _build(
    catalogue: Catalogue,
    owners: Mapping[str, Sequence[str]],
    embeddings: Mapping[str, Vectors],
    probe: Vectors,
    reads_chinese: bool,
) -> _Snapshot:
    texts = list(owners)
    matrix = np.stack([embeddings[text] for text in texts]) if texts else np.zeros((0, probe.shape[1]), np.float32)
    english = (text for sticker in catalogue.stickers.values() for text in (sticker.alt.en, *sticker.keywords.en))
    return _Snapshot(VectorIndex(matrix), texts, owners, Plausibility(english), probe, reads_chinese)


def _reads_chinese(probe: Vectors) -> bool:
    """Whether most Chinese probes are nearest to their own English among all."""
    english, chinese = probe[0::2], probe[1::2]
    nearest = np.argmax(chinese @ english.T, axis=1)
    return int(np.sum(nearest == np.arange(len(_PROBES)))) >= _READS_CHINESE_FROM
