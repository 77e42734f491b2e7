"""The reader on Triton's `understand_text`; a repository without it still gives embeddings."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from orchestrator.journal.entries import Emotion
from orchestrator.retrieval.precedence import Precedence
from orchestrator.understanding.encoder import Encoder
from orchestrator.understanding.reading import Reading, Slot
from servicekit.errors import timeout, unavailable
from servicekit.resilience import CircuitBreaker
from servicekit.telemetry import get_logger
from servicekit.triton import open_triton

_MODEL, _HEADS = "understand_text", "utterance"
_LOOK_AGAIN_S = 30.0


class TritonReader:
    """The `Reader` port.

    Args:
        url: host:port of Triton's gRPC endpoint.
        encoder: Asked instead while the model is not in the repository.
        breaker: Spares a server that fails.
        clock: Seconds.
        precedence: Told of each reading.
    """

    def __init__(
        self, url: str, encoder: Encoder, breaker: CircuitBreaker, clock: Callable[[], float] = time.monotonic,
        precedence: Precedence | None = None,
    ) -> None:  # fmt: skip
        self._url, self._encoder, self._breaker, self._clock = url, encoder, breaker, clock
        self._precedence = precedence or Precedence()
        self._client: Any = None
        self._labels: tuple[list[str], list[str]] | None = None
        self._missing_until_s = 0.0
        self._log = get_logger("understanding")

    async def read(self, text: str, *, timeout_s: float) -> Reading:
        """See the port."""
        with self._precedence.customer():
            return await self._read(text, timeout_s)

    async def _read(self, text: str, timeout_s: float) -> Reading:
        if self._clock() >= self._missing_until_s:
            reading = await self._understood(text, timeout_s)
            if reading is not None:
                return reading
            self._missing_until_s = self._clock() + _LOOK_AGAIN_S
            self._log.warning("the utterance model is not served: intents and feelings by words and knowledge")
        vectors = await self._encoder.encode([text], timeout_s=timeout_s)
        return Reading(vectors[0])

    async def close(self) -> None:
        """Closes the channel."""
        if self._client is not None:
            await self._client.close()

    async def _understood(self, text: str, timeout_s: float) -> Reading | None:
        """The reading; None when the server does not have the model."""
        from tritonclient.utils import InferenceServerException

        async with self._breaker:
            try:
                async with asyncio.timeout(timeout_s):
                    intents, emotions = await self._known_labels()
                    answer = await self._infer(text)
            except TimeoutError as error:
                raise timeout("DEADLINE_EXCEEDED", "the utterance model took too long") from error
            except InferenceServerException as error:
                if _not_served(error):
                    return None
                raise unavailable("ENCODER_UNAVAILABLE", "the utterance model is out of reach") from error
        vector = answer.as_numpy("EMBEDDING")[0]
        return Reading(
            vector if np.isfinite(vector).all() else None,
            _probabilities(intents, answer.as_numpy("INTENT")[0]),
            {Emotion(name): sure for name, sure in _probabilities(emotions, answer.as_numpy("EMOTION")[0]).items()},
            _slots(answer.as_numpy("SLOTS")),
        )

    async def _infer(self, text: str) -> Any:
        from tritonclient.grpc import InferInput

        wanted = InferInput("TEXT", [1, 1], "BYTES")
        wanted.set_data_from_numpy(np.array([[text.encode()]], dtype=object))
        return await self._client.infer(_MODEL, [wanted])

    async def _known_labels(self) -> tuple[list[str], list[str]]:
        """Names of intents and emotions in the model's order, from its own configuration."""
        if self._client is None:
            self._client = open_triton(self._url)
        if self._labels is None:
            answer = await self._client.get_model_config(_HEADS, as_json=True)
            parameters = answer["config"]["parameters"]
            self._labels = (
                parameters["intents"]["string_value"].split(","),
                parameters["emotions"]["string_value"].split(","),
            )
        return self._labels


def _not_served(error: Exception) -> bool:
    status = str(getattr(error, "status", lambda: "")())
    return "NOT_FOUND" in status or "unknown model" in str(error)


def _probabilities(names: Sequence[str], row: Any) -> dict[str, float]:
    return dict(zip(names, (float(value) for value in row), strict=True))


def _slots(raw: Any) -> tuple[Slot, ...]:
    found = json.loads(raw.reshape(-1)[0] or b"[]")
    return tuple(Slot(one["slot"], one["value"], float(one["score"])) for one in found)
