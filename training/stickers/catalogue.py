"""The vocabulary of the generator: species, styles, expressions, gestures, props, scenes, with words in two languages.

Splits live here too: a palette index and a style belong to exactly one split, so no test character (species with
palette) and no test style is ever seen in training.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from training.stickers.spec import Split

RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Words:
    """The words for one factor; the first of each is canonical, the others are paraphrases."""

    en: tuple[str, ...]
    zh: tuple[str, ...]


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


@dataclass(frozen=True, slots=True)
class Style:
    """A manner of drawing.

    Attributes:
        split: The split the style belongs to.
        outline: Width of the outline, in hundredths of the sticker.
        ink: Colour of the outline: black, brown, navy, or a darker tint of the shape.
        shading: flat, cel (hard shadow) or soft (gradient).
        tone: Treatment of colours: plain, pastel, vivid, muted, warm, cool, mono.
        eyes: Form of ordinary eyes: shiny, dot, oval, button.
        head: Size of the head against the body (chibi is above 1).
        wobble: Hand-drawn irregularity of lines.
        border: Width of the white die-cut border.
        blush: Whether cheeks are always coloured.
    """

    split: Split
    outline: float
    ink: Literal["black", "brown", "navy", "tint"] = "brown"
    shading: Literal["flat", "cel", "soft"] = "flat"
    tone: Literal["plain", "pastel", "vivid", "muted", "warm", "cool", "mono"] = "plain"
    eyes: Literal["shiny", "dot", "oval", "button"] = "shiny"
    head: float = 1.0
    wobble: float = 0.0
    border: float = 3.0
    blush: bool = False


STYLES: dict[str, Style] = {
    "classic": Style("train", 1.6, shading="cel"),
    "flat": Style("train", 0.0, tone="vivid", eyes="dot"),
    "bold": Style("train", 2.6, ink="black", tone="vivid", eyes="oval"),
    "pastel": Style("train", 1.2, ink="tint", tone="pastel", blush=True),
    "soft": Style("train", 0.9, ink="tint", shading="soft", blush=True),
    "chibi": Style("train", 1.5, shading="cel", head=1.06, blush=True),
    "doodle": Style("train", 1.4, ink="black", eyes="dot", wobble=0.55),
    "retro": Style("train", 1.8, tone="muted", eyes="button", ink="navy"),
    "ink": Style("train", 2.0, ink="black", tone="mono", eyes="dot", wobble=0.35),
    "slim": Style("train", 1.1, ink="brown", head=0.92, shading="cel", eyes="oval"),
    "sunny": Style("train", 1.7, ink="tint", tone="warm", shading="soft"),
    "plain": Style("train", 1.3, ink="brown", eyes="dot", border=2.0),
    "crayon": Style("val", 2.1, ink="tint", tone="warm", wobble=0.5, eyes="button"),
    "toy": Style("val", 1.2, ink="navy", shading="soft", tone="vivid", eyes="oval"),
    "comic": Style("test", 2.2, ink="navy", shading="cel", tone="vivid", eyes="shiny"),
    "storybook": Style("test", 1.5, ink="tint", tone="muted", shading="cel", eyes="dot", blush=True),
    "marker": Style("test", 2.4, ink="tint", tone="cool", wobble=0.45, eyes="oval"),
    "minimal": Style("test", 0.7, ink="brown", tone="pastel", eyes="dot", head=1.06),
}

_WHITE: RGB = (252, 250, 246)
_CREAM: RGB = (255, 240, 214)
_PINK: RGB = (246, 160, 170)
_DARK: RGB = (66, 60, 66)
_ORANGE: RGB = (248, 158, 66)


def _coats(*mains: RGB, second: RGB = _CREAM, accent: RGB = _PINK) -> tuple[tuple[RGB, RGB, RGB], ...]:
    return tuple((main, second, accent) for main in mains)


# Palettes 0-4 train, 5 validation, 6-7 test: see `palette_split`.
SPECIES: dict[str, Species] = {
    "cat": Species(
        Words(("cat", "kitty"), ("猫", "小猫")),
        _coats(
            (246, 178, 96),
            (150, 150, 158),
            (250, 240, 228),
            (92, 84, 88),
            (206, 160, 120),
            (240, 200, 150),
            (186, 196, 214),
            (232, 148, 84),
        ),
        ears="pointed",
        muzzle="cat",
        tail="curl",
    ),
    "dog": Species(
        Words(("dog", "puppy"), ("狗", "小狗")),
        _coats(
            (214, 162, 104),
            (250, 240, 226),
            (150, 108, 78),
            (240, 196, 120),
            (176, 172, 172),
            (122, 92, 76),
            (228, 176, 136),
            (196, 146, 92),
        ),
        ears="floppy",
        muzzle="dog",
        tail="short",
    ),
    "bear": Species(
        Words(("bear", "teddy"), ("熊", "小熊")),
        _coats(
            (160, 112, 76),
            (196, 146, 102),
            (122, 86, 62),
            (244, 240, 236),
            (216, 174, 124),
            (140, 98, 80),
            (182, 126, 82),
            (228, 206, 176),
        ),
        ears="round",
        muzzle="bear",
        tail="none",
    ),
    "rabbit": Species(
        Words(("rabbit", "bunny"), ("兔子", "小兔")),
        _coats(
            (252, 248, 244),
            (250, 214, 214),
            (206, 198, 194),
            (214, 178, 144),
            (240, 226, 200),
            (190, 186, 206),
            (246, 230, 220),
            (180, 160, 150),
            second=_WHITE,
        ),
        ears="long",
        muzzle="rabbit",
        head=(23.0, 21.0),
        tail="puff",
    ),
    "penguin": Species(
        Words(("penguin",), ("企鹅", "小企鹅")),
        _coats(
            (64, 74, 96),
            (84, 96, 124),
            (56, 58, 66),
            (92, 132, 176),
            (74, 90, 140),
            (110, 110, 128),
            (60, 100, 130),
            (94, 82, 116),
            second=_WHITE,
            accent=_ORANGE,
        ),
        ears="none",
        muzzle="penguin",
        tail="none",
        body="belly",
        eye_gap=8.5,
    ),
    "panda": Species(
        Words(("panda",), ("熊猫", "大熊猫")),
        _coats(
            _WHITE,
            (250, 246, 238),
            (244, 244, 248),
            (252, 244, 232),
            (246, 250, 246),
            (240, 240, 240),
            (255, 248, 240),
            (238, 242, 248),
            second=_DARK,
        ),
        ears="panda",
        muzzle="panda",
        tail="none",
        body="panda",
    ),
    "frog": Species(
        Words(("frog",), ("青蛙", "小青蛙")),
        _coats(
            (128, 190, 92),
            (104, 176, 110),
            (160, 204, 88),
            (88, 160, 96),
            (146, 200, 130),
            (120, 180, 140),
            (150, 190, 70),
            (100, 190, 130),
            second=(236, 244, 196),
        ),
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
            (255, 216, 92),
            (255, 228, 130),
            (252, 200, 80),
            (255, 236, 160),
            (250, 208, 110),
            (255, 222, 112),
            (246, 214, 128),
            (255, 206, 64),
            second=(255, 240, 180),
            accent=(244, 140, 60),
        ),
        ears="tuft",
        muzzle="chick",
        head=(23.0, 21.5),
        tail="none",
        body="round",
    ),
    "fox": Species(
        Words(("fox",), ("狐狸", "小狐狸")),
        _coats(
            (236, 126, 58),
            (226, 106, 62),
            (244, 150, 84),
            (208, 112, 70),
            (240, 136, 92),
            (216, 130, 80),
            (246, 140, 50),
            (200, 98, 64),
            second=_WHITE,
            accent=(86, 62, 58),
        ),
        ears="fox",
        muzzle="fox",
        tail="bushy",
        head=(26.0, 20.5),
        head_shape="cheeks",
    ),
    "robot": Species(
        Words(("robot",), ("机器人", "小机器人")),
        _coats(
            (168, 188, 204),
            (120, 186, 206),
            (232, 232, 236),
            (246, 190, 92),
            (168, 206, 178),
            (196, 180, 216),
            (214, 150, 140),
            (140, 160, 200),
            second=(240, 248, 252),
            accent=(240, 110, 96),
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
        _coats(
            (248, 248, 252),
            (226, 232, 250),
            (232, 222, 246),
            (220, 244, 238),
            (250, 230, 236),
            (238, 244, 224),
            (214, 230, 246),
            (244, 236, 252),
            second=_WHITE,
        ),
        ears="none",
        head=(23.0, 23.0),
        head_shape="ghost",
        classifier="个",
        body="ghost",
    ),
    "pig": Species(
        Words(("pig", "piggy"), ("猪", "小猪")),
        _coats(
            (250, 182, 190),
            (246, 164, 176),
            (252, 200, 200),
            (240, 172, 162),
            (250, 188, 208),
            (244, 176, 196),
            (238, 158, 158),
            (252, 208, 190),
            second=(252, 206, 208),
            accent=(236, 128, 146),
        ),
        ears="pig",
        muzzle="pig",
        tail="twirl",
    ),
    "koala": Species(
        Words(("koala",), ("考拉", "小考拉")),
        _coats(
            (160, 168, 180),
            (184, 186, 192),
            (140, 148, 164),
            (172, 164, 164),
            (190, 198, 212),
            (154, 160, 160),
            (176, 180, 204),
            (134, 140, 150),
            second=_WHITE,
        ),
        ears="fluffy",
        muzzle="koala",
    ),
    "tiger": Species(
        Words(("tiger",), ("老虎", "小老虎")),
        _coats(
            (250, 176, 70),
            (246, 158, 58),
            (252, 192, 98),
            (244, 238, 230),
            (238, 168, 84),
            (248, 186, 84),
            (255, 170, 48),
            (240, 150, 76),
            second=_WHITE,
            accent=(84, 58, 48),
        ),
        ears="round",
        muzzle="tiger",
        tail="striped",
    ),
    "lion": Species(
        Words(("lion",), ("狮子", "小狮子")),
        _coats(
            (250, 204, 118),
            (244, 192, 104),
            (252, 216, 146),
            (240, 184, 92),
            (246, 210, 160),
            (248, 198, 128),
            (236, 196, 120),
            (255, 208, 100),
            accent=(190, 106, 52),
        ),
        ears="mane",
        muzzle="bear",
        tail="tuft",
    ),
    "mouse": Species(
        Words(("mouse",), ("老鼠", "小老鼠")),
        _coats(
            (186, 182, 190),
            (212, 206, 206),
            (160, 156, 166),
            (204, 178, 156),
            (240, 238, 240),
            (172, 176, 186),
            (196, 190, 206),
            (180, 164, 154),
            second=_WHITE,
        ),
        ears="disc",
        muzzle="mouse",
        head=(22.0, 20.0),
        tail="long",
    ),
    "sheep": Species(
        Words(("sheep", "lamb"), ("绵羊", "小羊")),
        _coats(
            (255, 250, 240),
            (246, 240, 230),
            (240, 240, 248),
            (252, 236, 220),
            (230, 226, 224),
            (250, 242, 250),
            (244, 248, 244),
            (236, 228, 214),
            second=(250, 222, 196),
        ),
        ears="wool",
        muzzle="sheep",
        tail="puff",
        body="wool",
    ),
    "owl": Species(
        Words(("owl",), ("猫头鹰", "小猫头鹰")),
        _coats(
            (166, 124, 92),
            (140, 116, 108),
            (190, 148, 100),
            (126, 134, 164),
            (200, 176, 150),
            (150, 130, 120),
            (176, 136, 116),
            (120, 120, 140),
            second=(248, 232, 204),
            accent=(244, 166, 66),
        ),
        ears="tufts",
        muzzle="owl",
        head=(25.0, 22.5),
        body="belly",
        eye_gap=10.5,
    ),
    "elephant": Species(
        Words(("elephant",), ("大象", "小象")),
        _coats(
            (158, 176, 200),
            (176, 182, 192),
            (142, 160, 190),
            (190, 196, 214),
            (170, 190, 204),
            (164, 168, 184),
            (180, 186, 220),
            (148, 170, 180),
            second=(206, 214, 228),
        ),
        ears="flaps",
        muzzle="elephant",
        head=(22.0, 21.0),
        tail="short",
    ),
    "dinosaur": Species(
        Words(("dinosaur", "dino"), ("恐龙", "小恐龙")),
        _coats(
            (120, 196, 168),
            (134, 190, 216),
            (176, 164, 222),
            (238, 160, 130),
            (110, 184, 140),
            (150, 200, 190),
            (190, 180, 230),
            (126, 180, 190),
            second=(252, 240, 200),
            accent=(250, 180, 90),
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


@dataclass(frozen=True, slots=True)
class Expression:
    """A face: its emotion, its adjectives, and the parts that draw it."""

    emotion: str
    words: Words
    eyes: str
    mouth: str
    brows: str = "none"
    always: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


EXPRESSIONS: dict[str, Expression] = {
    "calm": Expression("neutral", Words(("calm", "composed"), ("平静的", "淡定的")), "plain", "flat"),
    "bored": Expression(
        "neutral", Words(("bored", "listless"), ("无聊的", "没精神的")), "half", "flat", marks=("dots",)
    ),
    "sleepy": Expression("neutral", Words(("sleepy", "drowsy"), ("困倦的", "想睡的")), "shut", "tiny", marks=("zzz",)),
    "happy": Expression("joy", Words(("happy", "smiling"), ("开心的", "高兴的")), "arc", "open", always=("blush",)),
    "cheerful": Expression(
        "joy", Words(("cheerful", "merry"), ("愉快的", "快活的")), "plain", "open", "raised", marks=("notes",)
    ),
    "laughing": Expression(
        "joy", Words(("laughing", "giggling"), ("大笑的", "哈哈笑的")), "squeeze", "laugh", always=("joy_tears",)
    ),
    "excited": Expression(
        "joy", Words(("excited", "thrilled"), ("兴奋的", "激动的")), "star", "laugh", marks=("burst",)
    ),
    "playful": Expression(
        "joy", Words(("playful", "cheeky"), ("调皮的", "俏皮的")), "wink", "tongue", always=("blush",)
    ),
    "grateful": Expression(
        "gratitude",
        Words(("grateful", "thankful"), ("感激的", "感谢的")),
        "peace",
        "smile",
        always=("deep_blush",),
        marks=("sparkles",),
    ),
    "touched": Expression(
        "gratitude",
        Words(("touched", "moved"), ("感动的", "被打动的")),
        "watery",
        "quiver",
        "inner",
        always=("deep_blush",),
        marks=("sparkles",),
    ),
    "loving": Expression(
        "love", Words(("loving", "lovestruck"), ("充满爱意的", "一脸喜爱的")), "heart", "open", marks=("hearts",)
    ),
    "smitten": Expression(
        "love", Words(("smitten", "adoring"), ("心动的", "着迷的")), "arc", "cat", always=("deep_blush", "hearts")
    ),
    "kissing": Expression(
        "love", Words(("kissing", "smooching"), ("飞吻的", "亲亲的")), "wink", "kiss", always=("blush", "kiss_heart")
    ),
    "surprised": Expression(
        "surprise", Words(("surprised", "startled"), ("惊讶的", "吃惊的")), "wide", "o", "raised", marks=("exclaim",)
    ),
    "shocked": Expression(
        "surprise", Words(("shocked", "stunned"), ("震惊的", "惊呆的")), "blank", "gape", "raised", marks=("lines",)
    ),
    "amazed": Expression(
        "surprise", Words(("amazed", "astonished"), ("惊叹的", "惊奇的")), "big", "o", "raised", marks=("burst",)
    ),
    "anxious": Expression(
        "anxiety", Words(("anxious", "uneasy"), ("焦虑的", "不安的")), "plain", "wave", "inner", always=("sweat",)
    ),
    "nervous": Expression(
        "anxiety", Words(("nervous", "tense"), ("紧张的", "忐忑的")), "side", "teeth", "inner", always=("sweat",)
    ),
    "panicked": Expression(
        "anxiety",
        Words(("panicked", "frantic"), ("慌张的", "惊慌的")),
        "blank",
        "wobble",
        "inner",
        always=("sweats", "gloom"),
    ),
    "sad": Expression(
        "sadness", Words(("sad", "unhappy"), ("难过的", "伤心的")), "plain", "frown", "inner", always=("tear",)
    ),
    "crying": Expression(
        "sadness", Words(("crying", "sobbing"), ("大哭的", "哭泣的")), "shut", "bawl", "inner", always=("streams",)
    ),
    "disappointed": Expression(
        "sadness",
        Words(("disappointed", "dejected"), ("失望的", "沮丧的")),
        "down",
        "frown",
        "inner",
        always=("gloom",),
    ),
    "angry": Expression(
        "anger", Words(("angry", "mad"), ("生气的", "气愤的")), "plain", "frown", "angry", marks=("vein",)
    ),
    "furious": Expression(
        "anger",
        Words(("furious", "raging"), ("愤怒的", "暴怒的")),
        "glare",
        "shout",
        "angry",
        always=("red_face",),
        marks=("vein", "steam"),
    ),
    "grumpy": Expression(
        "anger",
        Words(("grumpy", "annoyed"), ("不爽的", "不满的")),
        "half",
        "pout",
        "angry",
        always=("puff",),
        marks=("vein",),
    ),
    "confused": Expression(
        "confusion",
        Words(("confused", "baffled"), ("疑惑的", "不解的")),
        "uneven",
        "slant",
        "uneven",
        marks=("question",),
    ),
    "puzzled": Expression(
        "confusion",
        Words(("puzzled", "perplexed"), ("困惑的", "纳闷的")),
        "up",
        "tiny",
        "uneven",
        always=("question",),
    ),
    "dizzy": Expression(
        "confusion", Words(("dizzy", "dazed"), ("晕乎乎的", "头晕的")), "spiral", "wave", always=("stars",)
    ),
}


@dataclass(frozen=True, slots=True)
class Gesture:
    """An action of the body.

    Attributes:
        words: English participle phrase; Chinese verb phrase.
        emotions: Emotions it goes with; empty means all.
        expressions: Expressions it needs; empty means all.
        weight: How often it is drawn relative to the others.
        ongoing: An activity, which Chinese puts after "在"; a pose goes without.
    """

    words: Words
    emotions: frozenset[str] = field(default_factory=frozenset)
    expressions: frozenset[str] = field(default_factory=frozenset)
    weight: float = 1.0
    ongoing: bool = True


_GLAD = frozenset({"neutral", "joy", "gratitude", "love", "surprise"})
_LOW = frozenset({"neutral", "surprise", "anxiety", "sadness", "anger", "confusion"})

GESTURES: dict[str, Gesture] = {
    "stand": Gesture(Words(("standing",), ("站着",)), weight=1.4, ongoing=False),
    "wave": Gesture(Words(("waving", "waving hello"), ("挥手", "招手")), weight=1.4),
    "thumbs_up": Gesture(Words(("giving a thumbs up",), ("竖起大拇指", "点赞")), _GLAD, weight=1.4, ongoing=False),
    "ok": Gesture(Words(("making an ok sign",), ("比OK手势",)), _GLAD, weight=1.2, ongoing=False),
    "clap": Gesture(Words(("clapping", "applauding"), ("鼓掌", "拍手")), _GLAD),
    "cheer": Gesture(Words(("cheering", "raising both arms"), ("举手欢呼", "欢呼")), _GLAD),
    "hug": Gesture(Words(("opening its arms", "offering a hug"), ("张开双臂", "求抱抱")), ongoing=False),
    "bow": Gesture(Words(("bowing",), ("鞠躬",)), weight=1.2),
    "pray": Gesture(
        Words(("folding its hands", "pressing its palms together"), ("双手合十",)), weight=1.2, ongoing=False
    ),
    "salute": Gesture(Words(("saluting",), ("敬礼",)), ongoing=False),
    "point": Gesture(Words(("pointing",), ("指向旁边", "伸手指着")), weight=1.2, ongoing=False),
    "shrug": Gesture(Words(("shrugging",), ("摊手", "耸肩")), ongoing=False),
    "facepalm": Gesture(Words(("facepalming",), ("捂脸", "扶额")), _LOW, ongoing=False),
    "think": Gesture(Words(("thinking", "touching its chin"), ("托腮思考", "思考")), weight=1.2, ongoing=False),
    "rub_eyes": Gesture(
        Words(("wiping its tears", "rubbing its eyes"), ("擦眼泪",)), frozenset({"sadness"}), weight=1.5
    ),
    "run": Gesture(Words(("running", "rushing"), ("奔跑", "跑步"))),
    "jump": Gesture(Words(("jumping", "leaping"), ("跳跃", "蹦跳"))),
    "sleep": Gesture(Words(("sleeping", "napping"), ("睡觉", "打盹")), expressions=frozenset({"sleepy"}), weight=6.0),
    "call": Gesture(Words(("talking on the phone", "making a call"), ("打电话",))),
    "type": Gesture(Words(("typing on a laptop", "working on a laptop"), ("敲电脑", "用电脑打字"))),
    "finger_heart": Gesture(
        Words(("making a heart sign",), ("比心",)), frozenset({"joy", "gratitude", "love"}), ongoing=False
    ),
    "fist": Gesture(Words(("pumping its fist",), ("握拳加油", "挥拳"))),
    "sign": Gesture(Words(("holding up a sign",), ("举着牌子",)), weight=0.8, ongoing=False),
    "hold": Gesture(Words(("holding",), ("拿着",)), weight=3.0),
}


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing: its words with the English article, and the Chinese measure word."""

    words: Words
    classifier: str = "个"
    holdable: bool = True


