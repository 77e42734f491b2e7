"""Faces: eyes, brows and mouths, drawn around the origin of the head."""

from __future__ import annotations

import math
from collections.abc import Callable

from training.stickers.brush import Brush, arc, blob, box, ellipse, heart, poly, star
from training.stickers.catalogue import RGB, Expression, Species

_WHITE: RGB = (255, 255, 255)
_TONGUE: RGB = (244, 118, 122)
_MOUTH: RGB = (150, 50, 62)
_HEART: RGB = (240, 72, 98)
_GOLD: RGB = (255, 186, 40)
_TEAR: RGB = (110, 186, 244)
_SIDES = (-1, 1)

# Where the mouth sits below each kind of muzzle: x, y, scale.
_MOUTHS: dict[str, tuple[float, float, float]] = {
    "none": (0, 9.5, 1.05), "cat": (0, 10.4, 0.95), "dog": (0, 10.6, 0.95), "bear": (0, 10.4, 0.9),
    "rabbit": (0, 10.6, 0.95), "penguin": (0, 12.2, 0.8), "panda": (0, 11.2, 0.9), "frog": (0, 5.2, 1.3),
    "chick": (0, 12.6, 0.8), "fox": (0, 11.4, 0.85), "robot": (0, 9.6, 1.05), "pig": (0, 14.2, 0.8),
    "koala": (0, 13.2, 0.85), "tiger": (0, 10.6, 0.9), "mouse": (0, 10.8, 0.85), "sheep": (0, 11.4, 0.9),
    "owl": (0, 12.8, 0.8), "elephant": (6.5, 12.2, 0.8), "dinosaur": (0, 12.2, 1.0),
}  # fmt: skip


def draw_face(brush: Brush, species: Species, expression: Expression, lower: float = 0.0) -> None:
    """Draws eyes, brows and mouth.

    Args:
        brush: Set to the frame of the head.
        species: Decides where things are.
        expression: Decides what they look like.
        lower: How far the face is shifted down, as when the head bows.
    """
    y = species.eye_y + lower
    size = 1.1 if species.muzzle != "frog" else 1.0
    for side in _SIDES:
        with brush.at(side * species.eye_gap, y, size):
            _EYES[expression.eyes](brush, side)
        if expression.brows != "none":
            _brow(brush, expression.brows, side, side * species.eye_gap, y - 7.6)
    x, mouth_y, scale = _MOUTHS[species.muzzle]
    with brush.at(x, mouth_y + lower, scale * 1.12):
        _MOUTH_KINDS[expression.mouth](brush)


def _plain(brush: Brush, side: int) -> None:
    del side
    kind = brush.style.eyes
    if kind == "dot":
        brush.dark(ellipse(0, 0, 2.7, 3.1))
    elif kind == "button":
        brush.plain(ellipse(0, 0, 4.2, 4.2), _WHITE)
        brush.line(ellipse(0, 0, 4.2, 4.2), 0.9)
        brush.dark(ellipse(0, 0, 2.3, 2.6))
    elif kind == "oval":
        brush.dark(ellipse(0, 0, 2.6, 4.2))
        brush.plain(ellipse(-0.6, -1.7, 0.9, 1.2), _WHITE)
    else:
        _shiny(brush, 3.5, 4.2)


def _shiny(brush: Brush, rx: float, ry: float) -> None:
    brush.dark(ellipse(0, 0, rx, ry))
    brush.plain(ellipse(-rx * 0.3, -ry * 0.36, rx * 0.4, ry * 0.36), _WHITE)
    brush.plain(ellipse(rx * 0.36, ry * 0.42, rx * 0.22, ry * 0.18), _WHITE, alpha=220)


def _arc(brush: Brush, side: int) -> None:
    del side
    brush.line(arc(0, 1.4, 3.7, 4.2, 190, 160), 1.7)


def _peace(brush: Brush, side: int) -> None:
    del side
    brush.line(arc(0, -1.4, 3.7, 3.6, 12, 156), 1.7)
    brush.line(poly([(2.9, 1.2), (4.6, 2.6)], closed=False), 1.0)
    brush.line(poly([(-2.9, 1.2), (-4.6, 2.6)], closed=False), 1.0)


def _shut(brush: Brush, side: int) -> None:
    del side
    brush.line(arc(0, -0.6, 3.7, 2.0, 10, 160), 1.6)


def _half(brush: Brush, side: int) -> None:
    with brush.clip(box(0, 3, 12, 6)):
        _plain(brush, side)
    brush.line(poly([(-4.2, 0), (4.2, 0)], closed=False), 1.7)


def _squeeze(brush: Brush, side: int) -> None:
    brush.line(poly([(side * 3.2, -3), (-side * 2.8, 0), (side * 3.2, 3)], closed=False), 1.7)


def _star(brush: Brush, side: int) -> None:
    del side
    brush.shape(star(0, 0, 5.4), _GOLD, line=0.6)


