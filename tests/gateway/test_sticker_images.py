"""The picture cache: bounded, one flight per picture, right type."""

from __future__ import annotations

import asyncio
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from prometheus_client import CollectorRegistry

from gateway.metrics import EdgeMetrics
from gateway.sticker_images import PNG, WEBP, BytesCache, StickerImages, StoredPicture, convert, preferred_type
from servicekit.errors import ServiceError, unavailable

pytestmark = pytest.mark.unit

SHA = "ab" * 32


class Source:
    """Answers when told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.release = asyncio.Event()
        self.failure: ServiceError | None = None

    async def picture(self, sticker_id: str) -> StoredPicture:
        self.calls += 1
        await self.release.wait()
        if self.failure is not None:
            raise self.failure
        return StoredPicture(SHA, WEBP, b"picture")


def _images(source: Source) -> StickerImages:
    return StickerImages(source, 1000, EdgeMetrics(CollectorRegistry()))


async def test_one_flight_serves_all_who_wait() -> None:
    """Ten requests and one that gives up: one call, and the nine get the picture."""
    source = Source()
    images = _images(source)
    waiting = [asyncio.ensure_future(images.get("p/n", SHA[:16], WEBP)) for _ in range(10)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    source.release.set()
    assert await asyncio.gather(*waiting[1:]) == [b"picture"] * 9
    assert source.calls == 1


async def test_a_failure_is_not_kept() -> None:
    """All who wait see it; the next request tries again."""
    source = Source()
    source.release.set()
    source.failure = unavailable("UNAVAILABLE", "away")
    images = _images(source)
    for _ in range(2):
        with pytest.raises(ServiceError):
            await images.get("p/n", SHA[:16], WEBP)
    source.failure = None
    assert await images.get("p/n", SHA[:16], WEBP) == b"picture"
    assert source.calls == 3


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60))))
def test_the_cache_never_holds_more_than_its_limit(puts: list[tuple[int, int]]) -> None:
    """Whatever is put in, its size is the sum of what it holds and at most the limit."""
    cache = BytesCache(100)
    for number, size in puts:
        cache.put((str(number), "", ""), b"x" * size)
        held = [cache.get((str(key), "", "")) for key in range(10)]
        assert cache.size_bytes == sum(len(data) for data in held if data is not None) <= 100


def test_the_least_recently_used_goes_first() -> None:
    """Use keeps; what is larger than all is not taken in."""
    cache = BytesCache(10)
    for name in "ab":
        cache.put((name, "", ""), b"x" * 5)
    cache.get(("a", "", ""))
    cache.put(("c", "", ""), b"x" * 5)
    assert [cache.get((name, "", "")) is not None for name in "abc"] == [True, False, True]
    cache.put(("d", "", ""), b"x" * 11)
    assert cache.get(("d", "", "")) is None


def test_a_stored_picture_that_is_broken_is_our_fault() -> None:
    """INTERNAL, without Pillow's words."""
    with pytest.raises(ServiceError) as broken:
        convert(b"RIFF\x00\x00\x00\x00WEBPgarbage", PNG)
    assert broken.value.code == 500


def test_an_animation_becomes_its_first_frame() -> None:
    """Both ways of conversion give a still picture of the same size."""
    target = io.BytesIO()
    first, second = Image.new("RGBA", (4, 6), "red"), Image.new("RGBA", (4, 6), "blue")
    first.save(target, "WEBP", save_all=True, append_images=[second], duration=100, lossless=True)
    for media_type, kind in ((PNG, "PNG"), (WEBP, "WEBP")):
        with Image.open(io.BytesIO(convert(target.getvalue(), media_type))) as still:
            assert (still.format, still.size, getattr(still, "n_frames", 1)) == (kind, (4, 6), 1)
            red, _, blue, _ = still.convert("RGBA").getpixel((1, 1))  # type: ignore[misc]
            assert red > 200 > 100 > blue


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("image/webp", WEBP),
        ("image/avif,image/webp,*/*;q=0.8", WEBP),
        ("IMAGE/WEBP ; q=0.5", WEBP),
        ("image/webp;q=0", PNG),
        ("image/webp;q=0.0,image/png", PNG),
        ("image/webp;q=high", WEBP),
        ("image/*", PNG),
        ("*/*", PNG),
        ("", PNG),
        (None, PNG),
    ],
)
def test_the_type_follows_accept(accept: str | None, media_type: str) -> None:
    """WebP only for clients that name it and do not refuse it."""
    assert preferred_type(accept) == media_type
