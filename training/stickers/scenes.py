"""Scenes and plain backdrops behind the figure."""

from __future__ import annotations

import random
from collections.abc import Callable

from training.stickers.brush import Brush, arc, blob, box, ellipse, poly, star
from training.stickers.catalogue import RGB

_BACKDROPS: tuple[RGB, ...] = (
    (255, 226, 150), (190, 224, 250), (252, 206, 214), (206, 236, 206), (226, 214, 248), (255, 214, 180),
)  # fmt: skip
_CLOUD: RGB = (255, 255, 255)
_CARD_RADIUS = 14.0


def draw_scene(brush: Brush, name: str, rng: random.Random) -> None:
    """Draws a scene as a card with rounded corners."""
    card = box(50, 50, 94, 94, _CARD_RADIUS)
    with brush.clip(card):
        _SCENES[name](brush, rng)


def draw_backdrop(brush: Brush, name: str, rng: random.Random) -> None:
    """Draws a plain shape behind a figure without scene."""
    colour = rng.choice(_BACKDROPS)
    if name == "disc":
        brush.plain(ellipse(50, 50, 44, 44), colour)
    elif name == "blob":
        brush.plain(blob([(50, 8), (84, 16), (92, 48), (86, 84), (52, 92), (14, 86), (7, 50), (18, 18)]), colour)
    elif name == "rays":
        brush.plain(star(50, 50, 46, 14, 0.84), colour)


def _scatter(rng: random.Random, columns: int, rows: int, top: float, bottom: float) -> list[tuple[float, float]]:
    """Returns points spread evenly but irregularly over the card, row by row."""
    width, height = 92 / columns, (bottom - top) / rows
    return [
        (4 + (column + rng.uniform(0.1, 0.9)) * width, top + (row + rng.uniform(0.1, 0.9)) * height)
        for row in range(rows)
        for column in range(columns)
    ]


def _ground(brush: Brush, sky: RGB, ground: RGB, horizon: float = 76) -> None:
    brush.plain(box(50, 50, 96, 96), sky)
    brush.plain(box(50, horizon + 15, 96, 30), ground)


def _cloud(brush: Brush, x: float, y: float, size: float, colour: RGB = _CLOUD) -> None:
    for dx, dy, radius in ((-1.3, 0.2, 0.8), (0, -0.3, 1.1), (1.3, 0.2, 0.8)):
        brush.plain(ellipse(x + dx * size, y + dy * size, radius * size, radius * size * 0.86), colour)
    brush.plain(box(x, y + size * 0.5, size * 3.4, size * 0.8, size * 0.4), colour)


def _sky(brush: Brush, rng: random.Random) -> None:
    brush.plain(box(50, 50, 96, 96), (142, 206, 250))
    brush.plain(ellipse(84, 15, 9, 9), (255, 222, 92))
    for x, y in ((18, 20), (80, 40), (14, 58)):
        _cloud(brush, x + rng.uniform(-4, 4), y + rng.uniform(-4, 4), 6.5)
    _cloud(brush, 50, 95, 20)


def _rain(brush: Brush, rng: random.Random) -> None:
    _ground(brush, (146, 162, 188), (112, 128, 156), 84)
    for left in (18, 50, 82):
        _cloud(brush, left, 11, 9, (96, 108, 136))
    for x, y in _scatter(rng, 8, 5, 16, 92):
        brush.line(poly([(x, y), (x - 2, y + 7)], closed=False), 1.3, (212, 230, 252))


def _snow(brush: Brush, rng: random.Random) -> None:
    _ground(brush, (170, 200, 230), (250, 252, 255), 78)
    brush.plain(poly([(12, 78), (22, 48), (32, 78)]), (92, 146, 130))
    brush.plain(poly([(74, 78), (84, 42), (94, 78)]), (92, 146, 130))
    for x, y in ((22.0, 48.0), (84.0, 42.0)):
        brush.plain(poly([(x - 4, y + 11), (x, y - 1), (x + 4, y + 11)]), (255, 255, 255))
    for x, y in _scatter(rng, 7, 6, 4, 80):
        brush.plain(ellipse(x, y, 1.7, 1.7), (255, 255, 255))


def _night(brush: Brush, rng: random.Random) -> None:
    _ground(brush, (46, 54, 110), (34, 40, 84), 84)
    brush.plain(ellipse(83, 17, 9, 9), (255, 232, 150))
    brush.plain(ellipse(79, 14, 8, 8), (46, 54, 110))
    for x, y in _scatter(rng, 5, 4, 5, 80):
        brush.plain(star(x, y, 2.4, 4, 0.35), (255, 244, 190))


def _beach(brush: Brush, rng: random.Random) -> None:
    _ground(brush, (158, 216, 250), (248, 224, 164), 78)
    brush.plain(box(50, 67, 96, 24), (78, 170, 220))
    brush.plain(blob([(0, 78), (20, 76), (40, 79), (60, 76), (80, 79), (100, 77), (100, 82), (0, 82)]), (240, 250, 255))
    brush.plain(ellipse(18 + rng.uniform(-3, 3), 17, 8, 8), (255, 214, 92))
    brush.limb(blob([(90, 80), (87, 60), (91, 42)], closed=False), (168, 120, 78), 3.4)
    for turn in (-100, -50, 10, 60):
        with brush.at(91, 42, 1.0, turn):
            brush.plain(blob([(0, 0), (7, -5), (15, -1), (8, 0)]), (86, 170, 100))