def _heart(brush: Brush, side: int) -> None:
    del side
    brush.shape(heart(0, 0.2, 4.5), _HEART, line=0.5)
    brush.plain(ellipse(-1.7, -1.4, 0.9, 0.7), _WHITE, alpha=200)


def _wink(brush: Brush, side: int) -> None:
    if side < 0:
        _plain(brush, side)
    else:
        _squeeze(brush, side)


def _watery(brush: Brush, side: int) -> None:
    del side
    _shiny(brush, 4.3, 4.9)
    brush.plain(ellipse(0, 2.5, 3.0, 1.8), _TEAR)
    brush.plain(ellipse(0.7, 2.3, 0.9, 0.6), _WHITE)


def _wide(brush: Brush, side: int) -> None:
    del side
    brush.plain(ellipse(0, 0, 5.0, 5.4), _WHITE)
    brush.line(ellipse(0, 0, 5.0, 5.4), 1.2)
    brush.dark(ellipse(0, 0, 2.1, 2.3))


def _blank(brush: Brush, side: int) -> None:
    del side
    brush.plain(ellipse(0, 0, 5.2, 5.6), _WHITE)
    brush.line(ellipse(0, 0, 5.2, 5.6), 1.3)
    brush.dark(ellipse(0, 0, 0.9, 0.9))


def _big(brush: Brush, side: int) -> None:
    del side
    _shiny(brush, 4.8, 5.4)
    brush.plain(star(-1.3, -1.8, 2.2, 4, 0.4), _WHITE)


def _side(brush: Brush, side: int) -> None:
    del side
    brush.plain(ellipse(0, 0, 4.4, 4.2), _WHITE)
    brush.line(ellipse(0, 0, 4.4, 4.2), 1.1)
    brush.dark(ellipse(2.1, 0.6, 1.9, 2.2))


def _up(brush: Brush, side: int) -> None:
    del side
    brush.plain(ellipse(0, 0, 4.4, 4.4), _WHITE)
    brush.line(ellipse(0, 0, 4.4, 4.4), 1.1)
    brush.dark(ellipse(1.2, -1.9, 1.9, 2.0))


def _down(brush: Brush, side: int) -> None:
    brush.line(poly([(-side * 3.8, -0.6), (side * 3.8, 1.6)], closed=False), 1.7)
    with brush.clip(poly([(-side * 5, 0), (side * 5, 2), (side * 5, 8), (-side * 5, 8)])):
        brush.dark(ellipse(0, 2.0, 2.2, 2.8))


def _glare(brush: Brush, side: int) -> None:
    with brush.clip(poly([(-side * 6, -0.6), (side * 6, -4.6), (side * 6, 7), (-side * 6, 7)])):
        brush.plain(ellipse(0, 0, 4.6, 4.8), _WHITE)
        brush.line(ellipse(0, 0, 4.6, 4.8), 1.2)
        brush.dark(ellipse(0, 0.8, 1.7, 1.9))
    brush.line(poly([(-side * 4.6, -0.4), (side * 4.6, -3.8)], closed=False), 1.6)


def _uneven(brush: Brush, side: int) -> None:
    if side < 0:
        _wide(brush, side)
    else:
        brush.dark(ellipse(0, 0.6, 2.0, 2.2))


def _spiral(brush: Brush, side: int) -> None:
    turns = [index / 16 for index in range(36)]
    points = [(side * 0.3 + math.cos(turn * 6.28) * turn * 2.2, math.sin(turn * 6.28) * turn * 2.2) for turn in turns]
    brush.line(poly(points, closed=False), 1.1)


def _brow(brush: Brush, kind: str, side: int, x: float, y: float) -> None:
    # Positive `inner` raises the end next to the nose (worry), negative lowers it (anger).
    lift, inner = {
        "raised": (2.4, 0.0), "inner": (0.4, 2.2), "angry": (-1.8, -3.0),
        "uneven": (3.4, 0.0) if side < 0 else (-0.6, -1.4),
    }[kind]  # fmt: skip
    near, far = (x - side * 3.4, y - lift - inner / 2), (x + side * 3.8, y - lift + inner / 2)
    middle = ((near[0] + far[0]) / 2, (near[1] + far[1]) / 2 - (0.2 if kind == "angry" else 1.0))
    brush.line(blob([near, middle, far], closed=False), 2.0 if kind == "angry" else 1.5)


def _smile(brush: Brush) -> None:
    brush.line(arc(0, -1.2, 4.2, 3.4, 20, 140), 1.5)


def _flat(brush: Brush) -> None:
    brush.line(poly([(-3.2, 0.6), (3.2, 0.6)], closed=False), 1.5)


def _tiny(brush: Brush) -> None:
    brush.line(ellipse(0, 0.8, 1.3, 1.2), 1.2)


def _cavity(brush: Brush, points: list[tuple[float, float]], tongue: float | None = None) -> None:
    cavity = blob(points)
    brush.plain(cavity, _MOUTH)
    if tongue is not None:
        with brush.clip(cavity):
            brush.plain(ellipse(0, tongue, 3.6, 3.0), _TONGUE)
    brush.line(cavity, 1.2)


