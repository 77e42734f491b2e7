"""Keeps embeddings of the catalogue's texts on disk, so that a start asks the encoder next to nothing.

Whether a kept embedding is still what the encoder would say is decided by a probe: a few fixed texts are embedded at
each start and compared with what they gave when the file was written. A version number would not tell of retraining.
Vectors are kept as 8-bit integers with a scale each, which leaves their cosines right to about a ten-thousandth.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from recommender.vector_index import Vectors

_SAME_MODEL_LEAST_COSINE = 0.99
_SAME_MODEL_MEAN_COSINE = 0.997


class EmbeddingCache:
    """One file of embeddings by text, and optionally one that ships with the packs."""

    def __init__(self, path: Path, seed: Path | None = None) -> None:
        """Keeps embeddings in `path`; what is missing there is looked up in `seed`, which is never written."""
        self._path = path
        self._seed = seed

    def load(self, texts: Sequence[str], probe: Vectors) -> dict[str, Vectors]:
        """Returns what is kept for `texts`, as vectors of shape (d,) and length one, if the same model made it.

        Args:
            texts: The texts wanted.
            probe: Embeddings of the probe texts by the encoder of today.
        """
        found: dict[str, Vectors] = {}
        for path in (self._path, self._seed):
            missing = [text for text in texts if text not in found]
            if path is not None and missing:
                found.update(_load(path, missing, probe))
        return found

    def save(self, embeddings: Mapping[str, Vectors], probe: Vectors) -> None:
        """Replaces the file; a crash leaves the old one."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        matrix = np.stack(list(embeddings.values()))
        scales = np.abs(matrix).max(axis=1, keepdims=True) / 127.0
        partial = self._path.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as stream:
            np.savez(
                stream,
                probe=probe,
                digests=np.array([_digest(text) for text in embeddings], dtype=np.uint64),
                vectors=np.round(matrix / scales).astype(np.int8),
            )
        partial.replace(self._path)


def same_model(one: Vectors, other: Vectors) -> bool:
    """Tells whether two embeddings of the same probe come from the same model.

    Models that compute in 8-bit integers round differently from machine to machine and batch to batch, by a
    thousandth or two; retraining moves embeddings by more.
    """
    if one.shape != other.shape:
        return False
    cosines = np.sum(one * other, axis=1)
    return bool(cosines.min() >= _SAME_MODEL_LEAST_COSINE and cosines.mean() >= _SAME_MODEL_MEAN_COSINE)


def _load(path: Path, texts: Sequence[str], probe: Vectors) -> dict[str, Vectors]:
    try:
        with np.load(path, allow_pickle=False) as kept:
            old_probe, digests, vectors = kept["probe"], kept["digests"], kept["vectors"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
        return {}
    if not same_model(old_probe, probe) or vectors.shape != (len(digests), probe.shape[1]):
        return {}
    rows = {int(digest): row for row, digest in enumerate(digests)}
    found = ((text, rows.get(_digest(text))) for text in texts)
    return {text: _unit(vectors[row].astype(np.float32)) for text, row in found if row is not None}


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _unit(vector: Vectors) -> Vectors:
    scaled: Vectors = vector / np.linalg.norm(vector)
    return scaled
