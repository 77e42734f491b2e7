"""Decodes a stranger's picture under limits: of pixels, and of the memory that decoders take together."""

from __future__ import annotations

import io
from contextlib import ExitStack

from PIL import ExifTags, Image, _webp

from gateway.pictures.room import DecodingRoom
from gateway.pictures.shrinking import fitted, shrink
from servicekit.errors import ServiceError, invalid, too_large

MAX_PIXELS = 40_000_000

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ONE_BYTE = frozenset({"1", "L", "P"})
_WEBP_COPIES = 3  # the decoder's two canvases and what it gives out

# Over twice this Pillow itself refuses; between, it warns and our own check refuses. No filter of warnings is set:
# those are per process, and pictures are decoded in threads.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


def sides_of(data: bytes, kind: str) -> tuple[int, int]:
    """Width and height as they stand in the file's header, which may be of any size.

    Raises:
        ServiceError: PICTURE_TOO_LARGE (413), PICTURE_BROKEN (400).
    """
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            return image.size
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except Exception:
        raise _broken() from None


def decode(data: bytes, kind: str, side_px: int, room: DecodingRoom) -> tuple[Image.Image, bool]:
    """The first frame upright as RGB or RGBA of at most `side_px`, and whether there are more frames.

    Args:
        data: The file.
        kind: What it is to Pillow: "JPEG", "PNG", "WEBP" or "GIF".
        side_px: How long its longer side may be.
        room: Where it waits until there is memory for it.

    Raises:
        ServiceError: PICTURE_TOO_LARGE (413), PICTURE_BROKEN (400).
    """
    try:
        with ExitStack() as stack, Image.open(io.BytesIO(data), formats=[kind]) as image:  # reads the header only
            pixels = image.width * image.height
            if pixels > MAX_PIXELS:
                raise _too_many_pixels()
            # A second picture in a JPEG is a depth map or a preview. Frames are not counted: there may be 100,000.
            animated = kind != "JPEG" and bool(getattr(image, "is_animated", False))
            image.seek(0)
            image.draft(None, fitted(image.size, side_px))  # a JPEG is decoded at a fraction of its size
            stack.enter_context(room.hold(_needed_bytes(image, kind, pixels)))
            small = shrink(_pixels(image, data), side_px)
            turn = _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation, 1))
            return (small if turn is None else small.transpose(turn)), animated
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except ServiceError:
        raise
    except Exception:  # decoders of hostile files raise whatever they like: struct.error, IndexError, MemoryError …
        raise _broken() from None


def _pixels(image: Image.Image, data: bytes) -> Image.Image:
    """The first frame at full size.

    Of WebP, Pillow holds four copies while it loads; its decoder's own answer can be read without the last of them.
    """
    if image.format != "WEBP":
        image.load()
        return image
    frame = _webp.WebPAnimDecoder(data).get_next()
    if frame is None:
        raise _broken()
    raw = "RGBX" if image.mode == "RGB" else "RGBA"
    return Image.frombuffer(raw, image.size, frame[0], "raw", raw, 0, 1)


def _needed_bytes(image: Image.Image, kind: str, pixels: int) -> int:
    """What its decoder takes at most; `image.size` is what it will be decoded to, `pixels` what the file has."""
    decoded = image.width * image.height * (1 if image.mode in _ONE_BYTE else 4)
    if kind == "WEBP":
        return _WEBP_COPIES * decoded
    if kind == "JPEG":  # one that comes in several scans is held whole as coefficients of two bytes
        return decoded + 2 * len(image.getbands()) * pixels
    return decoded


def _too_many_pixels() -> ServiceError:
    return too_large("PICTURE_TOO_LARGE", "pictures may have at most 40 megapixels, choose a smaller one")


def _broken() -> ServiceError:
    return invalid("PICTURE_BROKEN", "the picture cannot be read, it may be damaged: choose another file")
