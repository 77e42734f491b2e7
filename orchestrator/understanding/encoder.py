"""Sentence embeddings from Triton, with a breaker; without it every caller goes on with words alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from servicekit.errors import timeout, unavailable
from servicekit.resilience import CircuitBreaker
from servicekit.triton import open_triton

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 384
_MODEL = "text_encoder"
_BATCH = 32


class Encoder(Protocol):
    """Texts to vectors of length one."""

    async def encode(self, texts: Sequence[str], *, timeout_s: float) -> Vectors:
        """Embeddings, one row of 384 per text.

        Raises:
            ServiceError: UNAVAILABLE or DEADLINE_EXCEEDED.
        """
        ...


class TritonEncoder:
    """The `Encoder` port on Triton's `text_encoder` ensemble (Open Inference Protocol v2 over gRPC).

    Args:
        url: host:port of Triton's gRPC endpoint.
        breaker: Spares a server that fails.
    """

    def __init__(self, url: str, breaker: CircuitBreaker) -> None:
        self._url = url
        self._breaker = breaker
        self._client: Any = None

    async def encode(self, texts: Sequence[str], *, timeout_s: float) -> Vectors:
        """See the port; long lists go in batches, each within `timeout_s`."""
        rows = [await self._batch(texts[i : i + _BATCH], timeout_s) for i in range(0, len(texts), _BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, DIMENSIONS), np.float32)

    async def close(self) -> None:
        """Closes the channel."""
        if self._client is not None:
            await self._client.close()

    async def _batch(self, texts: Sequence[str], timeout_s: float) -> Vectors:
        from tritonclient.grpc import InferInput
        from tritonclient.utils import InferenceServerException

        if self._client is None:
            self._client = open_triton(self._url)
        wanted = InferInput("TEXT", [len(texts), 1], "BYTES")
        wanted.set_data_from_numpy(np.array([[text.encode()] for text in texts], dtype=object))
        async with self._breaker:
            try:
                async with asyncio.timeout(timeout_s):
                    answer = await self._client.infer(_MODEL, [wanted])
            except TimeoutError as error:
                raise timeout("DEADLINE_EXCEEDED", "the text encoder took too long") from error
            except InferenceServerException as error:
                raise unavailable("ENCODER_UNAVAILABLE", "the text encoder is out of reach") from error
            vectors: Vectors | None = answer.as_numpy("EMBEDDING")
            if vectors is None or vectors.shape != (len(texts), DIMENSIONS) or not np.isfinite(vectors).all():
                raise unavailable("ENCODER_UNAVAILABLE", "the text encoder answered nonsense")
            return vectors
