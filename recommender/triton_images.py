"""The image tower on Triton."""

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


class TritonImageEncoder:
    """The models `image_preprocess` and `sticker_encoder` of the repository, one after the other.

    The ensemble `understand_image` would write captions, too, which costs most of its time.
    """

    def __init__(self, url: str, breaker: CircuitBreaker | None = None) -> None:
        """Connects to Triton's gRPC endpoint `url` (host:port) when first used."""
        self._url = url
        self._breaker = breaker or CircuitBreaker("image encoder", failure_threshold=3, reset_s=10.0)
        self._client: Any = None

    async def encode(self, pictures: Sequence[bytes], *, timeout_s: float) -> Vectors:
        """Returns embeddings; see `ImageEncoder`."""
        if self._client is None:
            self._client = open_triton(self._url)
        try:
            async with self._breaker, asyncio.timeout(2 * timeout_s):
                return await self._infer(pictures, timeout_s)
        except (InferenceServerException, grpc.RpcError, TimeoutError, ServiceError, OSError) as error:
            raise ChannelDownError(f"image encoder: {type(error).__name__}") from error

    async def _infer(self, pictures: Sequence[bytes], timeout_s: float) -> Vectors:
        rows = np.array([[picture] for picture in pictures], dtype=np.object_)
        images = await self._ask("image_preprocess", "IMAGE_BYTES", rows, "BYTES", "IMAGE", timeout_s)
        vectors = await self._ask("sticker_encoder", "IMAGE", images, "FP32", "JOINT_EMBEDDING", timeout_s)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if vectors.ndim != 2 or len(vectors) != len(pictures) or not (np.isfinite(norms) & (norms > 0)).all():
            raise InferenceServerException("sticker_encoder answered with broken embeddings")
        scaled: Vectors = vectors / norms
        return scaled

    async def _ask(self, model: str, source: str, data: Any, kind: str, target: str, timeout_s: float) -> Vectors:
        tensor = InferInput(source, data.shape, kind)
        tensor.set_data_from_numpy(data)
        outputs = [InferRequestedOutput(target)]
        answer = await self._client.infer(model, [tensor], outputs=outputs, client_timeout=timeout_s)
        array = answer.as_numpy(target)
        if array is None:
            raise InferenceServerException(f"{model} answered without {target}")
        return np.asarray(array, dtype=np.float32)

    async def close(self) -> None:
        """Closes the connection."""
        if self._client is not None:
            await self._client.close()
            self._client = None
