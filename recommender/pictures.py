"""Pictures of stickers: what they are by content, and a decode-and-re-encode under limits."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image

MAX_PICTURE_BYTES = 2 * 1024 * 1024
MAX_EDGE_PX = 1024
STORED_MEDIA_TYPE = "image/webp"
_FORMATS = {"WEBP": "image/webp", "PNG": "image/png", "GIF": "image/gif", "JPEG": "image/jpeg"}
_QUALITY = 85


class PictureError(ValueError):
    """A picture is refused; the message says why, in words for its maker."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A checked picture, ready to store.

    Attributes:
        data: Encoded bytes, without metadata.
        media_type: What `data` is.
        width_px: Width in pixels.
        height_px: Height in pixels.
    """

    data: bytes
    media_type: str
    width_px: int
    height_px: int


def clean(data: bytes, declared: str) -> Picture:
    """Decodes a picture whole and encodes it again as WebP, so that nothing but pixels is kept.

    An animation keeps its first frame only.

    Args:
        data: The file as it came.
        declared: The media type that its maker states; must be what the content is.

    Raises:
        PictureError: Too large, not the declared type, truncated or not a picture.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise PictureError(f"has {len(data)} bytes, the limit is {MAX_PICTURE_BYTES}")
    picture = _decode(data, declared)
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_QUALITY, method=4, exact=False)
    return Picture(buffer.getvalue(), STORED_MEDIA_TYPE, *picture.size)


def _decode(data: bytes, declared: str) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Pillow only warns of decompression bombs
        try:
            with Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as picture:
                if _FORMATS.get(picture.format or "") != declared:
                    raise PictureError(f"is {_FORMATS.get(picture.format or '')}, the manifest says {declared}")
                if max(picture.size) > MAX_EDGE_PX:
                    raise PictureError(f"has {picture.size[0]}x{picture.size[1]} pixels, the limit is {MAX_EDGE_PX}")
                picture.load()
                return picture.convert("RGBA")
        except PictureError:
            raise
        except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError, Warning) as error:
            raise PictureError("is not a whole WebP, PNG, GIF or JPEG picture") from error
