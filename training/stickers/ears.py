"""Ears, crests and manes, drawn around the origin of the head."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from training.stickers.brush import Brush, blob, box, ellipse, poly, star
from training.stickers.catalogue import Species
from training.stickers.coat import Coat
from training.stickers.colour import darken, mix

_SIDES = (-1, 1)


def draw_ears(brush: Brush, species: Species, coat: Coat) -> None:
    """Draws what lies behind the skull."""
    _EARS[species.ears](brush, coat)


def draw_forehead(brush: Brush, species: Species, coat: Coat) -> None:
    """Draws what hangs over the skull: floppy ears, a fleece, the eyes of a frog."""
    if species.ears in _FOREHEADS:
        _FOREHEADS[species.ears](brush, coat)


def _pointed(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.shape(_ear(side, coat, 0.9, 0.18, 1.5), coat.main)
        brush.plain(_ear(side, coat, 0.8, 0.34, 1.26), coat.accent)


def _ear(side: int, coat: Coat, outer: float, inner: float, tip: float) -> Any:
    rx, ry = coat.rx, coat.ry
    return blob(
        [
            (side * rx * outer, -ry * 0.3),
            (side * rx * outer * 0.98, -ry * tip * 0.8),
            (side * rx * 0.82, -ry * tip),
            (side * rx * (inner + 0.32), -ry * 1.14),
            (side * rx * inner, -ry * 0.8),
        ],
        tension=0.1,
    )


def _fox(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        ear = _ear(side, coat, 0.95, 0.16, 1.72)
        brush.shape(ear, coat.main)
        with brush.clip(ear):
            brush.plain(box(side * coat.rx * 0.8, -coat.ry * 1.7, 24, 13), coat.accent)
        brush.plain(_ear(side, coat, 0.82, 0.38, 1.3), coat.second)


def _floppy(brush: Brush, coat: Coat) -> None:
    del brush, coat  # They hang in front of the skull: see `_floppy_front`.


def _floppy_front(brush: Brush, coat: Coat) -> None:
    rx, ry = coat.rx, coat.ry
    for side in _SIDES:
        brush.shape(
            blob(
                [
                    (side * rx * 0.55, -ry * 0.88),
                    (side * rx * 0.98, -ry * 0.72),
                    (side * rx * 1.28, ry * 0.1),
                    (side * rx * 1.1, ry * 0.55),
                    (side * rx * 0.82, ry * 0.2),
                    (side * rx * 0.74, -ry * 0.4),
                ]
            ),
            darken(coat.main, 0.28),
        )


def _round(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.ellipse(side * coat.rx * 0.74, -coat.ry * 0.78, 8, 8, coat.main)
        brush.ellipse(side * coat.rx * 0.74, -coat.ry * 0.76, 4.6, 4.6, mix(coat.main, coat.accent, 0.55), line=0)


def _panda_ears(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.ellipse(side * coat.rx * 0.74, -coat.ry * 0.8, 8.2, 8.2, coat.second)


def _long(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        with brush.at(side * coat.rx * 0.42, -coat.ry * 0.75, 1.0, side * 10):
            brush.ellipse(0, -8, 6.2, 13, coat.main)
            brush.ellipse(0, -7.5, 3.2, 9, (250, 186, 190), line=0)


def _none(brush: Brush, coat: Coat) -> None:
    del brush, coat


def _frog_ears(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.ellipse(side * 12.5, -14.5, 9.5, 9.5, coat.main)


def _frog_front(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.plain(ellipse(side * 12.5, -13.2, 8.4, 8.0), coat.main)
        brush.plain(ellipse(side * 12.5, -13.5, 6.9, 6.9), (255, 255, 252))


def _tuft(brush: Brush, coat: Coat) -> None:
    for turn in (-26, 0, 26):
        with brush.at(0, -coat.ry * 0.9, 1.0, turn):
            brush.ellipse(0, -5, 2.6, 6, coat.main)


def _antenna(brush: Brush, coat: Coat) -> None:
    brush.limb(blob([(0, -coat.ry), (0, -coat.ry - 9)], closed=False), coat.main, 2.2)
    brush.ellipse(0, -coat.ry - 11, 4.2, 4.2, coat.accent)
    for side in _SIDES:
        brush.shape(box(side * (coat.rx + 2), 0, 7, 13, 3), coat.accent)


def _pig_ears(brush: Brush, coat: Coat) -> None:
    rx, ry = coat.rx, coat.ry
    for side in _SIDES:
        brush.shape(
            blob(
                [
                    (side * rx * 0.3, -ry * 0.86),
                    (side * rx * 0.62, -ry * 1.36),
                    (side * rx * 1.06, -ry * 1.12),
                    (side * rx * 1.0, -ry * 0.7),
                    (side * rx * 0.85, -ry * 0.4),
                ],
                tension=0.12,
            ),
            mix(coat.main, coat.accent, 0.45),
        )


def _fluffy(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.ellipse(side * coat.rx * 0.98, -coat.ry * 0.5, 11.5, 11, coat.main)
        brush.ellipse(side * coat.rx * 1.0, -coat.ry * 0.46, 7, 7, (246, 206, 212), line=0)


def _mane(brush: Brush, coat: Coat) -> None:
    brush.shape(star(0, 0.5, coat.rx * 1.34, 13, 0.86), coat.accent, shade=True)
    _round(brush, coat)


def _disc(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.ellipse(side * coat.rx * 0.88, -coat.ry * 0.78, 11.5, 11.5, coat.main)
        brush.ellipse(side * coat.rx * 0.88, -coat.ry * 0.76, 7.6, 7.6, (248, 192, 196), line=0)


def _wool(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        with brush.at(side * coat.rx * 1.0, -1, 1.0, side * 24):
            brush.ellipse(side * 2, 2, 8, 4.6, coat.second)


def _wool_front(brush: Brush, coat: Coat) -> None:
    rx, ry = coat.rx, coat.ry
    curls = [(-0.8, -0.42, 6.5), (-0.6, -0.85, 7.5), (0.0, -1.05, 8.5), (0.6, -0.85, 7.5), (0.8, -0.42, 6.5)]
    for x, y, radius in curls:
        brush.ellipse(x * rx, y * ry, radius, radius, coat.main)
    for x, y, radius in curls:
        brush.plain(ellipse(x * rx * 0.94, y * ry + 1, radius * 0.92, radius * 0.86), coat.main)


def _tufts(brush: Brush, coat: Coat) -> None:
    rx, ry = coat.rx, coat.ry
    for side in _SIDES:
        brush.shape(
            poly([(side * rx * 0.95, -ry * 0.2), (side * rx * 0.98, -ry * 1.28), (side * rx * 0.3, -ry * 0.85)]),
            coat.main,
        )


def _flaps(brush: Brush, coat: Coat) -> None:
    rx, ry = coat.rx, coat.ry
    for side in _SIDES:
        brush.shape(
            blob(
                [
                    (side * rx * 0.6, -ry * 0.7),
                    (side * rx * 1.25, -ry * 0.9),
                    (side * rx * 1.62, -ry * 0.2),
                    (side * rx * 1.4, ry * 0.55),
                    (side * rx * 0.9, ry * 0.4),
                ]
            ),
            coat.main,
        )
        brush.plain(ellipse(side * rx * 1.24, -ry * 0.14, 6, 9), (244, 190, 200))


def _spikes(brush: Brush, coat: Coat) -> None:
    for x, y, turn in ((-11, -18.5, -30), (0, -22, 0), (11, -18.5, 30)):
        with brush.at(x, y, 1.0, turn):
            brush.shape(poly([(-6, 4), (0, -9), (6, 4)]), coat.accent)


_Part = Callable[[Brush, Coat], None]
_EARS: dict[str, _Part] = {
    "pointed": _pointed, "fox": _fox, "floppy": _floppy, "round": _round, "panda": _panda_ears, "long": _long,
    "none": _none, "frog": _frog_ears, "tuft": _tuft, "antenna": _antenna, "pig": _pig_ears, "fluffy": _fluffy,
    "mane": _mane, "disc": _disc, "wool": _wool, "tufts": _tufts, "flaps": _flaps, "spikes": _spikes,
}  # fmt: skip
_FOREHEADS: dict[str, _Part] = {"floppy": _floppy_front, "frog": _frog_front, "wool": _wool_front}
