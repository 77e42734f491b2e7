"""Sticker pictures: fetched from the recommender once, kept in bounded memory, served as WebP or PNG."""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from PIL import Image, UnidentifiedImageError

from gateway.metrics import EdgeMetrics
from servicekit.errors import internal, not_found

WEBP = "image/webp"
PNG = "image/png"
_MAX_CONVERSIONS = 2
_SHA_CHARS = 16


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A sticker's picture as the catalogue keeps it."""

    sha256: str
    media_type: str
    data: bytes


class PictureSource(Protocol):
    """Where pictures come from."""

    async def picture(self, sticker_id: str) -> StoredPicture:
        """The picture of a sticker.

        Raises:
            ServiceError: STICKER_NOT_FOUND, or why it cannot be had now.
        """


class BytesCache:
    """The least recently used pictures, at most `limit_bytes` of them."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[tuple[str, str, str], bytes] = OrderedDict()
        self.size_bytes = 0

    def get(self, key: tuple[str, str, str]) -> bytes | None:
        """A picture, which is then the most recently used."""
        data = self._kept.get(key)
        if data is not None:
            self._kept.move_to_end(key)
        return data

    def put(self, key: tuple[str, str, str], data: bytes) -> None:
        """Keeps a picture; one that is larger than the whole cache is not kept."""
        if len(data) > self._limit_bytes:
            return
        old = self._kept.pop(key, None)
        self.size_bytes += len(data) - len(old or b"")
        self._kept[key] = data
        while self.size_bytes > self._limit_bytes:
            self.size_bytes -= len(self._kept.popitem(last=False)[1])


class StickerImages:
    """Serves pictures by id, hash and media type.

    Many requests for one picture that is not in memory cost one call to the recommender and one conversion.

    Args:
        source: The catalogue.
        limit_bytes: Memory for pictures.
        metrics: Where hits and misses are counted.
    """

    def __init__(self, source: PictureSource, limit_bytes: int, metrics: EdgeMetrics) -> None:
        self._source = source
        self._cache = BytesCache(limit_bytes)
        self._flights: dict[tuple[str, str, str], asyncio.Task[bytes]] = {}
        self._converting = asyncio.Semaphore(_MAX_CONVERSIONS)
        self._metrics = metrics

    async def get(self, sticker_id: str, sha: str, media_type: str) -> bytes:
        """The picture in the wanted type.

        Args:
            sticker_id: `<pack>/<name>`.
            sha: The first 16 digits of the stored picture's SHA-256.
            media_type: `image/webp` or `image/png`.

        Raises:
            ServiceError: STICKER_NOT_FOUND: no such sticker, or its picture has another hash by now.
        """
        key = (sticker_id, sha, media_type)
        if (kept := self._cache.get(key)) is not None:
            self._metrics.sticker_cache.labels("hit").inc()
            return kept
        flight = self._flights.get(key)
        self._metrics.sticker_cache.labels("shared" if flight else "miss").inc()
        if flight is None:
            flight = asyncio.get_running_loop().create_task(self._fetch(key))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(flight)  # one requester that leaves does not end it for the others

    def _landed(self, key: tuple[str, str, str], flight: asyncio.Task[bytes]) -> None:
        del self._flights[key]
        if not flight.cancelled() and flight.exception() is None:
            self._cache.put(key, flight.result())

    async def _fetch(self, key: tuple[str, str, str]) -> bytes:
        sticker_id, sha, media_type = key
        stored = await self._source.picture(sticker_id)
        if stored.sha256[:_SHA_CHARS] != sha:
            raise not_found("STICKER_NOT_FOUND", "the sticker's picture has changed, reload the page")
        if stored.media_type == media_type:
            return stored.data
        async with self._converting:
            return await _in_thread(lambda: convert(stored.data, media_type))


async def _in_thread(work: Callable[[], bytes]) -> bytes:
    result: Awaitable[bytes] = asyncio.to_thread(work)
    return await result


def convert(data: bytes, media_type: str) -> bytes:
    """The picture in another type; of an animation, its first frame.

    Raises:
        ServiceError: INTERNAL, when the stored picture cannot be read.
    """
    target = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP", "PNG", "JPEG", "GIF")) as picture:
            picture.load()
            frame = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise internal(message="a stored picture cannot be read") from error
    if media_type == PNG:
        frame.save(target, "PNG", compress_level=6)
    else:
        frame.save(target, "WEBP", quality=90, method=4)
    return target.getvalue()


def preferred_type(accept: str | None) -> str:
    """WebP when the client says that it takes it, PNG otherwise.

    `*/*` alone counts as PNG: browsers that take WebP name it, and everything reads PNG.
    """
    for part in (accept or "").lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        if kind == WEBP:
            weights = [parameter[2:] for parameter in parameters if parameter.startswith("q=")]
            return PNG if weights and _is_zero(weights[0]) else WEBP
    return PNG


def _is_zero(weight: str) -> bool:
    try:
        return float(weight) <= 0.0
    except ValueError:
        return False
