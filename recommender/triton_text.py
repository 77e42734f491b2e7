"""The text encoder on Triton."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import grpc
import numpy as np
from tritonclient.grpc import InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from recommender.channel import ChannelDownError
from recommender.vector_index import Vectors
from servicekit.errors import ServiceError
from servicekit.resilience import CircuitBreaker
from servicekit.triton import open_triton

_MAX_TEXT_CHARACTERS = 2000


class TritonTextEncoder:
    """The ensemble `text_encoder` of the model repository: TEXT in, EMBEDDING out."""

    def __init__(
        self, url: str, *, model: str = "text_encoder", output: str = "EMBEDDING", breaker: CircuitBreaker | None = None
    ) -> None:
        """Connects when first used.

        Args:
            url: `host:port` of Triton's gRPC endpoint.
            model: Model or ensemble to ask.
            output: Which of its outputs to take.
            breaker: Refuses calls while Triton keeps failing; a dead model takes a second per call otherwise.
        """
        self._url = url
        self._model = model
        self._output = output
        self._breaker = breaker or CircuitBreaker("text encoder", failure_threshold=3, reset_s=2.0)
        self._client: Any = None

    async def encode(self, texts: Sequence[str], *, timeout_s: float) -> Vectors:
        """Returns embeddings, shape (len(texts), d); see `TextEncoder`."""
        if self._client is None:
            self._client = open_triton(self._url)
        try:
            async with self._breaker, asyncio.timeout(timeout_s):
                return await self._infer(texts, timeout_s)
        except (InferenceServerException, grpc.RpcError, TimeoutError, ServiceError, OSError) as error:
            raise ChannelDownError(f"text encoder: {type(error).__name__}") from error

    async def _infer(self, texts: Sequence[str], timeout_s: float) -> Vectors:
        rows = np.array([[text[:_MAX_TEXT_CHARACTERS].encode()] for text in texts], dtype=np.object_)
        tensor = InferInput("TEXT", rows.shape, "BYTES")
        tensor.set_data_from_numpy(rows)
        answer = await self._client.infer(
            self._model, [tensor], outputs=[InferRequestedOutput(self._output)], client_timeout=timeout_s
        )
        embeddings = answer.as_numpy(self._output)
        if embeddings is None or embeddings.ndim != 2 or len(embeddings) != len(texts):
            # A stub with the wrong numpy answers OK with nothing in it.
            raise InferenceServerException(f"{self._model} answered without embeddings")
        vectors: Vectors = np.asarray(embeddings, dtype=np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or not (norms > 0).all():
            raise InferenceServerException(f"{self._model} answered with broken embeddings")
        scaled: Vectors = vectors / norms
        return scaled

    async def close(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            await self._client.close()
            self._client = None
