"""Bodies, legs, tails, arms and hands."""

from __future__ import annotations

from collections.abc import Callable

from training.stickers.brush import Brush, blob, box, ellipse, poly, star
from training.stickers.catalogue import RGB, Species
from training.stickers.coat import Coat
from training.stickers.colour import darken, lighten
from training.stickers.poses import Arm, Pose

_SIDES = (-1, 1)
_BODY_Y = 75.5
_SHOULDER_Y = 67.0
_LIMB = 8.2
# Hands that say something are drawn larger than life.
_HAND_SCALES = {
    "open": 1.12,
    "thumb": 1.28,
    "ok": 1.25,
    "snap": 1.2,
    "index": 1.15,
    "fist": 1.12,
    "palm": 1.3,
    "prayer": 1.25,
    "tray": 1.3,
}


def limb_colour(species: Species, coat: Coat) -> RGB:
    """Returns the colour of arms and legs."""
    if species.body in ("panda", "wool"):
        return coat.second
    return coat.main


def draw_tail(brush: Brush, species: Species, coat: Coat) -> None:
    """Draws the tail, behind everything."""
    if species.tail in _TAILS:
        _TAILS[species.tail](brush, coat)


def draw_legs(brush: Brush, species: Species, coat: Coat, pose: Pose) -> None:
    """Draws the feet in the posture's manner."""
    if species.body == "ghost" or pose.legs == "hidden":
        return
    colour = coat.accent if species.muzzle in ("penguin", "chick", "owl") else limb_colour(species, coat)
    if pose.legs == "run":
        for path in ([(45, 84), (38, 90), (29, 88)], [(55, 84), (62, 88), (70, 93)]):
            brush.limb(blob(path, closed=False), colour, _LIMB)
        return
    spread, drop_y = (9.5, 93.0) if pose.legs == "jump" else (7.6, 90.0)
    for side in _SIDES:
        if pose.legs == "jump":
            brush.limb(blob([(50 + side * 7, 84), (50 + side * spread, drop_y - 1)], closed=False), colour, _LIMB)
        brush.ellipse(50 + side * spread, drop_y, 6.6, 4.4, colour)


def draw_body(brush: Brush, species: Species, coat: Coat) -> None:
    """Draws the trunk."""
    _BODIES[species.body](brush, coat)


def draw_arm(brush: Brush, arm: Arm, side: int, colour: RGB) -> None:
    """Draws an arm from the shoulder to its hand.

    Args:
        brush: In the frame of the figure.
        arm: Its posture.
        side: -1 for the viewer's left, 1 for the right.
        colour: Colour of the limb.
    """
    shoulder = (50 + side * 11.0, _SHOULDER_Y + 1.5)
    middle = ((shoulder[0] + arm.hand[0]) / 2 + side * arm.bend, (shoulder[1] + arm.hand[1]) / 2 + abs(arm.bend) * 0.5)
    brush.limb(blob([shoulder, middle, arm.hand], closed=False), colour, _LIMB * 0.92)
    with brush.at(*arm.hand, _HAND_SCALES.get(arm.kind, 1.0), arm.turn, flip=side < 0):
        HANDS[arm.kind](brush, brush.apart(lighten(colour, 0.12)))


def _egg(width: float, height: float) -> object:
    return blob(
        [
            (50, _BODY_Y - height),
            (50 + width * 0.8, _BODY_Y - height * 0.5),
            (50 + width, _BODY_Y + height * 0.45),
            (50 + width * 0.6, _BODY_Y + height * 0.94),
            (50, _BODY_Y + height),
            (50 - width * 0.6, _BODY_Y + height * 0.94),
            (50 - width, _BODY_Y + height * 0.45),
            (50 - width * 0.8, _BODY_Y - height * 0.5),
        ]
    )


def _round(brush: Brush, coat: Coat) -> None:
    brush.shape(_egg(16, 15), coat.main, shade=True)
    brush.plain(ellipse(50, _BODY_Y + 3, 9.5, 9.5), lighten(coat.main, 0.5))


def _belly(brush: Brush, coat: Coat) -> None:
    brush.shape(_egg(16.5, 15.5), coat.main, shade=True)
    brush.plain(ellipse(50, _BODY_Y + 2, 11.5, 12), coat.second)


