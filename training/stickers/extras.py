"""What a gesture brings along: motion lines, a pillow, a laptop, a sign."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from training.stickers.brush import Brush, arc, blob, box, ellipse, heart, poly
from training.stickers.catalogue import RGB

_SIDES = (-1, 1)
_MOTION: RGB = (120, 132, 160)
_GREY: RGB = (196, 202, 214)
_RED: RGB = (236, 70, 84)


def draw_extras(brush: Brush, names: Iterable[str], layer: str, mirrored: bool = False) -> None:
    """Draws the extras of one layer: "behind" the figure, over its "body", or on "top" of all."""
    for name in names:
        at, draw = EXTRAS[name]
        if at == layer:
            draw(brush, mirrored)


def _wave_arcs(brush: Brush, mirrored: bool) -> None:
    del mirrored
    brush.line(arc(91, 40, 11, 12, -66, 52), 1.7, _MOTION)
    brush.line(arc(90, 40, 12, 12, 190, 44), 1.7, _MOTION)


def _clap_lines(brush: Brush, mirrored: bool) -> None:
    del mirrored
    for start, end in (((33, 66), (27, 62)), ((67, 66), (73, 62)), ((32, 74), (25, 74)), ((68, 74), (75, 74))):
        brush.line(poly([start, end], closed=False), 2.6, (255, 166, 30))


def _bow_arcs(brush: Brush, mirrored: bool) -> None:
    del mirrored
    for side in _SIDES:
        start = -50 if side > 0 else 190
        brush.line(arc(50, 58, 37, 34, start, 40), 1.7, _MOTION)
        brush.line(arc(50, 58, 42, 40, start + 8, 24), 1.5, _MOTION)


def _point_lines(brush: Brush, mirrored: bool) -> None:
    del mirrored
    for dy in (-6, 0, 6):
        brush.line(poly([(96.5, 63 + dy * 0.7), (100.5, 63 + dy * 1.3)], closed=False), 1.6, (255, 178, 40))


def _speed_lines(brush: Brush, mirrored: bool) -> None:
    del mirrored
    for y, start, end in ((46, 2, 17), (60, 6, 22), (73, 0, 19), (86, 8, 24)):
        brush.line(poly([(start, y), (end, y)], closed=False), 2.0, _MOTION)
    brush.ellipse(14, 94, 5, 3.4, (228, 226, 222), line=0.5)
    brush.ellipse(21, 95, 3.4, 2.4, (228, 226, 222), line=0.5)


def _shadow(brush: Brush, mirrored: bool) -> None:
    del mirrored
    brush.plain(ellipse(50, 102, 19, 2.8), (150, 150, 160), alpha=150)


def _jump_lines(brush: Brush, mirrored: bool) -> None:
    del mirrored
    for x in (33, 67):
        brush.line(poly([(x, 93), (x, 100)], closed=False), 1.8, _MOTION)


def _pillow(brush: Brush, mirrored: bool) -> None:
    del mirrored
    brush.shape(blob([(10, 56), (50, 52), (90, 56), (94, 76), (88, 92), (50, 95), (12, 92), (6, 76)]), (216, 228, 250))


def _blanket(brush: Brush, mirrored: bool) -> None:
    del mirrored
    path = blob([(13, 83), (32, 80), (50, 82), (70, 80), (88, 83), (93, 96), (50, 99), (7, 96)], tension=0.14)
    brush.shape(path, (136, 168, 232))
    with brush.clip(path):
        for x in (24, 40, 56, 72):
            brush.plain(ellipse(x, 91, 2.2, 2.2), (255, 255, 255), alpha=180)
        brush.plain(
            blob([(12, 82), (32, 79), (50, 81), (70, 79), (90, 82), (88, 86), (50, 85.5), (14, 86)]), (250, 250, 255)
        )


def _snore(brush: Brush, mirrored: bool) -> None:
    for x, y, size in ((76, 34, 3.0), (84, 23, 4.0), (92, 10, 5.0)):
        with brush.at(x, y, size, -8, mirrored):
            brush.line(poly([(-1, -1), (1, -1), (-1, 1), (1, 1)], closed=False), 0.6, (92, 120, 200))


def _handset(brush: Brush, mirrored: bool) -> None:
    del mirrored
    with brush.at(78, 42, 1.1, -14):
        brush.shape(box(0, 0, 8, 22, 3), (70, 78, 100))
        brush.plain(box(0, -1, 5, 15, 1), (150, 206, 250))
    for radius in (5, 9):
        brush.line(arc(84, 29, radius, radius, -70, 80), 1.5, (92, 160, 230))


def _laptop(brush: Brush, mirrored: bool) -> None:
    del mirrored
    brush.shape(box(50, 76.5, 38, 23, 3), _GREY)
    brush.plain(heart(50, 76, 3.4), (255, 255, 255))
    brush.shape(box(50, 88.5, 44, 5, 2.2), (170, 178, 194))


def _snap_heart(brush: Brush, mirrored: bool) -> None:
    del mirrored
    brush.shape(heart(84.5, 45.5, 6.6), _RED, line=0.7)
    for x, y in ((75, 41), (94, 41), (84.5, 35)):
        brush.line(poly([(x, y), (x + (x - 84.5) * 0.28, y - 2.4)], closed=False), 1.5, _RED)


def _fist_lines(brush: Brush, mirrored: bool) -> None:
    del mirrored
    for start, end in (((81, 37), (78, 32)), ((89, 35), (90, 29)), ((95, 40), (100, 36))):
        brush.line(poly([start, end], closed=False), 2.0, (240, 110, 60))


def _board(brush: Brush, mirrored: bool) -> None:
    del mirrored
    brush.shape(box(50, 79, 46, 24, 3), (255, 252, 242))


def board_scribble(brush: Brush) -> None:
    """Draws lines of unreadable writing on the sign, for a sign without lettering."""
    for y, half in ((74, 15), (79, 17), (84, 11)):
        brush.line(
            blob([(50 - half, y), (50 - half / 2, y - 0.8), (50, y + 0.6), (50 + half, y)], closed=False), 1.8, _MOTION
        )


EXTRAS: dict[str, tuple[str, Callable[[Brush, bool], None]]] = {
    "wave_arcs": ("top", _wave_arcs), "clap_lines": ("top", _clap_lines), "bow_arcs": ("behind", _bow_arcs),
    "point_lines": ("top", _point_lines), "speed_lines": ("behind", _speed_lines), "shadow": ("behind", _shadow),
    "jump_lines": ("behind", _jump_lines), "pillow": ("behind", _pillow), "blanket": ("top", _blanket),
    "snore": ("top", _snore), "handset": ("top", _handset), "laptop": ("body", _laptop),
    "snap_heart": ("top", _snap_heart), "fist_lines": ("top", _fist_lines), "board": ("body", _board),
}  # fmt: skip
