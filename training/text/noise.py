"""Write as hurried people do: typos, wrong homophones, missing apostrophes, shouting, mixed languages."""

import random
import re

_NEAR = {
    "q": "wa",
    "w": "qe",
    "e": "wr",
    "r": "et",
    "t": "ry",
    "y": "tu",
    "u": "yi",
    "i": "uo",
    "o": "ip",
    "p": "o",
    "a": "sq",
    "s": "ad",
    "d": "sf",
    "f": "dg",
    "g": "fh",
    "h": "gj",
    "j": "hk",
    "k": "jl",
    "l": "k",
    "z": "x",
    "x": "zc",
    "c": "xv",
    "v": "cb",
    "b": "vn",
    "n": "bm",
    "m": "n",
}
_SPELLINGS = {
    "receive": "recieve",
    "address": "adress",
    "package": "pacakge",
    "delivery": "delivary",
    "the": "teh",
    "please": "plese",
    "you": "u",
    "are": "r",
    "your": "ur",
    "because": "cuz",
    "though": "tho",
    "tomorrow": "tmrw",
    "refund": "refound",
    "cancel": "cancle",
    "coupon": "cupon",
    "password": "pasword",
    "account": "acount",
    "my": "mi",
    "what": "wat",
    "with": "w/",
    "and": "n",
    "order": "oder",
    "return": "retrun",
    "invoice": "invioce",
    "really": "rly",
    "thanks": "thx",
    "people": "ppl",
    "message": "msg",
    "where": "wher",
}
_HOMOPHONES = {
    "在": "再",
    "再": "在",
    "的": "得",
    "得": "的",
    "地": "的",
    "已": "以",
    "账": "帐",
    "录": "陆",
    "做": "作",
    "他": "它",
    "吗": "嘛",
    "吧": "把",
    "没": "木",
    "我": "偶",
    "订": "定",
    "里": "理",
    "件": "建",
    "递": "弟",
    "退": "腿",
    "钱": "前",
    "货": "或",
    "急": "及",
    "还": "环",
    "到": "倒",
    "发": "法",
    "查": "察",
    "改": "该",
    "单": "但",
    "什": "神",
    "么": "马",
    "这": "介",
    "了": "啦",
    "怎": "肿",
}
_MIXED = {
    "快递": "package",
    "包裹": "package",
    "订单": "order",
    "退款": "refund",
    "地址": "address",
    "发票": "invoice",
    "优惠券": "coupon",
    "取消": "cancel",
    "客服": "customer service",
    "账号": "account",
    "密码": "password",
    "付款": "pay",
    "登录": "login",
    "退货": "return",
    "换货": "exchange",
    "谢谢": "thanks",
    "你好": "hi",
    "请": "please",
    "支付": "payment",
    "颜色": "color",
    "尺码": "size",
    "人工": "human",
    "物流": "tracking",
    "发货": "ship",
    "折扣": "discount",
    "信用卡": "credit card",
    "邮箱": "email",
    "手机": "phone",
}


def noisy(text: str, language: str, rng: random.Random, strength: float = 1.0) -> str:
    """Return `text` with one or two slips of the kinds usual in its language; it may come back unchanged."""
    if not text.strip():
        return text
    for _ in range(1 + (rng.random() < 0.3 * strength)):
        text = _slip_en(text, rng) if language == "en" else _slip_zh(text, rng)
    return text


def swear_words(text: str, language: str, rng: random.Random) -> str:
    """Harden a question or a possessive as angry people do; a text without such a place comes back unchanged."""
    if language == "en":
        text = re.sub(
            r"^(where|what|when|why|how)\b(?! on)", rng.choice((r"\1 the hell", r"\1 the heck", r"\1 the fuck")), text
        )
        return re.sub(r"\bmy\b", rng.choice(("my damn", "my bloody", "my fucking", "my stupid")), text, count=1)
    text = re.sub(
        "(什么时候|啥时候|为什么|怎么|多久|到哪)",
        rng.choice((r"他妈\1", r"tmd\1", r"到底\1", r"特么\1")),
        text,
        count=1,
    )
    return text + rng.choice(("！！！", "！！", "？！")) if text else text


def mix(text: str, rng: random.Random) -> str:
    """Swap one or two Chinese words of `text` for the English ones that bilingual customers use."""
    words = [word for word in _MIXED if word in text]
    for word in rng.sample(words, min(len(words), rng.randint(1, 2))):
        text = text.replace(word, rng.choice((f" {_MIXED[word]} ", _MIXED[word])))
    return text


def _slip_en(text: str, rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.25:
        return text.replace("'", "")
    if kind < 0.5:
        return " ".join(
            _SPELLINGS[word] if word in _SPELLINGS and rng.random() < 0.5 else word for word in text.split(" ")
        )
    places = [index for index, char in enumerate(text) if char.isalpha() and index > 0 and text[index - 1].isalpha()]
    if not places:
        return text
    at = rng.choice(places)
    if kind < 0.62:
        return text[:at] + text[at + 1 :]
    if kind < 0.72:
        return text[:at] + text[at] + text[at:]
    if kind < 0.86:
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
    return text[:at] + rng.choice(_NEAR.get(text[at].lower(), text[at])) + text[at + 1 :]


def _slip_zh(text: str, rng: random.Random) -> str:
    kind = rng.random()
    places = [index for index, char in enumerate(text) if char in _HOMOPHONES]
    if kind < 0.45 and places:
        at = rng.choice(places)
        return text[:at] + _HOMOPHONES[text[at]] + text[at + 1 :]
    if kind < 0.6 and len(text) > 4:
        at = rng.randrange(len(text))
        return text[:at] + text[at + 1 :]
    if kind < 0.7 and len(text) > 3:
        at = rng.randrange(len(text) - 1)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind < 0.85:
        return text.replace("，", " ").replace("。", " ")
    at = rng.randrange(len(text))
    return text[:at] + text[at] + text[at:]
