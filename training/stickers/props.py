"""Things: each is drawn around the origin, about 26 hundredths wide and high."""

from __future__ import annotations

from collections.abc import Callable

from training.stickers.brush import Brush, arc, blob, box, ellipse, heart, poly, star
from training.stickers.catalogue import RGB
from training.stickers.marks import question

_KRAFT: RGB = (214, 164, 106)
_TAPE: RGB = (240, 214, 168)
_RED: RGB = (238, 76, 88)
_BLUE: RGB = (92, 156, 232)
_GREEN: RGB = (108, 186, 112)
_GOLD: RGB = (255, 200, 66)
_PAPER: RGB = (255, 252, 244)
_STEEL: RGB = (172, 182, 200)
_NIGHT: RGB = (64, 72, 96)
_GLASS: RGB = (198, 230, 250)
_SIDES = (-1, 1)


def draw_prop(brush: Brush, name: str) -> None:
    """Draws a prop around the origin of the current frame."""
    _PROPS[name](brush)


def _parcel(brush: Brush) -> None:
    brush.shape(box(0, 1, 26, 22, 2), _KRAFT, shade=True)
    brush.plain(box(0, 1, 6, 22), _TAPE)
    brush.line(poly([(-13, -4), (13, -4)], closed=False), 1.2, (166, 118, 72))
    brush.plain(box(7.6, 7.2, 7, 5, 0.8), _PAPER)
    brush.shape(box(0, 1, 26, 22, 2), _KRAFT, alpha=0)


def _truck(brush: Brush) -> None:
    brush.shape(box(-4.5, -2, 22, 19, 2), _BLUE, shade=True)
    brush.shape(poly([(7, -5), (13, -5), (17, 2), (17, 8), (7, 8)]), (250, 250, 250))
    brush.plain(poly([(9, -3), (12.2, -3), (14.8, 2), (9, 2)]), _GLASS)
    brush.plain(box(-4.5, -2, 9, 7, 1), _KRAFT)
    for x in (-9, 10):
        brush.ellipse(x, 9, 4.4, 4.4, _NIGHT)
        brush.plain(ellipse(x, 9, 1.8, 1.8), (230, 230, 236))


def _phone(brush: Brush) -> None:
    brush.shape(box(0, 0, 16, 27, 3.4), _NIGHT)
    brush.plain(box(0, -0.6, 12.4, 20.6, 1.2), (150, 208, 252))
    brush.plain(ellipse(0, 11.6, 1.2, 1.0), (220, 224, 232))
    brush.plain(box(-1, -5, 8, 5, 2), _PAPER)
    brush.plain(box(1.4, 2, 8, 5, 2), (140, 224, 150))


def _heart(brush: Brush) -> None:
    brush.shape(heart(0, -0.5, 12.5), _RED, shade=True)
    brush.plain(ellipse(-5.2, -4.8, 2.5, 1.9), (255, 255, 255), alpha=200)


def _coupon(brush: Brush) -> None:
    brush.shape(box(0, 0, 30, 18, 2), (255, 148, 96), shade=True)
    for side in _SIDES:
        brush.plain(ellipse(side * 15, 0, 2.8, 2.8), _PAPER)
    for y in (-7, -3.5, 0, 3.5, 7):
        brush.plain(box(5.6, y, 1, 2), _PAPER)
    brush.line(poly([(-2, -5), (-9, 5)], closed=False), 1.6, _PAPER)
    brush.plain(ellipse(-8.2, -3.4, 2.2, 2.2), _PAPER)
    brush.plain(ellipse(-2.6, 3.6, 2.2, 2.2), _PAPER)


def _flower(brush: Brush) -> None:
    brush.limb(blob([(0, 0), (0.8, 7), (0, 14)], closed=False), _GREEN, 2.2)
    brush.shape(blob([(0, 10), (5, 5), (9, 6), (5, 11)]), _GREEN, line=0.7)
    for turn in range(0, 360, 72):
        with brush.at(0, -4, 1.0, turn):
            brush.ellipse(0, -5.6, 4.2, 5.0, (248, 136, 168), line=0.8)
    brush.ellipse(0, -4, 3.6, 3.6, _GOLD, line=0.7)


