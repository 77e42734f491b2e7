"""Colours: darker, lighter, and the tonal treatments of the styles."""

from __future__ import annotations

import functools

from training.stickers.catalogue import RGB

_LUMA = (0.299, 0.587, 0.114)


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """Returns `first` with `share` (0 to 1) of `second` mixed in."""
    return _rgb(tuple(a + (b - a) * share for a, b in zip(first, second, strict=True)))


def darken(colour: RGB, amount: float) -> RGB:
    """Returns a colour darkened towards a warm black."""
    return mix(colour, (40, 20, 34), amount)


def lighten(colour: RGB, amount: float) -> RGB:
    """Returns a colour mixed with white."""
    return mix(colour, (255, 255, 255), amount)


@functools.lru_cache(maxsize=8192)
def toned(colour: RGB, tone: str) -> RGB:
    """Returns a colour in a tonal treatment.

    Args:
        colour: The colour of the palette.
        tone: One of the values of `Style.tone`.
    """
    if tone == "pastel":
        return lighten(colour, 0.3)
    if tone == "vivid":
        return _saturate(colour, 1.3)
    if tone == "muted":
        return mix(_saturate(colour, 0.66), (222, 206, 180), 0.16)
    if tone == "warm":
        return mix(colour, (255, 206, 120), 0.14)
    if tone == "cool":
        return mix(colour, (150, 190, 240), 0.16)
    if tone == "mono":
        return mix(_saturate(colour, 0.12), (255, 255, 255), 0.32)
    return colour


def _saturate(colour: RGB, factor: float) -> RGB:
    grey = sum(weight * part for weight, part in zip(_LUMA, colour, strict=True))
    return _rgb(tuple(grey + (part - grey) * factor for part in colour))


def _rgb(parts: tuple[float, ...]) -> RGB:
    red, green, blue = (min(255, max(0, round(part))) for part in parts)
    return red, green, blue