def _panda(brush: Brush, coat: Coat) -> None:
    body = _egg(16.5, 15)
    brush.shape(body, coat.main, shade=True)
    with brush.clip(body):
        brush.plain(box(50, 66, 40, 10), coat.second)
    brush.shape(body, coat.main, alpha=0)


def _wool(brush: Brush, coat: Coat) -> None:
    brush.shape(star(50, _BODY_Y, 19, 11, 0.88), coat.main, line=0)
    spots = [(-13, -5), (-14.5, 5), (-7, 12), (7, 12), (14.5, 5), (13, -5), (0, -11)]
    for x, y in spots:
        brush.ellipse(50 + x, _BODY_Y + y, 6.4, 6.4, coat.main)
    brush.plain(ellipse(50, _BODY_Y, 15, 13), coat.main)


def _robot(brush: Brush, coat: Coat) -> None:
    brush.shape(box(50, _BODY_Y, 29, 28, 6), coat.main, shade=True)
    brush.shape(box(50, _BODY_Y + 1, 17, 13, 3), coat.second, line=0.6)
    brush.plain(ellipse(46.5, _BODY_Y + 1, 1.9, 1.9), coat.accent)
    brush.plain(box(52.5, _BODY_Y + 1, 6, 2.2, 1), darken(coat.main, 0.3))


def _ghost(brush: Brush, coat: Coat) -> None:
    brush.shape(
        blob(
            [
                (50, 56),
                (66, 62),
                (70, 78),
                (71.5, 91),
                (65, 94),
                (60, 89),
                (54, 94),
                (48, 89),
                (42, 94),
                (36, 89),
                (29, 93),
                (30, 78),
                (34, 62),
            ]
        ),
        coat.main,
        shade=True,
    )


def _curl(brush: Brush, coat: Coat) -> None:
    brush.limb(blob([(62, 84), (74, 86), (80, 77), (75, 70)], closed=False), coat.main, 5.2)


def _short(brush: Brush, coat: Coat) -> None:
    brush.limb(blob([(63, 82), (70, 79), (73, 73)], closed=False), coat.main, 5.4)


def _puff(brush: Brush, coat: Coat) -> None:
    brush.ellipse(67, 83, 5.6, 5.6, lighten(coat.main, 0.4))


def _bushy(brush: Brush, coat: Coat) -> None:
    tail = blob([(60, 84), (70, 88), (82, 82), (86, 68), (78, 62), (72, 70), (66, 76)])
    brush.shape(tail, coat.main, shade=True)
    with brush.clip(tail):
        brush.plain(ellipse(82, 63, 9, 8), coat.second)


def _twirl(brush: Brush, coat: Coat) -> None:
    brush.limb(blob([(63, 80), (69, 82), (71, 77), (67, 75), (70, 71)], closed=False), coat.accent, 2.2)


def _striped(brush: Brush, coat: Coat) -> None:
    _curl(brush, coat)
    brush.line(poly([(74.5, 83), (78, 87)], closed=False), 2.2, coat.accent)
    brush.line(poly([(76.6, 78), (82, 79.5)], closed=False), 2.2, coat.accent)


def _tuft(brush: Brush, coat: Coat) -> None:
    brush.limb(blob([(62, 84), (72, 85), (78, 78)], closed=False), coat.main, 3.4)
    brush.ellipse(79, 75, 4.6, 5.2, coat.accent)


def _long(brush: Brush, coat: Coat) -> None:
    del coat
    brush.limb(blob([(60, 86), (72, 90), (82, 84), (85, 74), (82, 68)], closed=False), (244, 176, 182), 2.8)


def _dino(brush: Brush, coat: Coat) -> None:
    brush.shape(blob([(58, 72), (68, 80), (84, 80), (76, 90), (58, 90)], tension=0.14), coat.main)


def _mitt(brush: Brush, colour: RGB) -> None:
    brush.ellipse(0, 0, 5.4, 5.2, colour)


def _fingers(brush: Brush, colour: RGB, turns: tuple[int, ...], length: float = 4.4) -> None:
    for turn in turns:
        with brush.at(0, 0, 1.0, turn):
            brush.ellipse(0, -5.2, 2.1, length, colour, line=0.8)


