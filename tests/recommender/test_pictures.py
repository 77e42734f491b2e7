"""Pictures: limits, kinds, re-encoding."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from recommender.pictures import MAX_PICTURE_BYTES, PictureError, clean
from tests.recommender.archives import picture

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "GIF", "JPEG"])
def test_every_accepted_kind_becomes_webp(kind: str) -> None:
    """What goes in comes out as WebP of the same size."""
    cleaned = clean(picture(size=(20, 10), kind=kind), f"image/{kind.lower()}")
    assert (cleaned.media_type, cleaned.width_px, cleaned.height_px) == ("image/webp", 20, 10)
    assert cleaned.data[:4] == b"RIFF"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB"])
def test_unusual_png_modes_are_taken(mode: str) -> None:
    """Grey, palette and 16-bit pictures are pictures."""
    buffer = io.BytesIO()
    Image.new(mode, (8, 8)).save(buffer, "PNG")
    assert clean(buffer.getvalue(), "image/png").width_px == 8


def test_cmyk_jpeg_is_taken() -> None:
    """A print shop's JPEG is a picture."""
    buffer = io.BytesIO()
    Image.new("CMYK", (8, 8)).save(buffer, "JPEG")
    assert clean(buffer.getvalue(), "image/jpeg").height_px == 8


def test_an_animation_keeps_its_first_frame() -> None:
    """A moving GIF becomes a still."""
    buffer = io.BytesIO()
    frames = [Image.new("P", (8, 8), colour) for colour in (1, 2, 3)]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(clean(buffer.getvalue(), "image/gif").data)) as still:
        assert getattr(still, "n_frames", 1) == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"RIFF", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:30], picture(kind="PNG")[:-36], b"GIF89a"],
)
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    """Empty, foreign and truncated files are refused with one kind of error."""
    for kind in ("webp", "png", "gif"):
        with pytest.raises(PictureError):
            clean(data, f"image/{kind}")


def test_the_declared_kind_must_be_true() -> None:
    """A PNG that says it is WebP is refused."""
    with pytest.raises(PictureError, match="the manifest says"):
        clean(picture(kind="PNG"), "image/webp")


def test_bytes_and_pixels_are_bounded() -> None:
    """Too many bytes, too long an edge, and a decompression bomb are refused."""
    with pytest.raises(PictureError, match="limit"):
        clean(b"\0" * (MAX_PICTURE_BYTES + 1), "image/webp")
    with pytest.raises(PictureError, match="limit"):
        clean(picture(size=(1025, 1), kind="PNG"), "image/png")
    bomb = bytearray(picture(kind="PNG"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    with pytest.raises(PictureError):
        clean(bytes(bomb), "image/png")
