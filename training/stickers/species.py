"""Who is drawn: species with their coats and anatomy, accessories, and the split every coat belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from training.stickers.spec import Split
from training.stickers.words import RGB, Words


@dataclass(frozen=True, slots=True)
class Species:
    """A kind of character: its words, coats (main, second, accent colour) and anatomy."""

    words: Words
    coats: tuple[tuple[RGB, RGB, RGB], ...]
    ears: str
    muzzle: str = "none"
    head: tuple[float, float] = (25.0, 22.0)
    head_shape: str = "round"
    tail: str = "none"
    classifier: str = "只"
    body: str = "round"
    eye_gap: float = 9.5
    eye_y: float = 1.5


_WHITE: RGB = (252, 250, 246)
_CREAM: RGB = (255, 240, 214)
_PINK: RGB = (246, 160, 170)
_DARK: RGB = (66, 60, 66)
_ORANGE: RGB = (248, 158, 66)


def _coats(mains: str, second: RGB = _CREAM, accent: RGB = _PINK) -> tuple[tuple[RGB, RGB, RGB], ...]:
    """Returns eight coats from main colours in hexadecimal; second and accent colour are shared."""
    return tuple((_rgb(main), second, accent) for main in mains.split())


def _rgb(code: str) -> RGB:
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)


# Palettes 0-4 train, 5 validation, 6-7 test: see `palette_split`.
SPECIES: dict[str, Species] = {
    "cat": Species(
        Words(("cat", "kitty"), ("猫", "小猫")),
        _coats("f6b260 96969e faf0e4 5c5458 cea078 f0c896 bac4d6 e89454"),
        ears="pointed",
        muzzle="cat",
        tail="curl",
    ),
    "dog": Species(
        Words(("dog", "puppy"), ("狗", "小狗")),
        _coats("d6a268 faf0e2 966c4e f0c478 b0acac 7a5c4c e4b088 c4925c"),
        ears="floppy",
        muzzle="dog",
        tail="short",
    ),
    "bear": Species(
        Words(("bear", "teddy"), ("熊", "小熊")),
        _coats("a0704c c49266 7a563e f4f0ec d8ae7c 8c6250 b67e52 e4ceb0"),
        ears="round",
        muzzle="bear",
        tail="none",
    ),
    "rabbit": Species(
        Words(("rabbit", "bunny"), ("兔子", "小兔")),
        _coats("fcf8f4 fad6d6 cec6c2 d6b290 f0e2c8 bebace f6e6dc b4a096", second=_WHITE),
        ears="long",
        muzzle="rabbit",
        head=(23.0, 21.0),
        tail="puff",
    ),
    "penguin": Species(
        Words(("penguin",), ("企鹅", "小企鹅")),
        _coats("404a60 54607c 383a42 5c84b0 4a5a8c 6e6e80 3c6482 5e5274", second=_WHITE, accent=_ORANGE),
        ears="none",
        muzzle="penguin",
        tail="none",
        body="belly",
        eye_gap=8.5,
    ),
    "panda": Species(
        Words(("panda",), ("熊猫", "大熊猫")),
        _coats("fcfaf6 faf6ee f4f4f8 fcf4e8 f6faf6 f0f0f0 fff8f0 eef2f8", second=_DARK),
        ears="panda",
        muzzle="panda",
        tail="none",
        body="panda",
    ),
    "frog": Species(
        Words(("frog",), ("青蛙", "小青蛙")),
        _coats("80be5c 68b06e a0cc58 58a060 92c882 78b48c 96be46 64be82", second=(236, 244, 196)),
        ears="frog",
        muzzle="frog",
        head=(26.0, 19.5),
        eye_gap=12.5,
        eye_y=-13.0,
        body="belly",
    ),
    "chick": Species(
        Words(("chick",), ("小鸡", "小黄鸡")),
        _coats(
            "ffd85c ffe482 fcc850 ffeca0 fad06e ffde70 f6d680 ffce40", second=(255, 240, 180), accent=(244, 140, 60)
        ),
        ears="tuft",
        muzzle="chick",
        head=(23.0, 21.5),
        tail="none",
        body="round",
    ),
    "fox": Species(
        Words(("fox",), ("狐狸", "小狐狸")),
        _coats("ec7e3a e26a3e f49654 d07046 f0885c d88250 f68c32 c86240", second=_WHITE, accent=(86, 62, 58)),
        ears="fox",
        muzzle="fox",
        tail="bushy",
        head=(26.0, 20.5),
        head_shape="cheeks",
    ),
    "robot": Species(
        Words(("robot",), ("机器人", "小机器人")),
        _coats(
            "a8bccc 78bace e8e8ec f6be5c a8ceb2 c4b4d8 d6968c 8ca0c8", second=(240, 248, 252), accent=(240, 110, 96)
        ),
        ears="antenna",
        muzzle="robot",
        head=(25.0, 20.0),
        head_shape="square",
        classifier="个",
        body="robot",
    ),
    "ghost": Species(
        Words(("ghost",), ("幽灵", "小幽灵")),
        _coats("f8f8fc e2e8fa e8def6 dcf4ee fae6ec eef4e0 d6e6f6 f4ecfc", second=_WHITE),
        ears="none",
        head=(23.0, 23.0),
        head_shape="ghost",
        classifier="个",
        body="ghost",
    ),
    "pig": Species(
        Words(("pig", "piggy"), ("猪", "小猪")),
        _coats(
            "fab6be f6a4b0 fcc8c8 f0aca2 fabcd0 f4b0c4 ee9e9e fcd0be", second=(252, 206, 208), accent=(236, 128, 146)
        ),
        ears="pig",
        muzzle="pig",
        tail="twirl",
    ),
    "koala": Species(
        Words(("koala",), ("考拉", "小考拉")),
        _coats("a0a8b4 b8bac0 8c94a4 aca4a4 bec6d4 9aa0a0 b0b4cc 868c96", second=_WHITE),
        ears="fluffy",
        muzzle="koala",
    ),
    "tiger": Species(
        Words(("tiger",), ("老虎", "小老虎")),
        _coats("fab046 f69e3a fcc062 f4eee6 eea854 f8ba54 ffaa30 f0964c", second=_WHITE, accent=(84, 58, 48)),
        ears="round",
        muzzle="tiger",
        tail="striped",
    ),
    "lion": Species(
        Words(("lion",), ("狮子", "小狮子")),
        _coats("facc76 f4c068 fcd892 f0b85c f6d2a0 f8c680 ecc478 ffd064", accent=(190, 106, 52)),
        ears="mane",
        muzzle="bear",
        tail="tuft",
    ),
    "mouse": Species(
        Words(("mouse",), ("老鼠", "小老鼠")),
        _coats("bab6be d4cece a09ca6 ccb29c f0eef0 acb0ba c4bece b4a49a", second=_WHITE),
        ears="disc",
        muzzle="mouse",
        head=(22.0, 20.0),
        tail="long",
    ),
    "sheep": Species(
        Words(("sheep", "lamb"), ("绵羊", "小羊")),
        _coats("fffaf0 f6f0e6 f0f0f8 fcecdc e6e2e0 faf2fa f4f8f4 ece4d6", second=(250, 222, 196)),
        ears="wool",
        muzzle="sheep",
        tail="puff",
        body="wool",
    ),
    "owl": Species(
        Words(("owl",), ("猫头鹰", "小猫头鹰")),
        _coats(
            "a67c5c 8c746c be9464 7e86a4 c8b096 968278 b08874 78788c", second=(248, 232, 204), accent=(244, 166, 66)
        ),
        ears="tufts",
        muzzle="owl",
        head=(25.0, 22.5),
        body="belly",
        eye_gap=10.5,
    ),
    "elephant": Species(
        Words(("elephant",), ("大象", "小象")),
        _coats("9eb0c8 b0b6c0 8ea0be bec4d6 aabecc a4a8b8 b4badc 94aab4", second=(206, 214, 228)),
        ears="flaps",
        muzzle="elephant",
        head=(22.0, 21.0),
        tail="short",
    ),
    "dinosaur": Species(
        Words(("dinosaur", "dino"), ("恐龙", "小恐龙")),
        _coats(
            "78c4a8 86bed8 b0a4de eea082 6eb88c 96c8be beb4e6 7eb4be", second=(252, 240, 200), accent=(250, 180, 90)
        ),
        ears="spikes",
        muzzle="dinosaur",
        tail="dino",
        body="belly",
    ),
}

ACCESSORIES: tuple[str, ...] = (
    "none",
    "scarf",
    "bow_tie",
    "hair_bow",
    "glasses",
    "cap",
    "flower",
    "bandana",
    "beanie",
    "tie",
)


def palette_split(palette: int) -> Split:
    """Returns the split that palette indices (of every species) belong to."""
    if palette < 5:
        return "train"
    return "val" if palette == 5 else "test"


def split_palettes(split: Split) -> tuple[int, ...]:
    """Returns the palette indices of a split."""
    return tuple(index for index in range(8) if palette_split(index) == split)