PROPS: dict[str, Prop] = {
    "parcel": Prop(Words(("a parcel", "a package"), ("包裹", "快递"))),
    "truck": Prop(Words(("a delivery truck", "a truck"), ("货车", "快递车")), "辆", holdable=False),
    "phone": Prop(Words(("a phone", "a smartphone"), ("手机",)), "部"),
    "heart": Prop(Words(("a heart",), ("爱心", "红心")), "颗"),
    "coupon": Prop(Words(("a coupon", "a voucher"), ("优惠券",)), "张"),
    "flower": Prop(Words(("a flower",), ("花", "花朵")), "朵"),
    "clock": Prop(Words(("a clock", "an alarm clock"), ("闹钟", "时钟"))),
    "invoice": Prop(Words(("an invoice", "a bill"), ("发票", "账单")), "张"),
    "money": Prop(Words(("money", "cash"), ("钱", "钞票")), "些"),
    "coin": Prop(Words(("a gold coin", "a coin"), ("金币", "硬币")), "枚"),
    "tea": Prop(Words(("a cup of tea", "a hot drink"), ("热茶", "茶")), "杯"),
    "gift": Prop(Words(("a gift", "a present"), ("礼物", "礼盒")), "份"),
    "balloon": Prop(Words(("a balloon",), ("气球",))),
    "cake": Prop(Words(("a cake",), ("蛋糕",)), "块"),
    "bag": Prop(Words(("a shopping bag",), ("购物袋",))),
    "cart": Prop(Words(("a shopping cart",), ("购物车",)), "辆", holdable=False),
    "key": Prop(Words(("a key",), ("钥匙",)), "把"),
    "magnifier": Prop(Words(("a magnifying glass", "a magnifier"), ("放大镜",))),
    "trophy": Prop(Words(("a trophy",), ("奖杯",)), "座"),
    "letter": Prop(Words(("an envelope", "a letter"), ("信封", "信")), "封"),
    "card": Prop(Words(("a credit card", "a bank card"), ("银行卡",)), "张"),
    "calendar": Prop(Words(("a calendar",), ("日历",)), "本"),
    "bulb": Prop(Words(("a light bulb",), ("灯泡",))),
    "wrench": Prop(Words(("a wrench", "a spanner"), ("扳手",)), "把"),
    "headset": Prop(Words(("a headset",), ("耳机",)), "副", holdable=False),
    "question": Prop(Words(("a question mark",), ("问号",))),
    "shield": Prop(Words(("a shield",), ("盾牌",)), "面"),
    "star": Prop(Words(("a star",), ("星星",)), "颗"),
}

