"""Stickers, catalogues and a text encoder for tests."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from recommender.catalogue import Catalogue, Localized, Pack, Sticker
from recommender.channel import ChannelDownError
from recommender.vector_index import Vectors

_PLAIN = Sticker(
    id="p/x",
    pack="p",
    media_type="image/webp",
    width_px=16,
    height_px=16,
    size_bytes=1,
    sha256="0" * 64,
    alt=Localized("", ""),
    keywords=Localized((), ()),
    emoji="",
    emotion="",
    polarity="",
    licence="CC0-1.0",
    category="",
    variant_group="",
)


def sticker(name: str, en: Sequence[str] = (), zh: Sequence[str] = (), **changes: Any) -> Sticker:
    """A sticker of the pack `p` whose first words are its alt text."""
    words = Localized(en[0] if en else "", zh[0] if zh else "")
    return replace(
        _PLAIN,
        id=f"p/{name}",
        alt=words,
        keywords=Localized(tuple(en[1:]), tuple(zh[1:])),
        variant_group=changes.pop("variant_group", f"p/{name}"),
        **changes,
    )


def catalogue(*stickers: Sticker) -> Catalogue:
    """A catalogue of one pack `p`."""
    return Catalogue.of([Pack("p", Localized("P", "P"), "CC0-1.0", "1", "d", stickers)])


class FakeTextEncoder:
    """Embeds by concept: texts that share a word of one group point the same way, all others apart."""

    groups = (
        ("thank you", "thanks", "谢谢", "much appreciated", "grateful"),
        ("dog", "puppy", "狗", "小狗"),
        ("angry", "furious", "生气"),
        ("birthday", "生日"),
        ("rain", "下雨", "umbrella"),
        ("money", "钱", "cash"),
        ("airplane", "飞机"),
        ("sleep", "睡觉"),
    )

    def __init__(self, dimension: int = 128, *, reads_chinese: bool = True) -> None:
        self.dimension = dimension
        self.reads_chinese = reads_chinese
        self.down = False
        self.calls = 0
        self.encoded = 0

    async def encode(self, texts: Sequence[str], *, timeout_s: float) -> Vectors:
        """Embeds texts."""
        self.calls += 1
        if self.down:
            raise ChannelDownError("the fake is down")
        self.encoded += len(texts)
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(self.dimension, np.float32)
        for number, group in enumerate(self.groups):
            if any(word in text and (self.reads_chinese or word.isascii()) for word in group):
                vector[number] = 1.0
        if not vector.any():
            seed = 7 if not text.isascii() and not self.reads_chinese else zlib.crc32(text.encode())
            free = self.dimension - len(self.groups)
            vector[len(self.groups) :] = np.random.default_rng(seed).normal(size=free)
        scaled: Vectors = vector / np.linalg.norm(vector)
        return scaled
