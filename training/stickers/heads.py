"""Heads: the skull, markings and muzzle of every species, drawn around the origin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from training.stickers import ears
from training.stickers.brush import Brush, arc, blob, box, ellipse, heart, poly
from training.stickers.catalogue import Species
from training.stickers.coat import Coat
from training.stickers.colour import darken, lighten, mix

_SIDES = (-1, 1)


def draw_skull(brush: Brush, species: Species, coat: Coat) -> None:
    """Draws the skull and its markings."""
    brush.shape(skull(species, coat), coat.main, shade=True)
    if species.muzzle in _MARKINGS:
        with brush.clip(skull(species, coat)):
            _MARKINGS[species.muzzle](brush, coat)
        brush.shape(skull(species, coat), coat.main, alpha=0)
    ears.draw_forehead(brush, species, coat)


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
