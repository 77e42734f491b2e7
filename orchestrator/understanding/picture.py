"""Pictures understood by Triton: what is seen in one, and the words that stand in it.

Two models are asked at once, each with a breaker and the same budget; either may be away, too late or refuse, and then
its part is not known. Nothing here fails a turn.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from orchestrator.journal.entries import Emotion, ImageSeen
from servicekit.errors import ServiceError, invalid, timeout, unavailable
from servicekit.resilience import CircuitBreaker
from servicekit.triton import open_triton

SEEING, READING = "understand_image", "picture_text"
LANGUAGES = ("en", "zh")
JOINT_DIMENSIONS = 256
_POLARITIES = ("positive", "neutral", "negative")
_EMOTIONS = tuple(Emotion)  # the order of the model's outputs, fixed by the model contract
_MOST_WORDS_CHARS = 600
_DOCUMENT_CHARS = 72  # stickers and memes say less
_LONG_NUMBER = re.compile(r"\d[\d -]{6,}\d")


@dataclass(frozen=True)
class Seen:
    """What is known of a picture; every part may be missing.

    Attributes:
        caption: What it shows, by language; only sentences that the model is sure enough of.
        emotion: What it expresses; None when not known surely enough.
        certainty: Of the emotion, in [0, 1].
        polarity: "positive", "neutral", "negative" or "".
        words: The text in it, lines separated by newlines.
        embedding: In the space of the stickers, 256 numbers; empty when not known.
    """

    caption: Mapping[str, str]
    emotion: Emotion | None = None
    certainty: float = 0.0
    polarity: str = ""
    words: str = ""
    embedding: tuple[float, ...] = ()

    @property
    def known(self) -> bool:
        """Whether anything at all is."""
        return bool(self.caption or self.words or self.emotion)

    def record(self) -> ImageSeen:
        """What of it the journal keeps."""
        return ImageSeen(
            caption_en=self.caption.get("en", ""),
            caption_zh=self.caption.get("zh", ""),
            words=self.words,
            emotion=self.emotion,
        )


NOTHING = Seen({})


class PictureSense(Protocol):
    """Looks at pictures."""

    async def look(self, preview: bytes) -> Seen:
        """What is seen in a JPEG or PNG; never raises a ServiceError, and takes no longer than its budget."""
        ...


@dataclass(frozen=True)
class Sureness:
    """From which probability on the model is believed, and how long it may take.

    Attributes:
        caption: Geometric mean of the probabilities of a caption's words.
        emotion: Probability of the most probable emotion.
        budget_s: For both models together.
    """

    caption: float = 0.5
    emotion: float = 0.45
    budget_s: float = 4.0


class TritonPictures:
    """The `PictureSense` port on Triton (Open Inference Protocol v2 over gRPC).

    Args:
        url: host:port of Triton's gRPC endpoint.
        breakers: One per model; spares a model that is away.
        sureness: What is believed.
        degraded: Told the model's name when it could not be had.
    """

    def __init__(
        self,
        url: str,
        breakers: Mapping[str, CircuitBreaker],
        sureness: Sureness,
        degraded: Callable[[str], None],
    ) -> None:
        self._url, self._breakers, self._sure, self._degraded = url, breakers, sureness, degraded
        self._client: Any = None

    async def look(self, preview: bytes) -> Seen:
        """See the port."""
        if not preview:
            return NOTHING
        seen, read = await asyncio.gather(
            self._try(SEEING, preview, ("CAPTION", "CONFIDENCE", "EMOTION", "POLARITY", "JOINT_EMBEDDING")),
            self._try(READING, preview, ("TEXT", "CONFIDENCE")),
        )
        try:
            return interpret(seen, read, self._sure)
        except (ValueError, IndexError, KeyError, UnicodeDecodeError):  # another version's tensors
            self._degraded(SEEING)
            return NOTHING

    async def close(self) -> None:
        """Closes the channel."""
        if self._client is not None:
            await self._client.close()

    async def _try(self, model: str, preview: bytes, wanted: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
        try:
            async with self._breakers[model]:
                return await self._infer(model, preview, wanted)
        except ServiceError:
            self._degraded(model)
            return {}

    async def _infer(self, model: str, preview: bytes, wanted: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
        from tritonclient.grpc import InferInput, InferRequestedOutput
        from tritonclient.utils import InferenceServerException

        if self._client is None:
            self._client = open_triton(self._url)
        given = InferInput("IMAGE_BYTES", [1, 1], "BYTES")
        given.set_data_from_numpy(np.array([[preview]], dtype=object))
        outputs = [InferRequestedOutput(name) for name in wanted]
        try:
            async with asyncio.timeout(self._sure.budget_s):
                answer = await self._client.infer(model, [given], outputs=outputs)
        except TimeoutError as error:
            raise timeout("DEADLINE_EXCEEDED", f"{model} took too long") from error
        except InferenceServerException as error:
            if "INVALID_ARGUMENT" in str(error.status()):
                raise invalid("PICTURE_REFUSED", f"{model} does not take this picture") from error
            raise unavailable("PICTURE_MODEL_UNAVAILABLE", f"{model} is out of reach") from error
        return {name: answer.as_numpy(name)[0] for name in wanted}


def interpret(seen: Mapping[str, npt.NDArray[Any]], read: Mapping[str, npt.NDArray[Any]], sure: Sureness) -> Seen:
    """Joins what the models say, and leaves out what they are not sure of.

    Args:
        seen: CAPTION and CONFIDENCE `(2,)`, EMOTION `(9,)`, POLARITY `(3,)`, JOINT_EMBEDDING `(256,)`; or empty.
        read: TEXT `(1,)`; or empty.
        sure: What is believed.

    Raises:
        ValueError: A tensor has another shape.
    """
    words = read["TEXT"][0].decode().strip()[:_MOST_WORDS_CHARS] if read else ""
    if not seen:
        return Seen({}, words=words)
    if _is_document(words):  # a screenshot or a parcel's label: the models know drawings, and would make one of it
        return Seen({}, words=words)
    probabilities, polarity, embedding = seen["EMOTION"], seen["POLARITY"], seen["JOINT_EMBEDDING"]
    shapes = (probabilities.shape, polarity.shape, embedding.shape)
    if shapes != ((len(_EMOTIONS),), (len(_POLARITIES),), (JOINT_DIMENSIONS,)):
        raise ValueError(f"unexpected shapes {shapes}")
    best = int(probabilities.argmax())
    certainty = float(probabilities[best])
    return Seen(
        caption=_captions(seen, sure.caption),
        emotion=_EMOTIONS[best] if certainty >= sure.emotion else None,
        certainty=certainty,
        polarity=_POLARITIES[int(polarity.argmax())] if certainty >= sure.emotion else "",
        words=words,
        embedding=_unit(embedding),
    )


def _is_document(words: str) -> bool:
    """Whether what stands in a picture is what it is about: much of it, or a number of an order or a parcel."""
    return len(words) > _DOCUMENT_CHARS or bool(_LONG_NUMBER.search(words))


def _unit(embedding: npt.NDArray[Any]) -> tuple[float, ...]:
    """At length one, as the recommender demands it; empty when it has no direction."""
    length = float(np.linalg.norm(embedding.astype(np.float64)))
    return tuple(float(number) / length for number in embedding) if 1e-6 < length < np.inf else ()


def _captions(seen: Mapping[str, npt.NDArray[Any]], least: float) -> dict[str, str]:
    told = zip(LANGUAGES, seen["CAPTION"], seen["CONFIDENCE"], strict=True)
    return {language: text.decode() for language, text, confidence in told if confidence >= least and text}
