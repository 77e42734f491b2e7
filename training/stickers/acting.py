"""What a character feels and does: expressions (each has one emotion) and gestures, with their words."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.stickers.words import Words


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
