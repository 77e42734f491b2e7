"""Comic marks that go with an expression: blush, tears, sweat, hearts, veins, question marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from training.stickers.brush import Brush, arc, blob, box, drop, ellipse, heart, poly, star
from training.stickers.catalogue import RGB, Species
from training.stickers.coat import Coat
from training.stickers.heads import skull

_SIDES = (-1, 1)
_RED: RGB = (236, 70, 84)
_ROSE: RGB = (255, 132, 142)
_GOLD: RGB = (255, 196, 56)
_TEAR: RGB = (112, 190, 246)
_SWEAT: RGB = (132, 204, 250)
_PURPLE: RGB = (104, 96, 158)


def draw_skin(brush: Brush, names: Iterable[str], species: Species, coat: Coat) -> None:
    """Draws the marks that lie on the skin, under eyes and mouth."""
    chosen = set(names)
    if brush.style.blush and not chosen & {"blush", "deep_blush", "red_face"}:
        chosen.add("faint_blush")
    with brush.clip(skull(species, coat)):
        for name in sorted(chosen & _SKIN.keys()):
            _SKIN[name](brush, species, coat)


def draw_marks(brush: Brush, names: Iterable[str], coat: Coat, mirrored: bool) -> None:
    """Draws the marks on top of the face and around the head; glyphs stay readable in a mirrored figure."""
    for name in names:
        if name in _AROUND:
            _AROUND[name](brush, coat, mirrored)


def _cheeks(brush: Brush, species: Species, rx: float, ry: float, alpha: int) -> None:
    y = max(species.eye_y, 0.5) + 6.6
    for side in _SIDES:
        brush.plain(ellipse(side * 15.2, y, rx, ry), _ROSE, alpha=alpha)


def _faint_blush(brush: Brush, species: Species, coat: Coat) -> None:
    del coat
    _cheeks(brush, species, 3.4, 2.2, 120)


def _blush(brush: Brush, species: Species, coat: Coat) -> None:
    del coat
    _cheeks(brush, species, 4.0, 2.7, 190)


def _deep_blush(brush: Brush, species: Species, coat: Coat) -> None:
    del coat
    _cheeks(brush, species, 5.0, 3.6, 235)
    y = max(species.eye_y, 0.5) + 6.6
    for side in _SIDES:
        for offset in (-1.6, 0.4, 2.4):
            brush.line(
                poly([(side * 15 + offset, y - 1.3), (side * 15 + offset - 1.2, y + 1.3)], closed=False), 0.7, _RED
            )


def _red_face(brush: Brush, species: Species, coat: Coat) -> None:
    brush.plain(skull(species, coat), _RED, alpha=105)


def _gloom(brush: Brush, species: Species, coat: Coat) -> None:
    del species
    brush.plain(box(0, -coat.ry, coat.rx * 2, coat.ry * 0.9), _PURPLE, alpha=70)
    for index, length in enumerate((9, 11, 12, 11, 9)):
        x = (index - 2) * 5.0
        brush.line(poly([(x, -coat.ry), (x, -coat.ry * 0.95 + length * 0.8)], closed=False), 1.1, _PURPLE)


def _puff(brush: Brush, species: Species, coat: Coat) -> None:
    del coat
    _cheeks(brush, species, 4.2, 3.8, 150)


def _streams(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    for side in _SIDES:
        brush.plain(box(side * 10.4, 9 + coat.ry * 0.14, 4.8, coat.ry * 0.8, 2.2), _TEAR, alpha=235)
        brush.plain(box(side * 10.4 - 0.8, 9, 1.1, 9, 0.5), (255, 255, 255), alpha=170)
        brush.shape(drop(side * (coat.rx + 4.0), 6, 2.8), _TEAR, line=0.6)


def _tear(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del coat, mirrored
    brush.shape(drop(-11.8, 10.4, 3.1), _TEAR, line=0.6)


def _joy_tears(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del coat, mirrored
    for side in _SIDES:
        with brush.at(side * 15.8, 2.4, 1.0, side * -38):
            brush.shape(drop(0, 0, 2.5), _TEAR, line=0.6)


def _sweat(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    brush.shape(drop(coat.rx * 0.86, -coat.ry * 0.4, 4.2), _SWEAT, line=0.7)
    brush.plain(ellipse(coat.rx * 0.86 - 1.4, -coat.ry * 0.36, 0.9, 1.3), (255, 255, 255), alpha=210)


def _sweats(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    for side in _SIDES:
        for x, y, turn, size in ((1.16, -0.2, 64, 2.7), (1.08, -0.74, 40, 2.9)):
            with brush.at(side * coat.rx * x, coat.ry * y, 1.0, side * turn):
                brush.shape(drop(0, 0, size), _SWEAT, line=0.6)


def _vein(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    with brush.at(coat.rx * 0.84, -coat.ry * 0.86, 1.1):
        for turn in (0, 90, 180, 270):
            with brush.at(0, 0, 1.0, turn):
                brush.line(blob([(1.4, -5.4), (1.8, -1.8), (5.4, -1.4)], closed=False), 2.0, _RED)


def _steam(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    for side in _SIDES:
        x = side * (coat.rx + 5.5)
        for dx, dy, radius in ((0, 0, 3.6), (3.8, -2.2, 3.0), (1.2, -4.6, 2.6)):
            brush.plain(ellipse(x + side * dx, -3 + dy, radius, radius), (232, 232, 240))


def _hearts(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    for x, y, size in ((1.12, -0.86, 5.0), (-1.14, -0.66, 3.8), (1.34, -0.28, 3.2)):
        brush.shape(heart(coat.rx * x, coat.ry * y, size), _RED, line=0.6)


def _kiss_heart(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    brush.shape(heart(coat.rx * 0.66, coat.ry * 0.62, 4.0), _RED, line=0.6)
    brush.shape(heart(coat.rx * 1.12, coat.ry * 0.3, 3.0), _RED, line=0.6)


def _sparkles(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    for x, y, size in ((1.14, -0.72, 6.0), (-1.16, -0.5, 4.8), (-0.96, -0.98, 3.4), (1.26, 0.0, 3.4)):
        brush.shape(star(coat.rx * x, coat.ry * y, size, 4, 0.34), _GOLD, line=0.5)


def _burst(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    for side in _SIDES:
        for dx, dy in ((1.0, -0.9), (1.2, -0.55), (0.74, -1.14)):
            start = (side * coat.rx * dx, coat.ry * dy)
            brush.line(poly([start, (start[0] * 1.2, start[1] * 1.2 - 1)], closed=False), 1.8, _GOLD)


def _lines(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    for side in _SIDES:
        for dx, dy in ((1.12, -0.6), (1.16, -0.2), (0.96, -0.94)):
            start = (side * coat.rx * dx, coat.ry * dy)
            brush.line(poly([start, (start[0] * 1.22, start[1] * 1.22)], closed=False), 1.5)


def _exclaim(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    with brush.at(coat.rx * 1.12, -coat.ry * 0.82, 1.0, 14):
        brush.shape(blob([(-2.2, -7.6), (2.2, -7.6), (1.1, 2.0), (-1.1, 2.0)], tension=0.1), _RED, line=0.6)
        brush.ellipse(0, 5.4, 1.9, 1.9, _RED, line=0.6)


def question(brush: Brush, x: float, y: float, size: float, colour: RGB, mirrored: bool = False) -> None:
    """Draws a question mark around a centre."""
    with brush.at(x, y, size, 8, mirrored):
        hook = blob(
            [(-3.4, -3.6), (-1.8, -6.4), (1.4, -6.6), (3.4, -4.2), (2.2, -1.2), (0.2, 0.6), (0, 3)], closed=False
        )
        brush.limb(hook, colour, 2.7)
        brush.ellipse(0, 7.2, 1.7, 1.7, colour, line=0.6)


def _question(brush: Brush, coat: Coat, mirrored: bool) -> None:
    question(brush, coat.rx * 1.14, -coat.ry * 0.8, 1.05, (96, 128, 226), mirrored)


def _stars(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    brush.line(ellipse(0, -coat.ry - 1.5, 17, 4.4), 0.8, _GOLD)
    for x, y in ((-15, -0.4), (0, 3.0), (15, -0.4), (2, -5.4)):
        brush.shape(star(x, -coat.ry - 1.5 + y, 4.2), _GOLD, line=0.6)


def _dots(brush: Brush, coat: Coat, mirrored: bool) -> None:
    del mirrored
    for index in range(3):
        brush.ellipse(coat.rx * 0.98 + index * 4.6, -coat.ry * 0.86 - index * 0.8, 1.7, 1.7, (120, 124, 140), line=0)


def _zzz(brush: Brush, coat: Coat, mirrored: bool) -> None:
    for x, y, size in ((1.0, -0.66, 2.6), (1.26, -0.96, 3.4)):
        with brush.at(coat.rx * x, coat.ry * y, size, -8, mirrored):
            brush.line(poly([(-1, -1), (1, -1), (-1, 1), (1, 1)], closed=False), 0.62, (92, 120, 200))


def _notes(brush: Brush, coat: Coat, mirrored: bool) -> None:
    with brush.at(coat.rx * 1.16, -coat.ry * 0.72, 1.1, 6, mirrored):
        brush.line(poly([(1.6, 3.4), (1.6, -5.2), (5.0, -3.6)], closed=False), 1.5, (110, 96, 190))
        brush.plain(ellipse(-0.2, 3.6, 2.3, 1.8), (110, 96, 190))
    brush.line(arc(-coat.rx * 1.16, -coat.ry * 0.5, 4, 4, 140, 120), 1.2, (110, 96, 190))


_SKIN: dict[str, Callable[[Brush, Species, Coat], None]] = {
    "faint_blush": _faint_blush, "blush": _blush, "deep_blush": _deep_blush, "red_face": _red_face, "gloom": _gloom,
    "puff": _puff,
}  # fmt: skip
_AROUND: dict[str, Callable[[Brush, Coat, bool], None]] = {
    "streams": _streams, "tear": _tear, "joy_tears": _joy_tears, "sweat": _sweat, "sweats": _sweats, "vein": _vein,
    "steam": _steam, "hearts": _hearts, "kiss_heart": _kiss_heart, "sparkles": _sparkles, "burst": _burst,
    "lines": _lines, "exclaim": _exclaim, "question": _question, "stars": _stars, "dots": _dots, "zzz": _zzz,
    "notes": _notes,
}  # fmt: skip