def _clock(brush: Brush) -> None:
    for side in _SIDES:
        with brush.at(side * 8, -10, 1.0, side * 38):
            brush.ellipse(0, 0, 5, 3.4, _RED)
        brush.limb(poly([(side * 6, 9), (side * 9, 13)], closed=False), _RED, 2.4)
    brush.ellipse(0, 1, 12.2, 12.2, _RED, shade=True)
    brush.plain(ellipse(0, 1, 9.2, 9.2), _PAPER)
    brush.line(poly([(0, 1), (0, -5.4)], closed=False), 1.7)
    brush.line(poly([(0, 1), (4.6, 3.4)], closed=False), 1.7)


def _invoice(brush: Brush) -> None:
    zigzag = [(x, 13 if index % 2 else 10.5) for index, x in enumerate((9, 6, 3, 0, -3, -6, -9))]
    brush.shape(poly([(-9, -13), (9, -13), *zigzag]), _PAPER)
    brush.plain(box(0, -9, 11, 2.6, 1), _BLUE)
    for y, width in ((-3.6, 12), (0, 12), (3.6, 8)):
        brush.plain(box(-6 + width / 2, y, width, 1.5, 0.6), (178, 184, 196))
    brush.plain(box(3.4, 7, 6, 2.2, 0.8), _RED)


def _money(brush: Brush) -> None:
    for dx, dy, turn in ((1.5, -3, 10), (0, 1, -4)):
        with brush.at(dx, dy, 1.0, turn):
            brush.shape(box(0, 0, 29, 16, 1.6), (128, 200, 132))
            brush.plain(box(0, 0, 25, 12, 1), (170, 224, 170))
            brush.plain(ellipse(0, 0, 4.2, 4.2), (94, 168, 102))
            brush.plain(box(0, 0, 1.5, 5), _PAPER)


def _coin(brush: Brush) -> None:
    brush.ellipse(0, 0, 12.6, 12.6, _GOLD, shade=True)
    brush.line(ellipse(0, 0, 9.4, 9.4), 1.3, (220, 150, 40))
    brush.line(poly([(-3.6, -5), (0, -0.4), (3.6, -5)], closed=False), 1.8, (190, 120, 30))
    brush.line(poly([(0, -0.4), (0, 6)], closed=False), 1.8, (190, 120, 30))
    for y in (0.6, 3.2):
        brush.line(poly([(-3, y), (3, y)], closed=False), 1.4, (190, 120, 30))


def _tea(brush: Brush) -> None:
    brush.limb(arc(9, 3, 5, 5, -80, 170), (250, 244, 236), 2.6)
    brush.shape(
        blob([(-10, -4), (10, -4), (9, 7), (5, 12), (-5, 12), (-9, 7)], tension=0.1), (250, 244, 236), shade=True
    )
    brush.shape(ellipse(0, -4, 10, 2.8), (190, 122, 68), line=0.8)
    for x in (-4, 3):
        brush.line(
            blob([(x, -8), (x + 1.6, -10.6), (x - 0.6, -12.6), (x + 1, -15)], closed=False), 1.5, (176, 184, 200)
        )


def _gift(brush: Brush) -> None:
    brush.shape(box(0, 4, 23, 18, 1.6), (250, 146, 164), shade=True)
    brush.plain(box(0, 4, 5, 18), _GOLD)
    brush.shape(box(0, -4.4, 27, 6.6, 1.6), (238, 110, 136))
    brush.plain(box(0, -4.4, 5, 6.2), _GOLD)
    for side in _SIDES:
        with brush.at(side * 4.6, -10, 1.0, side * 32):
            brush.ellipse(0, 0, 5.2, 3.2, _GOLD)


