"""Heads: the skull, ears and muzzle of every species, drawn around the origin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from training.stickers.brush import Brush, arc, blob, box, ellipse, heart, poly, star
from training.stickers.catalogue import RGB, Species
from training.stickers.colour import darken, lighten, mix

_SIDES = (-1, 1)


@dataclass(frozen=True, slots=True)
class Coat:
    """The colours of a character and the half-axes of its head."""

    main: RGB
    second: RGB
    accent: RGB
    rx: float
    ry: float


def draw_ears(brush: Brush, species: Species, coat: Coat) -> None:
    """Draws what lies behind the skull."""
    _EARS[species.ears](brush, coat)


def draw_skull(brush: Brush, species: Species, coat: Coat) -> None:
    """Draws the skull and its markings."""
    brush.shape(skull(species, coat), coat.main, shade=True)
    if species.muzzle in _MARKINGS:
        with brush.clip(skull(species, coat)):
            _MARKINGS[species.muzzle](brush, coat)
        brush.shape(skull(species, coat), coat.main, alpha=0)
    if species.ears in _FOREHEADS:
        _FOREHEADS[species.ears](brush, coat)


def draw_muzzle(brush: Brush, species: Species, coat: Coat) -> None:
    """Draws nose, snout, beak or whiskers."""
    if species.muzzle in _MUZZLES:
        _MUZZLES[species.muzzle](brush, coat)


def skull(species: Species, coat: Coat) -> Any:
    """Returns the outline of the skull."""
    rx, ry = coat.rx, coat.ry
    if species.head_shape == "square":
        return box(0, 0, rx * 2, ry * 2, 9)
    if species.head_shape == "cheeks":
        return blob(
            [
                (0, -ry),
                (rx * 0.6, -ry * 0.85),
                (rx * 0.9, -ry * 0.1),
                (rx * 1.08, ry * 0.42),
                (rx * 0.6, ry * 0.8),
                (0, ry),
                (-rx * 0.6, ry * 0.8),
                (-rx * 1.08, ry * 0.42),
                (-rx * 0.9, -ry * 0.1),
                (-rx * 0.6, -ry * 0.85),
            ]
        )
    # Wider below than above: the baby schema that makes a face likeable.
    return blob(
        [
            (0, -ry),
            (rx * 0.66, -ry * 0.78),
            (rx * 0.97, -ry * 0.1),
            (rx * 0.9, ry * 0.52),
            (rx * 0.5, ry * 0.92),
            (0, ry),
            (-rx * 0.5, ry * 0.92),
            (-rx * 0.9, ry * 0.52),
            (-rx * 0.97, -ry * 0.1),
            (-rx * 0.66, -ry * 0.78),
        ]
    )


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


def _cat_stripes(brush: Brush, coat: Coat) -> None:
    for x, length in ((-5, 6), (0, 8.5), (5, 6)):
        brush.plain(box(x, -coat.ry, 2.2, length * 2, 1), darken(coat.main, 0.3))
    brush.plain(ellipse(0, coat.ry * 0.62, 10, 8), lighten(coat.main, 0.6))


def _dog_patch(brush: Brush, coat: Coat) -> None:
    brush.plain(ellipse(coat.rx * 0.42, -1, 9, 10), darken(coat.main, 0.2))
    brush.plain(ellipse(0, coat.ry * 0.5, 12, 9.5), lighten(coat.main, 0.65))


def _bear_muzzle(brush: Brush, coat: Coat) -> None:
    brush.plain(ellipse(0, coat.ry * 0.46, 10.5, 8.4), lighten(coat.main, 0.62))


def _penguin_mask(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.plain(ellipse(side * 9, 2, 11.5, 13), coat.second)
    brush.plain(ellipse(0, 12, 17, 11), coat.second)


def _panda_patches(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        with brush.at(side * 10.4, 2.4, 1.0, side * 28):
            brush.plain(ellipse(0, 0, 6.6, 8.4), mix(coat.second, coat.main, 0.16))


def _fox_mask(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.plain(ellipse(side * coat.rx * 0.72, coat.ry * 0.8, 15, 13), coat.second)


def _tiger_stripes(brush: Brush, coat: Coat) -> None:
    rx, ry = coat.rx, coat.ry
    brush.plain(ellipse(0, ry * 0.5, 12, 8.6), coat.second)
    brush.plain(box(0, -ry, 2.4, 20, 1), coat.accent)
    for y, half in ((-ry * 0.86, 7), (-ry * 0.66, 5)):
        brush.plain(box(0, y, half * 2, 2.2, 1), coat.accent)
    for side in _SIDES:
        for y in (2.0, 8.0):
            brush.plain(
                poly([(side * rx * 1.1, y - 2.2), (side * rx * 0.66, y + 1), (side * rx * 1.1, y + 2.2)]), coat.accent
            )


def _robot_plate(brush: Brush, coat: Coat) -> None:
    brush.plain(box(0, 1, coat.rx * 1.62, coat.ry * 1.5, 7), coat.second)


def _sheep_face(brush: Brush, coat: Coat) -> None:
    brush.plain(ellipse(0, 3, coat.rx * 0.84, coat.ry * 0.92), coat.second)


def _owl_discs(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.plain(ellipse(side * 10.5, 1, 11.5, 11.5), coat.second)


def _dino_jaw(brush: Brush, coat: Coat) -> None:
    brush.plain(ellipse(0, coat.ry * 0.85, coat.rx * 0.8, 9.5), coat.second)


def _cat_nose(brush: Brush, coat: Coat) -> None:
    brush.plain(poly([(-2, 5.6), (2, 5.6), (0, 8)]), darken(coat.accent, 0.1))
    _whiskers(brush)


def _whiskers(brush: Brush) -> None:
    for side in _SIDES:
        for start, end in ((7, 5.5), (10, 10.5)):
            brush.line(poly([(side * 17, start), (side * 27, end)], closed=False), 0.9)


def _nose(brush: Brush, size: float, y: float = 5.6) -> None:
    brush.dark(ellipse(0, y, size, size * 0.74))
    brush.plain(ellipse(-size * 0.3, y - size * 0.28, size * 0.3, size * 0.2), (255, 255, 255), alpha=190)


def _dog_nose(brush: Brush, coat: Coat) -> None:
    del coat
    _nose(brush, 3.7)


def _bear_nose(brush: Brush, coat: Coat) -> None:
    del coat
    _nose(brush, 3.1)


def _rabbit_nose(brush: Brush, coat: Coat) -> None:
    del coat
    brush.plain(heart(0, 6.4, 1.9), (240, 120, 140))


def _panda_nose(brush: Brush, coat: Coat) -> None:
    del coat
    _nose(brush, 2.7, 6.4)


def _frog_nose(brush: Brush, coat: Coat) -> None:
    del coat
    for side in _SIDES:
        brush.dark(ellipse(side * 2.2, -1.6, 0.8, 0.6))


def _beak(brush: Brush, coat: Coat) -> None:
    brush.shape(blob([(-5, 6.2), (0, 3.6), (5, 6.2), (0, 9.8)], tension=0.12), coat.accent, line=0.7)


def _fox_nose(brush: Brush, coat: Coat) -> None:
    del coat
    _nose(brush, 2.6, 7.0)


def _robot_bolts(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.plain(ellipse(side * coat.rx * 0.9, -coat.ry * 0.82, 1.2, 1.2), darken(coat.main, 0.3))


def _snout(brush: Brush, coat: Coat) -> None:
    brush.ellipse(0, 6.6, 7.2, 5.0, coat.accent, line=0.7)
    for side in _SIDES:
        brush.plain(ellipse(side * 2.5, 6.6, 1.1, 1.8), darken(coat.accent, 0.4))


def _koala_nose(brush: Brush, coat: Coat) -> None:
    del coat
    brush.dark(ellipse(0, 4.2, 3.9, 6.0))
    brush.plain(ellipse(-1.2, 1.2, 1, 1.6), (255, 255, 255), alpha=150)


def _mouse_nose(brush: Brush, coat: Coat) -> None:
    brush.plain(ellipse(0, coat.ry * 0.5, 8.4, 6.6), coat.second)
    brush.plain(ellipse(0, 6.4, 2.8, 2.2), (236, 112, 132))
    _whiskers(brush)


def _sheep_nose(brush: Brush, coat: Coat) -> None:
    brush.plain(poly([(-2.2, 5.8), (2.2, 5.8), (0, 8)]), darken(coat.second, 0.45))


def _trunk(brush: Brush, coat: Coat) -> None:
    brush.limb(blob([(0, 4), (-1, 12), (-5, 18), (-12, 18.5)], closed=False), coat.main, 7.0)
    for y in (9.5, 13):
        brush.line(arc(-1, y - 2, 3, 2.4, 40, 100), 0.9, darken(coat.main, 0.3))


def _dino_nose(brush: Brush, coat: Coat) -> None:
    for side in _SIDES:
        brush.plain(ellipse(side * 3.0, 6.6, 1.1, 0.9), darken(coat.main, 0.4))


_Part = Callable[[Brush, Coat], None]

_EARS: dict[str, _Part] = {
    "pointed": _pointed, "fox": _fox, "floppy": _floppy, "round": _round, "panda": _panda_ears, "long": _long,
    "none": _none, "frog": _frog_ears, "tuft": _tuft, "antenna": _antenna, "pig": _pig_ears, "fluffy": _fluffy,
    "mane": _mane, "disc": _disc, "wool": _wool, "tufts": _tufts, "flaps": _flaps, "spikes": _spikes,
}  # fmt: skip
_FOREHEADS: dict[str, _Part] = {"floppy": _floppy_front, "frog": _frog_front, "wool": _wool_front}
_MARKINGS: dict[str, _Part] = {
    "cat": _cat_stripes, "dog": _dog_patch, "bear": _bear_muzzle, "penguin": _penguin_mask, "panda": _panda_patches,
    "fox": _fox_mask, "tiger": _tiger_stripes, "robot": _robot_plate, "sheep": _sheep_face, "owl": _owl_discs,
    "dinosaur": _dino_jaw,
}  # fmt: skip
_MUZZLES: dict[str, _Part] = {
    "cat": _cat_nose, "dog": _dog_nose, "bear": _bear_nose, "rabbit": _rabbit_nose, "penguin": _beak,
    "panda": _panda_nose, "frog": _frog_nose, "chick": _beak, "fox": _fox_nose, "robot": _robot_bolts,
    "pig": _snout, "koala": _koala_nose, "tiger": _bear_nose, "mouse": _mouse_nose, "sheep": _sheep_nose,
    "owl": _beak, "elephant": _trunk, "dinosaur": _dino_nose,
}  # fmt: skip