def _open(brush: Brush, colour: RGB) -> None:
    _fingers(brush, colour, (-58, -20, 14, 46))
    brush.plain(ellipse(0, 0, 5.6, 5.4), colour)
    brush.line(
        blob([(-4.6, 3.0), (0, 5.4), (4.6, 3.0)], closed=False), max(brush.style.outline, 0.01), brush.ink(colour)
    )


def _fist(brush: Brush, colour: RGB) -> None:
    brush.ellipse(0, 0, 6.0, 5.6, colour)
    for x in (-2.2, 0.8):
        brush.line(poly([(x, -4.2), (x, -1.4)], closed=False), 0.9, darken(colour, 0.4))


def _thumb(brush: Brush, colour: RGB) -> None:
    with brush.at(-1.6, -6.2, 1.0, 8):
        brush.ellipse(0, -2.4, 3.1, 6.4, colour)
    brush.shape(box(0, 1.2, 12.6, 10.6, 4.2), colour)
    brush.plain(ellipse(-1.2, -3.4, 2.5, 3.6), colour)
    for y in (-0.4, 2.4):
        brush.line(poly([(2.2, y), (5.4, y)], closed=False), 1.0, darken(colour, 0.42))


def _ok(brush: Brush, colour: RGB) -> None:
    for turn in (2, 26, 50):
        with brush.at(2.4, -1.0, 1.0, turn):
            brush.ellipse(0, -7.4, 2.1, 5.6, colour, line=0.8)
    brush.ellipse(1.0, 2.2, 5.4, 5.0, colour)
    brush.limb(ellipse(-3.8, -2.2, 3.9, 4.1), colour, 2.9)


def _palm(brush: Brush, colour: RGB) -> None:
    brush.shape(box(0, -2, 7.4, 13, 3.6), colour)


def _prayer(brush: Brush, colour: RGB) -> None:
    brush.shape(blob([(-3.6, 4.6), (-2.6, -6), (1.2, -10), (3.0, -6), (3.2, 4.6), (0, 6)]), colour)


def _flat(brush: Brush, colour: RGB) -> None:
    brush.shape(box(-3.4, 0, 14, 6.4, 3.0), colour)


def _index(brush: Brush, colour: RGB) -> None:
    brush.shape(box(-0.4, -6.6, 4.6, 12.6, 2.2), colour)
    brush.ellipse(0.8, 1.2, 5.8, 5.2, colour)
    brush.plain(ellipse(-0.4, -3.0, 1.9, 2.6), colour)


def _tray(brush: Brush, colour: RGB) -> None:
    _fingers(brush, colour, (40, 68, 96), 4.0)
    brush.ellipse(0, 0, 6.0, 4.2, colour)


def _chin(brush: Brush, colour: RGB) -> None:
    brush.shape(box(-3.6, -4.4, 3.8, 10, 1.9), colour)
    brush.ellipse(0, 1.0, 5.4, 4.8, colour)


def _snap(brush: Brush, colour: RGB) -> None:
    with brush.at(-1.4, -4.6, 1.0, -30):
        brush.ellipse(0, -2, 2.1, 4.6, colour, line=0.8)
    with brush.at(1.0, -4.6, 1.0, 30):
        brush.ellipse(0, -2, 2.1, 4.6, colour, line=0.8)
    brush.ellipse(0.4, 1.0, 5.6, 5.2, colour)


_BODIES: dict[str, Callable[[Brush, Coat], None]] = {
    "round": _round, "belly": _belly, "panda": _panda, "wool": _wool, "robot": _robot, "ghost": _ghost,
}  # fmt: skip
_TAILS: dict[str, Callable[[Brush, Coat], None]] = {
    "curl": _curl, "short": _short, "puff": _puff, "bushy": _bushy, "twirl": _twirl, "striped": _striped,
    "tuft": _tuft, "long": _long, "dino": _dino,
}  # fmt: skip
HANDS: dict[str, Callable[[Brush, RGB], None]] = {
    "mitt": _mitt, "open": _open, "fist": _fist, "thumb": _thumb, "ok": _ok, "palm": _palm, "prayer": _prayer,
    "flat": _flat, "index": _index, "tray": _tray, "chin": _chin, "snap": _snap,
}  # fmt: skip
