"""Pictures are made smaller in bands as if they were made smaller whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from gateway.pictures.shrinking import fit, fitted, shrink

pytestmark = pytest.mark.unit

_SIDE = 200


def _noise(size: tuple[int, int]) -> Image.Image:
    return Image.effect_noise(size, 100)


def _whole(image: Image.Image, mode: str, size: tuple[int, int]) -> Image.Image:
    return image.convert(mode).resize(size, Image.Resampling.LANCZOS)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK"])
@pytest.mark.parametrize("size", [(700, 900), (901, 333), (201, 1000)])
def test_bands_leave_no_seam(mode: str, size: tuple[int, int]) -> None:
    """Every pixel is what the filter makes of the whole picture.

    Up to what is cut off between the two passes in noise of black and white: Pillow chooses their order by the size.
    """
    image = _noise(size).convert("RGBA")
    image.putalpha(_noise(size))
    image = image.convert("RGB").convert(mode) if mode in ("1", "P", "CMYK") else image.convert(mode)
    small = shrink(image, _SIDE)
    assert small.mode == ("RGBA" if mode in ("RGBA", "LA") else "RGB")
    assert small.size == fitted(size, _SIDE)
    difference = ImageChops.difference(small, _whole(image, small.mode, small.size))
    assert max(high for _, high in difference.getextrema()) <= 10  # type: ignore[misc]
    assert max(ImageStat.Stat(difference).mean) < 0.5


def test_a_palette_with_a_hole_in_it_is_seen_through() -> None:
    """The transparent entry of a palette is followed through every band; where none is used there is no alpha."""
    image = Image.new("P", (900, 900), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.info["transparency"] = 0
    assert shrink(image, _SIDE).mode == "RGB"
    image.paste(0, (0, 800, 900, 900))
    small = shrink(image, _SIDE)
    assert small.mode == "RGBA"
    assert (small.getpixel((100, 199))[3], small.getpixel((100, 100))) == (0, (0, 255, 0, 255))  # type: ignore[index]
    assert not small.info


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 500))
def test_any_shape_fits(width: int, height: int, side: int) -> None:
    """No side is longer than it may be, none is nothing, and what fits is left alone."""
    found = fitted((width, height), side)
    assert 1 <= min(found) <= max(found) <= max(side, 1)
    if max(width, height) <= side:
        assert found == (width, height)
    image = Image.new("L", (width, height))
    assert fit(image, side).size == shrink(image, side).size == found