SCENES: dict[str, Words] = {
    "sky": Words(("under a blue sky",), ("蓝天下",)),
    "rain": Words(("in the rain",), ("雨中", "下雨天")),
    "snow": Words(("in the snow",), ("雪地里", "下雪天")),
    "night": Words(("at night", "under the moon"), ("夜晚", "月光下")),
    "beach": Words(("on a beach", "at the seaside"), ("沙滩上", "海边")),
    "meadow": Words(("in a meadow", "on the grass"), ("草地上",)),
    "office": Words(("in an office", "at the office"), ("办公室里",)),
    "city": Words(("in a city", "in the city"), ("城市里",)),
    "warehouse": Words(("in a warehouse",), ("仓库里",)),
    "party": Words(("at a party", "with confetti"), ("派对上",)),
    "rainbow": Words(("under a rainbow",), ("彩虹下",)),
}


def palette_split(palette: int) -> Split:
    """Returns the split that palette indices (of every species) belong to."""
    if palette < 5:
        return "train"
    return "val" if palette == 5 else "test"


def split_palettes(split: Split) -> tuple[int, ...]:
    """Returns the palette indices of a split."""
    return tuple(index for index in range(8) if palette_split(index) == split)


def split_styles(split: Split) -> tuple[str, ...]:
    """Returns the styles of a split."""
    return tuple(name for name, style in STYLES.items() if style.split == split)
