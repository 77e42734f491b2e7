"""Renders emoji from Debian's `fonts-noto-color-emoji` (bitmaps of 136 by 128 pixels at font size 109)."""

from __future__ import annotations

import functools
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from training.emoji.debian import package_root
from training.emoji.source import Emoji

_STRIKE_SIZE = 109
_CANVAS = 136
_FONT = Path("usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")


def render(emoji: Emoji, size: int = _CANVAS) -> Image.Image:
    """Draws one emoji.

    Args:
        emoji: What to draw.
        size: Edge of the square result in pixels; the artwork itself has 136.

    Returns:
        An RGBA picture of `size` by `size` with a transparent ground; the caller may change it.
    """
    native = _native(emoji.char)
    return native.copy() if size == _CANVAS else native.resize((size, size), Image.Resampling.LANCZOS)


def is_drawable(emoji: Emoji) -> bool:
    """Tells whether the font has one glyph for the whole sequence (else its parts stand side by side)."""
    return 0 < _font().getlength(emoji.char) <= _CANVAS * 1.1


@functools.lru_cache(maxsize=4096)
def _native(char: str) -> Image.Image:
    canvas = Image.new("RGBA", (_CANVAS, _CANVAS), (0, 0, 0, 0))
    pen = ImageDraw.Draw(canvas)
    left, top, right, bottom = pen.textbbox((0, 0), char, font=_font(), embedded_color=True)
    origin = ((_CANVAS - (right - left)) / 2 - left, (_CANVAS - (bottom - top)) / 2 - top)
    pen.text(origin, char, font=_font(), embedded_color=True)
    return canvas


@functools.cache
def _font() -> ImageFont.FreeTypeFont:
    path = package_root("fonts-noto-color-emoji") / _FONT
    return ImageFont.truetype(str(path), _STRIKE_SIZE, layout_engine=ImageFont.Layout.RAQM)
