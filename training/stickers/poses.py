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
    "wave": Pose(right=Arm((90, 43), "open", 4, turn=18), head_tilt=-4, extras=("wave_arcs",)),
    "thumbs_up": Pose(right=Arm((84, 65), "thumb", 3), head_tilt=-3),
    "ok": Pose(right=Arm((86, 57), "ok", 4), head_tilt=3),
    "clap": Pose(
        left=Arm((42, 71), "palm", 7, turn=-14), right=Arm((58, 71), "palm", 7, turn=14), extras=("clap_lines",)
    ),
    "cheer": Pose(left=Arm((11, 36), "open", 4, turn=-18), right=Arm((89, 36), "open", 4, turn=18), lift=1),
    "hug": Pose(left=Arm((10, 63), "open", -1, turn=-62), right=Arm((90, 63), "open", -1, turn=62), head_tilt=4),
    "bow": Pose(
        left=Arm((43, 82)), right=Arm((57, 82)), head=(0, 17), face=5.0, extras=("bow_arcs",),
    ),
    "pray": Pose(
        left=Arm((46.6, 72), "prayer", 8, turn=6), right=Arm((53.4, 72), "prayer", 8, turn=-6), head_tilt=-3
    ),
    "salute": Pose(right=Arm((75, 29), "flat", 11, front=True, turn=-38)),
    "point": Pose(right=Arm((84, 64), "index", 1, turn=90), head_tilt=4, extras=("point_lines",)),
    "shrug": Pose(
        left=Arm((13, 57), "tray", 4, turn=-8), right=Arm((87, 57), "tray", 4, turn=8), head=(0, 2), head_tilt=9
    ),
    "facepalm": Pose(right=Arm((60, 40), "open", 10, front=True, turn=-24), head=(0, 3), head_tilt=7),
    "think": Pose(left=Arm((56, 79), "mitt", 3), right=Arm((60, 64), "chin", 7, front=True, turn=-20), head_tilt=6),
    "rub_eyes": Pose(
        left=Arm((37, 45), "fist", 9, front=True), right=Arm((63, 45), "fist", 9, front=True), head=(0, 2)
    ),
    "run": Pose(
        left=Arm((31, 66), "fist", 5), right=Arm((70, 75), "fist", 5), lean=10, legs="run", lift=2,
        extras=("speed_lines",),
    ),
    "jump": Pose(
        left=Arm((13, 50), "open", 3, turn=-35), right=Arm((87, 50), "open", 3, turn=35), legs="jump", lift=7,
        extras=("shadow", "jump_lines"),
    ),
    "sleep": Pose(head=(0, 22), head_tilt=14, legs="hidden", extras=("pillow", "blanket", "snore")),
    "call": Pose(right=Arm((78, 50), "fist", 9, front=True), head_tilt=5, extras=("handset",)),
    "type": Pose(left=Arm((37, 82), "mitt", 4), right=Arm((63, 82), "mitt", 4), extras=("laptop",)),
    "finger_heart": Pose(right=Arm((84, 60), "snap", 4), head_tilt=6, extras=("snap_heart",)),
    "fist": Pose(right=Arm((88, 45), "fist", 6), head_tilt=-3, lean=-2, extras=("fist_lines",)),
    "sign": Pose(left=Arm((27, 77), "mitt", 3), right=Arm((73, 77), "mitt", 3), extras=("board",)),
    "hold": Pose(left=Arm((32.5, 82), "mitt", 7), right=Arm((67.5, 82), "mitt", 7)),
}  # fmt: skip
