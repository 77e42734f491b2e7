"""What a character wears: part of who it is, never of what the caption says."""

from __future__ import annotations

from collections.abc import Callable

from training.stickers.brush import Brush, arc, blob, box, ellipse, poly
from training.stickers.catalogue import RGB, Species
from training.stickers.coat import Coat

_RED: RGB = (226, 84, 88)
_BLUE: RGB = (84, 136, 214)
_GREEN: RGB = (98, 168, 120)
_NIGHT: RGB = (64, 72, 96)
_SIDES = (-1, 1)


def draw_neckwear(brush: Brush, name: str) -> None:
    """Draws what is worn on the neck, over the body and under the head; figure frame."""
    if name in _NECK:
        _NECK[name](brush)


def draw_headwear(brush: Brush, name: str, species: Species, coat: Coat) -> None:
    """Draws what is worn on the head; head frame."""
    if name in _HEAD:
        _HEAD[name](brush, species, coat)


def _scarf(brush: Brush) -> None:
    brush.shape(box(58, 74, 7, 16, 2.4), _RED)
    brush.shape(box(50, 65.5, 30, 7.4, 3.6), _RED)


def _bow_tie(brush: Brush) -> None:
    for side in _SIDES:
        brush.shape(poly([(50, 67), (50 + side * 8, 63), (50 + side * 8, 71)]), _BLUE)
    brush.ellipse(50, 67, 2.4, 2.4, _BLUE)


def _bandana(brush: Brush) -> None:
    brush.shape(poly([(37, 63), (63, 63), (50, 76)]), _GREEN)


def _tie(brush: Brush) -> None:
    brush.shape(poly([(48, 64), (52, 64), (54, 78), (50, 82), (46, 78)]), _BLUE)


def _hair_bow(brush: Brush, species: Species, coat: Coat) -> None:
    del species
    with brush.at(-coat.rx * 0.5, -coat.ry * 0.86, 0.95, -20):
        for side in _SIDES:
            brush.shape(blob([(0, 0), (side * 8, -5), (side * 9, 0), (side * 8, 5)], tension=0.12), _RED)
        brush.ellipse(0, 0, 2.6, 2.6, _RED)


def _glasses(brush: Brush, species: Species, coat: Coat) -> None:
    del coat
    for side in _SIDES:
        brush.line(ellipse(side * species.eye_gap, species.eye_y, 7.0, 6.8), 1.3)
    brush.line(arc(0, species.eye_y, max(species.eye_gap - 7.0, 1.5), 1.6, 180, 180), 1.3)


def _cap(brush: Brush, species: Species, coat: Coat) -> None:
    del species
    with brush.at(0, -coat.ry * 0.86):
        brush.shape(blob([(-13, 2), (-11, -7), (0, -10.5), (11, -7), (13, 2)], tension=0.14), _BLUE)
        brush.shape(blob([(1, 1), (14, 0), (22, 3.6), (12, 4.4)]), _BLUE)


def _beanie(brush: Brush, species: Species, coat: Coat) -> None:
    del species
    with brush.at(0, -coat.ry * 0.82):
        brush.shape(blob([(-14, 1), (-12, -8), (0, -13), (12, -8), (14, 1)], tension=0.14), _GREEN)
        brush.shape(box(0, 1, 29, 5.6, 2.6), (240, 236, 226))
        brush.ellipse(0, -13.6, 3.8, 3.8, (240, 236, 226))


def _flower(brush: Brush, species: Species, coat: Coat) -> None:
    del species
    with brush.at(coat.rx * 0.56, -coat.ry * 0.8):
        for turn in range(0, 360, 72):
            with brush.at(0, 0, 1.0, turn):
                brush.ellipse(0, -3.6, 2.7, 3.2, (255, 250, 250), line=0.6)
        brush.ellipse(0, 0, 2.3, 2.3, (255, 200, 66), line=0.5)


def _headset(brush: Brush, species: Species, coat: Coat) -> None:
    del species
    brush.limb(arc(0, 0, coat.rx * 0.99, coat.ry * 1.04, 188, 164), _NIGHT, 2.4)
    for side in _SIDES:
        brush.shape(box(side * coat.rx * 0.98, 1.5, 7, 12, 3), _BLUE)
    brush.limb(blob([(coat.rx * 0.98, 8), (coat.rx * 0.8, 15.5), (10, 16.5)], closed=False), _NIGHT, 1.7)
    brush.ellipse(9.5, 16.4, 2.6, 2.0, _RED, line=0.7)


_NECK: dict[str, Callable[[Brush], None]] = {
    "scarf": _scarf, "bow_tie": _bow_tie, "bandana": _bandana, "tie": _tie,
}  # fmt: skip
_HEAD: dict[str, Callable[[Brush, Species, Coat], None]] = {
    "hair_bow": _hair_bow, "glasses": _glasses,
    "headset": _headset, "cap": _cap, "beanie": _beanie, "flower": _flower,
}  # fmt: skip
