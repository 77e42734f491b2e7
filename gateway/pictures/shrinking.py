"""Makes a decoded picture plain and small without ever holding it twice at full size.

Other modes, alpha channels and filters would each make a full-size copy in four bytes a pixel: 160 MB for 40
megapixels. So it is done in bands of a few rows; the filter sees the rows above and below a band, so that there is no
seam.
"""

from __future__ import annotations

import math

from PIL import Image

_BAND_ROWS = 128
_REACH = 3.0  # of the Lanczos filter, in pixels of the outcome
_REDUCING_GAP = 3.0
_OPAQUE = 255
_WITH_ALPHA = frozenset({"RGBA", "LA", "PA", "RGBa", "La"})


def fitted(size: tuple[int, int], side_px: int) -> tuple[int, int]:
    """The size of a picture whose longer side is to have at most `side_px`; no side becomes nothing."""
    longer = max(size)
    if longer <= side_px:
        return size
    return max(1, round(size[0] * side_px / longer)), max(1, round(size[1] * side_px / longer))


def fit(image: Image.Image, side_px: int) -> Image.Image:
    """A picture of at most `side_px`; the same one where it is."""
    size = fitted(image.size, side_px)
    return image if size == image.size else _resized(image, size)


def shrink(image: Image.Image, side_px: int) -> Image.Image:
    """A decoded picture of any mode as RGB of at most `side_px`, or RGBA where something shows through; no metadata."""
    mode = "RGBA" if image.mode in _WITH_ALPHA or "transparency" in image.info else "RGB"
    size = fitted(image.size, side_px)
    small = Image.new(mode, size)
    for top in range(0, size[1], _BAND_ROWS):
        rows = min(_BAND_ROWS, size[1] - top)
        small.paste(_band(image, mode, size, top, rows), (0, top))
    if mode == "RGBA" and small.getchannel("A").getextrema()[0] == _OPAQUE:
        return small.convert("RGB")
    return small


def _band(image: Image.Image, mode: str, size: tuple[int, int], top: int, rows: int) -> Image.Image:
    """Rows `top` to `top + rows` of the outcome."""
    step = image.height / size[1]
    begin, end = top * step, (top + rows) * step
    first = max(0, math.floor(begin - _REACH * step) - 1)
    last = min(image.height, math.ceil(end + _REACH * step) + 1)
    band = _plain(image.crop((0, first, image.width, last)), mode)
    return _resized(band, (size[0], rows), (0.0, begin - first, float(image.width), min(end - first, band.height)))


def _resized(
    image: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None = None
) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=_REDUCING_GAP)


def _plain(image: Image.Image, mode: str) -> Image.Image:
    """In this mode; 16-bit grey is scaled, not clipped."""
    if image.mode.startswith("I"):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    return image if image.mode == mode else image.convert(mode)