def _balloon(brush: Brush) -> None:
    brush.line(blob([(0, 6), (1.6, 10), (-1, 13), (0.4, 17)], closed=False), 1.1)
    brush.shape(blob([(0, -15), (9, -11), (10, -2), (0, 7), (-10, -2), (-9, -11)]), (244, 96, 108), shade=True)
    brush.plain(poly([(-2, 8.4), (2, 8.4), (0, 5.6)]), (214, 70, 86))
    brush.plain(ellipse(-4.4, -8, 1.9, 3.2), (255, 255, 255), alpha=190)


def _cake(brush: Brush) -> None:
    brush.shape(box(0, 6, 27, 13, 2), (250, 214, 160), shade=True)
    brush.shape(
        blob(
            [(-13.5, 0), (-12, -4), (12, -4), (13.5, 0), (10, 4), (6, 1), (2, 5), (-3, 1), (-7, 5), (-11, 2)],
            tension=0.12,
        ),
        (255, 170, 186),
        line=0.8,
    )
    brush.shape(box(0, -8, 2.6, 8, 0.8), _BLUE, line=0.6)
    brush.shape(blob([(0, -16.6), (1.9, -13.4), (0, -12), (-1.9, -13.4)], tension=0.12), _GOLD, line=0.5)


def _bag(brush: Brush) -> None:
    brush.limb(arc(0, -6, 5.6, 8, 180, 180), (230, 120, 90), 2.0)
    brush.shape(poly([(-11, -6), (11, -6), (13, 13), (-13, 13)]), (255, 176, 86), shade=True)
    brush.plain(heart(0, 4, 4.2), _PAPER)


def _cart(brush: Brush) -> None:
    brush.limb(poly([(-15, -10), (-10.5, -10), (-6, 6), (11, 6)], closed=False), _NIGHT, 1.8)
    brush.shape(poly([(-9.4, -6.4), (14, -6.4), (11, 3.4), (-6.8, 3.4)]), (128, 200, 232))
    for x in (-3, 2, 7):
        brush.line(poly([(x, -5.8), (x, 2.8)], closed=False), 1.1, _PAPER)
    for axle in (-3.4, 9):
        brush.ellipse(axle, 10.4, 2.7, 2.7, _NIGHT)


def _key(brush: Brush) -> None:
    with brush.at(0, 0, 1.0, 42):
        brush.limb(poly([(0, -2), (0, 14)], closed=False), _GOLD, 3.0)
        brush.limb(poly([(1, 13), (5, 13)], closed=False), _GOLD, 2.4)
        brush.limb(poly([(1, 8), (4, 8)], closed=False), _GOLD, 2.4)
        brush.limb(ellipse(0, -8, 5.4, 5.4), _GOLD, 3.4)


def _magnifier(brush: Brush) -> None:
    brush.limb(poly([(4, 4), (12, 12)], closed=False), (150, 104, 74), 4.2)
    brush.limb(ellipse(-3, -3, 9, 9), _STEEL, 2.6)
    brush.plain(ellipse(-3, -3, 7.8, 7.8), _GLASS)
    brush.line(arc(-3, -3, 5, 5, 190, 60), 1.5, (255, 255, 255))


def _trophy(brush: Brush) -> None:
    for side in _SIDES:
        brush.limb(arc(side * 9, -5, 5, 5, 0, 359), _GOLD, 2.2)
    brush.shape(blob([(-9, -12), (9, -12), (7.6, 0), (0, 5), (-7.6, 0)], tension=0.1), _GOLD, shade=True)
    brush.shape(box(0, 7, 3.6, 6), _GOLD, line=0.8)
    brush.shape(box(0, 11.6, 15, 4.6, 1), (150, 104, 74))
    brush.plain(star(0, -4.6, 4), _PAPER)


def _letter(brush: Brush) -> None:
    brush.shape(box(0, 0, 28, 19, 1.6), _PAPER, shade=True)
    brush.line(poly([(-13, -8.6), (0, 2), (13, -8.6)], closed=False), 1.5, (190, 176, 160))
    brush.shape(heart(0, 2.4, 3.8), _RED, line=0.5)


