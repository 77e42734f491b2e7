"""Letters on stickers: typefaces from Debian packages, and text drawn with a white rim.

Smiley Sans (OFL 1.1), Quicksand (OFL 1.1), Comic Neue (OFL 1.1), WenQuanYi Zen Hei (GPL 2 with font exception). They
are used to draw pictures; no font file is stored with the project.
"""

from __future__ import annotations

import functools
from typing import Any

import skia  # type: ignore[import-untyped,import-not-found,unused-ignore]

from training.emoji.debian import package_root
from training.stickers.catalogue import RGB
from training.stickers.spec import Lettering

COLOURS: tuple[RGB, ...] = (
    (64, 56, 66), (226, 74, 88), (242, 128, 40), (46, 138, 96), (54, 104, 196), (138, 82, 182),
)  # fmt: skip
_SMILEY = ("fonts-smiley-sans", "usr/share/fonts/truetype/smiley-sans/SmileySans-Oblique.ttf")
_QUICKSAND = ("fonts-quicksand", "usr/share/fonts/truetype/quicksand/Quicksand-Bold.ttf")
_COMIC = ("fonts-comic-neue", "usr/share/fonts/opentype/comic-neue/ComicNeue-Bold.otf")
_ZENHEI = ("fonts-wqy-zenhei", "usr/share/fonts/truetype/wqy/wqy-zenhei.ttc")
_FACES = {"en": (_COMIC, _QUICKSAND, _SMILEY), "zh": (_SMILEY, _ZENHEI, _SMILEY)}
_MAX_SIZE = 19.0
_MAX_WIDTH = 92.0
_RIM = 3.4


class FontUnavailableError(RuntimeError):
    """A typeface could not be loaded; the message names its Debian package."""


def draw_lettering(canvas: Any, lettering: Lettering, x: float, y: float, width: float, height: float) -> None:
    """Draws words centred on a point, as large as a box allows.

    Raises:
        FontUnavailableError: The font file cannot be read.
        SourceUnavailableError: The Debian package cannot be fetched.
    """
    lines = lettering.text.split("\n")
    single = min(height, _MAX_SIZE)
    # Lines may come closer than their size: Latin letters rarely fill their height.
    step, largest = (0.0, single) if len(lines) == 1 else (single * 0.6, single * 0.76)
    size = min(_fitting(lettering, line, min(width, _MAX_WIDTH), largest) for line in lines)
    for number, line in enumerate(lines):
        _draw_line(canvas, lettering, line, size, (x, y + (number - (len(lines) - 1) / 2) * step))


def _draw_line(canvas: Any, lettering: Lettering, line: str, size: float, centre: tuple[float, float]) -> None:
    font = _font(lettering, size)
    bounds = _bounds(font, line)
    blob = skia.TextBlob.MakeFromString(line, font)
    left, base = centre[0] - bounds.centerX(), centre[1] - bounds.centerY()
    rim = skia.Paint(
        AntiAlias=True, Color=skia.ColorWHITE, Style=skia.Paint.kStroke_Style, StrokeWidth=_RIM,
        StrokeJoin=skia.Paint.kRound_Join,
    )  # fmt: skip
    canvas.drawTextBlob(blob, left, base, rim)
    colour = skia.Color(*COLOURS[lettering.colour % len(COLOURS)])
    if lettering.language == "zh" or lettering.font % 3 == 2:
        # A thin stroke of the same colour makes the single-weight Chinese faces bold.
        bold = skia.Paint(
            AntiAlias=True, Color=colour, Style=skia.Paint.kStroke_Style, StrokeWidth=font.getSize() * 0.03
        )
        canvas.drawTextBlob(blob, left, base, bold)
    canvas.drawTextBlob(blob, left, base, skia.Paint(AntiAlias=True, Color=colour))


def _fitting(lettering: Lettering, line: str, width: float, height: float) -> float:
    """Returns the largest size, up to `height`, at which a line is no wider than `width`."""
    size = height
    while (wide := _bounds(_font(lettering, size), line).width()) > width and size >= 3:
        size *= max(width / wide * 0.99, 0.5)
    return size


def _font(lettering: Lettering, size: float) -> Any:
    font = skia.Font(_typeface(*_FACES[lettering.language][lettering.font % 3]), size)
    font.setSubpixel(True)
    font.setHinting(skia.FontHinting.kNone)
    return font


def _bounds(font: Any, line: str) -> Any:
    bounds = skia.Rect()
    font.measureText(line, skia.TextEncoding.kUTF8, bounds)
    return bounds


@functools.cache
def _typeface(package: str, path: str) -> Any:
    file = package_root(package) / path
    face = skia.Typeface.MakeFromFile(str(file)) if file.is_file() else None
    if face is None:
        raise FontUnavailableError(f"{path} of Debian package {package} cannot be read")
    return face
