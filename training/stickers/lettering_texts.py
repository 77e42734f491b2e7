"""Words that random stickers carry, by emotion; sign texts are drawn elsewhere and are no words."""

from __future__ import annotations

from training.stickers.spec import Language

_TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "neutral": (
        ("Hi", "OK", "Got it", "Noted", "One moment", "Hello"),
        ("你好", "收到", "稍等", "在的", "明白", "好的"),
    ),
    "joy": (
        ("Yay!", "Great!", "Done!", "Nice!", "Haha", "Woohoo"),
        ("太好了", "棒", "搞定", "哈哈", "开心", "好耶"),
    ),
    "gratitude": (
        ("Thanks!", "Thank you", "So kind", "Much obliged"),
        ("谢谢", "感谢", "辛苦了", "多谢", "太感动了"),
    ),
    "love": (("Love it", "Hugs", "XOXO", "You rock"), ("爱你", "么么哒", "喜欢", "比心")),
    "surprise": (("Wow!", "OMG", "Really?!", "What!"), ("哇", "天哪", "真的吗", "不会吧")),
    "anxiety": (("Hurry!", "Oh no", "Eek", "Worried"), ("急", "怎么办", "慌了", "快点")),
    "sadness": (("Sorry", "Sob", "Sad", "Miss you"), ("对不起", "呜呜", "难过", "抱歉")),
    "anger": (("Hey!", "Grr", "No!", "Not OK"), ("哼", "生气", "不行", "气死了")),
    "confusion": (("Huh?", "What?", "Eh?", "Hmm"), ("啊？", "什么？", "咦", "懵了")),
}


def texts(emotion: str, gesture: str, language: Language) -> tuple[str, ...]:
    """Returns the words that suit an emotion and a gesture."""
    chosen = _TEXTS[emotion][0 if language == "en" else 1]
    if gesture == "sleep":
        return ("Zzz", "Good night") if language == "en" else ("晚安", "睡了")
    return chosen