def _open(brush: Brush) -> None:
    _cavity(brush, [(-4.6, -1.4), (0, -0.8), (4.6, -1.4), (2.9, 3.6), (0, 4.8), (-2.9, 3.6)], 4.6)


def _laugh(brush: Brush) -> None:
    _cavity(brush, [(-6.2, -2.0), (0, -1.4), (6.2, -2.0), (4.2, 4.6), (0, 6.6), (-4.2, 4.6)], 6.2)
    brush.plain(box(0, -0.6, 8.0, 1.5, 0.6), _WHITE)


def _tongue(brush: Brush) -> None:
    brush.line(arc(0, -1.2, 4.4, 3.2, 10, 160), 1.5)
    brush.shape(blob([(0.2, 1.6), (4.2, 0.8), (4.4, 4.4), (2.4, 5.8), (0.6, 4.6)]), _TONGUE, line=0.6)


def _quiver(brush: Brush) -> None:
    brush.line(blob([(-4, -0.4), (-2, 1.6), (0, 0.4), (2, 1.6), (4, -0.4)], closed=False), 1.4)


def _cat(brush: Brush) -> None:
    for side in _SIDES:
        brush.line(arc(side * 2.4, -0.6, 2.4, 2.6, 0, 180), 1.4)


def _kiss(brush: Brush) -> None:
    brush.shape(blob([(0, -2.2), (2.2, -1.2), (1.0, 0.2), (2.2, 1.6), (0, 2.6), (-1.4, 0.2)]), _HEART, line=0.6)


def _o(brush: Brush) -> None:
    brush.plain(ellipse(0, 1.6, 2.6, 3.2), _MOUTH)
    brush.line(ellipse(0, 1.6, 2.6, 3.2), 1.3)


def _gape(brush: Brush) -> None:
    _cavity(brush, [(0, -2.2), (3.8, 0), (3.6, 5.4), (0, 7.6), (-3.6, 5.4), (-3.8, 0)])


def _wave(brush: Brush) -> None:
    brush.line(blob([(-5, 1.4), (-3.2, -0.4), (-1.2, 1.6), (1.0, -0.4), (3.0, 1.6), (5, 0)], closed=False), 1.5)


def _teeth(brush: Brush) -> None:
    mouth = box(0, 1.2, 10.4, 4.8, 2.0)
    brush.plain(mouth, _WHITE)
    brush.line(mouth, 1.3)
    brush.line(poly([(-5, 1.2), (5, 1.2)], closed=False), 0.8)
    for x in (-2.6, 0.0, 2.6):
        brush.line(poly([(x, -1.0), (x, 3.4)], closed=False), 0.8)


def _wobble(brush: Brush) -> None:
    _cavity(brush, [(-5.4, 1.4), (-3, -0.6), (0, 0.4), (3, -0.6), (5.4, 1.4), (3.4, 4.4), (0, 3.6), (-3.4, 4.4)])


def _frown(brush: Brush) -> None:
    brush.line(arc(0, 3.8, 4.0, 3.6, 205, 130), 1.6)


def _bawl(brush: Brush) -> None:
    _cavity(brush, [(0, -2.4), (4.2, 0.4), (5.4, 4.8), (0, 4.0), (-5.4, 4.8), (-4.2, 0.4)], 5.4)


def _shout(brush: Brush) -> None:
    mouth = blob([(-5.6, 4.6), (-4.6, -0.8), (0, -2.0), (4.6, -0.8), (5.6, 4.6), (0, 3.6)], tension=0.12)
    brush.plain(mouth, _MOUTH)
    with brush.clip(mouth):
        brush.plain(box(0, -1.0, 12, 3.0), _WHITE)
    brush.line(mouth, 1.3)


def _pout(brush: Brush) -> None:
    brush.line(blob([(-2.6, 2.2), (0, 0.2), (2.6, 2.2)], closed=False), 1.7)


def _slant(brush: Brush) -> None:
    brush.line(blob([(-4, 2.2), (-1, 0.8), (1, 1.4), (4, -0.6)], closed=False), 1.6)


_EYES: dict[str, Callable[[Brush, int], None]] = {
    "plain": _plain, "arc": _arc, "peace": _peace, "shut": _shut, "half": _half, "squeeze": _squeeze, "star": _star,
    "heart": _heart, "wink": _wink, "watery": _watery, "wide": _wide, "blank": _blank, "big": _big, "side": _side,
    "up": _up, "down": _down, "glare": _glare, "uneven": _uneven, "spiral": _spiral,
}  # fmt: skip
_MOUTH_KINDS: dict[str, Callable[[Brush], None]] = {
    "smile": _smile, "flat": _flat, "tiny": _tiny, "open": _open, "laugh": _laugh, "tongue": _tongue,
    "quiver": _quiver, "cat": _cat, "kiss": _kiss, "o": _o, "gape": _gape, "wave": _wave, "teeth": _teeth,
    "wobble": _wobble, "frown": _frown, "bawl": _bawl, "shout": _shout, "pout": _pout, "slant": _slant,
}  # fmt: skip