def _card(brush: Brush) -> None:
    with brush.at(0, 0, 1.0, -6):
        brush.shape(box(0, 0, 29, 19, 2.4), (112, 120, 214), shade=True)
        brush.plain(box(0, -4.4, 29, 4), _NIGHT)
        brush.plain(box(-8.4, 3.4, 6.4, 4.6, 1), _GOLD)
        brush.plain(box(6, 5.4, 9, 1.7, 0.6), _PAPER)


def _calendar(brush: Brush) -> None:
    brush.shape(box(0, 1, 25, 23, 2), _PAPER)
    brush.shape(box(0, -7.4, 25, 6.6, 2), _RED)
    for x in (-6, 6):
        brush.shape(box(x, -11.6, 2.4, 5, 1.2), _STEEL, line=0.6)
    for row in range(3):
        for column in range(4):
            colour = _RED if (row, column) == (1, 2) else (190, 196, 208)
            brush.plain(box(-7.8 + column * 5.2, -0.6 + row * 4.4, 3.2, 2.7, 0.5), colour)


def _bulb(brush: Brush) -> None:
    brush.shape(
        blob([(0, -14), (8.6, -10), (9, -2.4), (4.2, 4), (-4.2, 4), (-9, -2.4), (-8.6, -10)]),
        (255, 226, 104),
        shade=True,
    )
    brush.shape(box(0, 7.4, 8, 6.6, 1.4), _STEEL)
    brush.line(poly([(-3, -1), (-1.4, -5), (0, -2), (1.4, -5), (3, -1)], closed=False), 1.1, (210, 140, 40))
    for x, y in ((-13, -11), (13, -11), (-14.5, -2), (14.5, -2)):
        brush.line(poly([(x, y), (x * 1.22, y * 1.2)], closed=False), 1.7, _GOLD)


def _wrench(brush: Brush) -> None:
    with brush.at(0, 0, 1.0, 40):
        brush.limb(poly([(0, -5), (0, 12)], closed=False), _STEEL, 4.6)
        brush.limb(arc(0, -9, 5.2, 5.2, -50, 280), _STEEL, 3.6)
        brush.plain(ellipse(0, 10.6, 1.1, 1.1), _PAPER)


def _headset(brush: Brush) -> None:
    brush.limb(arc(0, 1, 10.6, 11.6, 180, 180), _NIGHT, 2.6)
    for side in _SIDES:
        brush.shape(box(side * 10.6, 3.4, 6, 10, 2.8), (100, 176, 232))
    brush.limb(blob([(-10.6, 8), (-8, 12.4), (-1, 13)], closed=False), _NIGHT, 1.6)
    brush.ellipse(0, 13, 2.4, 1.9, _RED, line=0.7)


def _question(brush: Brush) -> None:
    question(brush, 0, 0, 1.75, (96, 128, 226))


def _shield(brush: Brush) -> None:
    brush.shape(
        blob([(0, -13.6), (11, -10), (10, 3), (0, 13.6), (-10, 3), (-11, -10)], tension=0.1),
        (100, 186, 140),
        shade=True,
    )
    brush.line(poly([(-4.6, -0.6), (-1, 3.4), (5.4, -4.4)], closed=False), 2.6, _PAPER)


def _star(brush: Brush) -> None:
    brush.shape(star(0, 0.6, 14.4, 5, 0.54), _GOLD, shade=True)
    brush.plain(ellipse(-3.4, -3.6, 1.6, 1.2), (255, 255, 255), alpha=200)


_PROPS: dict[str, Callable[[Brush], None]] = {
    "parcel": _parcel, "truck": _truck, "phone": _phone, "heart": _heart, "coupon": _coupon, "flower": _flower,
    "clock": _clock, "invoice": _invoice, "money": _money, "coin": _coin, "tea": _tea, "gift": _gift,
    "balloon": _balloon, "cake": _cake, "bag": _bag, "cart": _cart, "key": _key, "magnifier": _magnifier,
    "trophy": _trophy, "letter": _letter, "card": _card, "calendar": _calendar, "bulb": _bulb, "wrench": _wrench,
    "headset": _headset, "question": _question, "shield": _shield, "star": _star,
}  # fmt: skip
