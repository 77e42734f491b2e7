"""Where head, arms and legs are in every gesture. Hundredths of the sticker, figure centred on x = 50."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm.

    Attributes:
        hand: Where the hand is.
        kind: Form of the hand, a key of `bodies.HANDS`.
        bend: How far the elbow bulges outwards.
        front: Whether arm and hand lie over the head.
        turn: Rotation of the hand in degrees.
    """

    hand: Point
    kind: str = "mitt"
    bend: float = 3.0
    front: bool = False
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class Pose:
    """A whole posture.

    Attributes:
        left: The arm on the viewer's left.
        right: The arm on the viewer's right.
        head: Offset of the head.
        head_tilt: Rotation of the head in degrees.
        lean: Rotation of the figure in degrees.
        legs: stand, run, jump or hidden.
        lift: How far the figure is off the ground.
        face: How far the face is shifted down on the head.
        extras: Things drawn with the gesture, keys of `extras.EXTRAS`.
    """

    left: Arm = Arm((33.5, 79.0))
    right: Arm = Arm((66.5, 79.0))
    head: Point = (0.0, 0.0)
    head_tilt: float = 0.0
    lean: float = 0.0
    legs: str = "stand"
    lift: float = 0.0
    face: float = 0.0
    extras: tuple[str, ...] = ()


POSES: dict[str, Pose] = {
    "stand": Pose(),
    "wave": Pose(right=Arm((84, 46), "open", 4, turn=18), head_tilt=-4, extras=("wave_arcs",)),
    "thumbs_up": Pose(right=Arm((79, 66), "thumb", 3), head_tilt=-3),
    "ok": Pose(right=Arm((82, 58), "ok", 4), head_tilt=3),
    "clap": Pose(
        left=Arm((44.5, 71), "palm", 5, turn=14), right=Arm((55.5, 71), "palm", 5, turn=-14), extras=("clap_lines",)
    ),
    "cheer": Pose(left=Arm((16, 40), "open", 4, turn=-18), right=Arm((84, 40), "open", 4, turn=18), lift=1),
    "hug": Pose(left=Arm((13, 66), "open", -2, turn=-70), right=Arm((87, 66), "open", -2, turn=70), head_tilt=4),
    "bow": Pose(
        left=Arm((43, 82)), right=Arm((57, 82)), head=(0, 15), face=5.5, extras=("bow_arcs",),
    ),
    "pray": Pose(
        left=Arm((47, 71), "prayer", 7, turn=6), right=Arm((53, 71), "prayer", 7, turn=-6), head_tilt=-3
    ),
    "salute": Pose(right=Arm((71, 33), "flat", 10, front=True, turn=-38)),
    "point": Pose(right=Arm((83, 63), "index", 1, turn=90), head_tilt=4, extras=("point_lines",)),
    "shrug": Pose(
        left=Arm((17, 63), "tray", 1, turn=-12), right=Arm((83, 63), "tray", 1, turn=12), head=(0, 2), head_tilt=9
    ),
    "facepalm": Pose(right=Arm((59, 42), "open", 9, front=True, turn=-24), head=(0, 3), head_tilt=7),
    "think": Pose(left=Arm((56, 79), "mitt", 3), right=Arm((60, 64), "chin", 7, front=True, turn=-20), head_tilt=6),
    "rub_eyes": Pose(
        left=Arm((37, 48), "fist", 7, front=True), right=Arm((63, 48), "fist", 7, front=True), head=(0, 2)
    ),
    "run": Pose(
        left=Arm((31, 66), "fist", 5), right=Arm((70, 75), "fist", 5), lean=10, legs="run", lift=2,
        extras=("speed_lines",),
    ),
    "jump": Pose(
        left=Arm((19, 52), "open", 3, turn=-35), right=Arm((81, 52), "open", 3, turn=35), legs="jump", lift=9,
        extras=("shadow", "jump_lines"),
    ),
    "sleep": Pose(head=(0, 19), head_tilt=14, legs="hidden", extras=("pillow", "blanket", "snore")),
    "call": Pose(right=Arm((75, 50), "fist", 8, front=True), head_tilt=5, extras=("handset",)),
    "type": Pose(left=Arm((37, 82), "mitt", 4), right=Arm((63, 82), "mitt", 4), extras=("laptop",)),
    "finger_heart": Pose(right=Arm((79, 61), "snap", 4), head_tilt=6, extras=("snap_heart",)),
    "fist": Pose(right=Arm((81, 48), "fist", 6), head_tilt=-3, lean=-2, extras=("fist_lines",)),
    "sign": Pose(left=Arm((29, 76), "mitt", 3), right=Arm((71, 76), "mitt", 3), extras=("board",)),
    "hold": Pose(left=Arm((38, 79), "mitt", 5), right=Arm((62, 79), "mitt", 5)),
}  # fmt: skip