def _meadow(brush: Brush, rng: random.Random) -> None:
    _ground(brush, (190, 230, 250), (140, 206, 116), 70)
    brush.plain(blob([(0, 72), (25, 62), (50, 70), (76, 60), (100, 72), (100, 80), (0, 80)]), (118, 190, 104))
    for index, (x, y) in enumerate(_scatter(rng, 7, 2, 76, 96)):
        colour = ((255, 255, 255), (255, 214, 92), (252, 150, 176))[index % 3]
        brush.plain(star(x, y, 2.8, 5, 0.6), colour)


def _office(brush: Brush, rng: random.Random) -> None:
    _ground(brush, (238, 230, 216), (196, 160, 124), 80)
    brush.plain(box(20, 27, 26, 26, 2), (150, 208, 246))
    brush.line(poly([(20, 14), (20, 40)], closed=False), 1.8, (255, 255, 255))
    brush.line(poly([(7, 27), (33, 27)], closed=False), 1.8, (255, 255, 255))
    brush.plain(box(82, 22, 22, 3, 1), (170, 130, 96))
    for index, colour in enumerate(((226, 104, 96), (96, 156, 220), (120, 190, 120), (246, 190, 90))):
        brush.plain(box(74.5 + index * 4.6, 15 + index % 2, 3.8, 11, 0.6), colour)
    brush.plain(box(88, 74, 9, 11, 1.4), (230, 120, 90))
    for turn in (-30, 0, 30):
        with brush.at(88, 69, 1.0, turn + rng.uniform(-4, 4)):
            brush.plain(ellipse(0, -7, 2.8, 8), (96, 170, 104))


def _city(brush: Brush, rng: random.Random) -> None:
    _ground(brush, (250, 214, 190), (130, 134, 150), 84)
    towers = ((10, 46), (25, 62), (40, 38), (60, 44), (76, 68), (91, 52))
    for index, (x, height) in enumerate(towers):
        tone = (148 + index % 3 * 14, 152 + index % 3 * 12, 186 + index % 2 * 10)
        brush.plain(box(x, 84 - height / 2, 14, height), tone)
        for row in range(int(height / 9)):
            for dx in (-3, 3):
                lit = rng.random() < 0.7
                brush.plain(box(x + dx, 84 - height + 6 + row * 9, 3, 4), (255, 232, 150) if lit else (120, 124, 156))


def _warehouse(brush: Brush, rng: random.Random) -> None:
    _ground(brush, (214, 218, 226), (160, 164, 172), 82)
    for y in (30, 54, 78):
        brush.plain(box(50, y, 96, 2.6), (92, 112, 160))
        for left in range(10, 100, 16):
            width, height = rng.uniform(9, 14), rng.uniform(9, 16)
            brush.plain(box(left, y - 1.3 - height / 2, width, height, 0.8), (204, 156, 104))
            brush.plain(box(left, y - 1.3 - height / 2, 2.4, height), (236, 208, 162))
    for x in (3.5, 50, 96.5):
        brush.plain(box(x, 44, 2.6, 76), (92, 112, 160))


def _party(brush: Brush, rng: random.Random) -> None:
    brush.plain(box(50, 50, 96, 96), (252, 222, 236))
    colours: tuple[RGB, ...] = ((240, 100, 110), (250, 196, 70), (110, 190, 130), (100, 160, 236), (176, 130, 226))
    brush.line(blob([(2, 8), (25, 17), (50, 12), (75, 17), (98, 8)], closed=False), 1.2, (150, 130, 150))
    for index in range(7):
        left, top = 8 + index * 14, 15 if index % 2 else 13
        brush.plain(poly([(left - 4.6, top), (left + 4.6, top), (left, top + 9)]), colours[index % 5])
    for index, (x, y) in enumerate(_scatter(rng, 7, 6, 22, 96)):
        with brush.at(x, y, 1.0, rng.uniform(0, 180)):
            brush.plain(box(0, 0, 3.4, 1.7, 0.4), colours[index % 5])


def _rainbow(brush: Brush, rng: random.Random) -> None:
    _ground(brush, (190, 226, 250), (150, 210, 124), 82)
    bands: tuple[RGB, ...] = (
        (238, 92, 92),
        (250, 164, 70),
        (252, 222, 90),
        (110, 196, 120),
        (96, 160, 236),
        (160, 120, 216),
    )
    for index, colour in enumerate(bands):
        radius = 45 - index * 3.8
        brush.line(arc(50, 64, radius, radius * 1.18, 180, 180), 4.2, colour)
    _cloud(brush, 12 + rng.uniform(-2, 2), 70, 7)
    _cloud(brush, 88 + rng.uniform(-2, 2), 70, 7)


_SCENES: dict[str, Callable[[Brush, random.Random], None]] = {
    "sky": _sky, "rain": _rain, "snow": _snow, "night": _night, "beach": _beach, "meadow": _meadow,
    "office": _office, "city": _city, "warehouse": _warehouse, "party": _party, "rainbow": _rainbow,
}  # fmt: skip
