"""The encoders as the recommender sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from recommender.vector_index import Vectors

MAX_TEXTS = 32
MAX_PICTURES = 8


class TextEncoder(Protocol):
    """Turns texts into sentence embeddings."""

    async def encode(self, texts: Sequence[str], *, timeout_s: float) -> Vectors:
        """Returns embeddings of length one, shape (len(texts), d).

        Args:
            texts: One to `MAX_TEXTS` texts; over-long ones are cut.
            timeout_s: Seconds to wait.

        Raises:
            ChannelDownError: The encoder is out of reach, too slow or broken.
        """


class ImageEncoder(Protocol):
    """Turns pictures into embeddings in the joint space of texts and stickers."""

    async def encode(self, pictures: Sequence[bytes], *, timeout_s: float) -> Vectors:
        """Returns embeddings of length one, shape (len(pictures), d).

        Args:
            pictures: One to `MAX_PICTURES` encoded pictures.
            timeout_s: Seconds to wait.

        Raises:
            ChannelDownError: The encoder is out of reach, too slow, broken or not installed.
        """
