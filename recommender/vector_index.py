"""Nearest vectors by inner product, with Faiss.

Up to `_FLAT_LIMIT` vectors the search is exact (7,000 vectors of 384 take well under a millisecond); above, an HNSW
graph (Malkov & Yashunin 2018) answers approximately.
"""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_FLAT_LIMIT = 50_000
_HNSW_NEIGHBOURS = 32
_HNSW_EF_SEARCH = 128


class VectorIndex:
    """An immutable index; row numbers are those of the matrix it was made from."""

    def __init__(self, vectors: Vectors, *, flat_limit: int = _FLAT_LIMIT) -> None:
        """Indexes `vectors`, shape (n, d), each of length one; exactly, up to `flat_limit` of them."""
        self.size, self.dimension = vectors.shape
        if self.size > flat_limit:
            graph = faiss.IndexHNSWFlat(self.dimension, _HNSW_NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
            graph.hnsw.efSearch = _HNSW_EF_SEARCH
            self._index: faiss.Index = graph
        else:
            self._index = faiss.IndexFlatIP(self.dimension)
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def search(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """Returns (row, cosine) of the nearest rows, nearest first.

        Args:
            vector: Shape (d,), of length one.
            limit: How many at most.

        Raises:
            ValueError: The vector does not have the index's dimension.
        """
        if vector.shape != (self.dimension,):
            raise ValueError(f"a vector of shape {vector.shape} cannot be searched in dimension {self.dimension}")
        if self.size == 0:
            return []
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        scores, rows = self._index.search(query, min(limit, self.size))
        return [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]
