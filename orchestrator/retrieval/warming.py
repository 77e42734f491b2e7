"""Gives the search its dense channel as soon as the encoder answers, from a cache when its vectors are still good."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from orchestrator.retrieval.dense import DenseIndex, lines_of
from orchestrator.retrieval.knowledge import Knowledge
from orchestrator.retrieval.precedence import Precedence
from orchestrator.retrieval.search import KnowledgeSearch
from orchestrator.understanding.encoder import Encoder, Vectors
from servicekit.errors import ServiceError
from servicekit.resilience import backoff
from servicekit.telemetry import get_logger

_PROBES = ("where is my parcel", "我想退货")
_SAME = 1e-3
_TIMEOUT_S = 20.0
_AT_ONCE = 8  # a customer's question waits for one such batch at most


class DenseWarming:
    """Embeds the knowledge base in the background.

    Args:
        knowledge: What is embedded.
        search: Gets the index.
        encoder: Embeds.
        folder: Where vectors are kept between starts.
        precedence: Who else asks the encoder's server; they come first.
    """

    def __init__(
        self, knowledge: Knowledge, search: KnowledgeSearch, encoder: Encoder, folder: Path,
        precedence: Precedence | None = None,
    ) -> None:  # fmt: skip
        self._articles = list(knowledge.articles.values())
        self._search, self._encoder, self._folder = search, encoder, folder
        self._precedence = precedence or Precedence()
        self._log = get_logger("retrieval")

    async def run(self) -> None:
        """Tries until it succeeds; search works with words alone meanwhile."""
        attempt, rng = 0, random.Random()
        while True:
            try:
                vectors = await self._vectors()
                break
            except ServiceError as error:
                self._log.info("the encoder is not there yet", reason=error.reason)
            await asyncio.sleep(0.5 + backoff(attempt, base_s=0.5, cap_s=10.0, rng=rng))
            attempt += 1
        index = await asyncio.to_thread(DenseIndex, self._articles, vectors)
        self._search.use_dense(index)
        self._log.info(
            "dense search is ready",
            **{f"trust_{name}": round(known.trust, 2) for name, known in index.calibration.items()},
        )

    async def _vectors(self) -> Vectors:
        texts = [line.text for line in lines_of(self._articles)]
        probes = await self._encoder.encode(_PROBES, timeout_s=_TIMEOUT_S)
        path = self._folder / f"knowledge-{hashlib.sha256(repr(texts).encode()).hexdigest()[:16]}.npz"
        if (kept := await asyncio.to_thread(_read, path, probes, len(texts))) is not None:
            return kept
        vectors = await self._embedded(texts)
        await asyncio.to_thread(_write, path, probes, vectors)
        return vectors

    async def _embedded(self, texts: Sequence[str]) -> Vectors:
        """Vectors in the order of the texts; those of like length go together, for the longest sets a batch's cost."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        rows: list[Vectors] = []
        used_s = 0.0
        for start in range(0, len(order), _AT_ONCE):
            await self._precedence.give_way(used_s)
            begun_s = time.monotonic()
            batch = [texts[place] for place in order[start : start + _AT_ONCE]]
            rows.append(await self._encoder.encode(batch, timeout_s=_TIMEOUT_S))
            used_s = time.monotonic() - begun_s
        vectors = np.concatenate(rows)
        vectors[order] = vectors.copy()
        return vectors


def _read(path: Path, probes: Vectors, count: int) -> Vectors | None:
    """The kept vectors, unless another encoder made them: then its probes lie elsewhere."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            known, vectors = kept["probes"], kept["vectors"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    same = known.shape == probes.shape and np.abs(known - probes).max() < _SAME
    return vectors if same and vectors.shape == (count, probes.shape[1]) else None


def _write(path: Path, probes: Vectors, vectors: Vectors) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        np.savez(part, probes=probes, vectors=vectors)
        part.replace(path)
    except OSError as error:
        get_logger("retrieval").warning("vectors could not be kept", error=type(error).__name__)
