"""Draw slot values: made-up numbers and addresses, and products, reasons and dates with their translation."""

import random
import re
from collections.abc import Callable
from functools import cache

from training.emoji.debian import package_root
from training.text.pairs import held_out as held_out_symbol
from training.text.paths import DATA
from training.text.unicode_text import annotated_symbols
from training.text.values import FAULT_KINDS, address, fault, parts, person_count, product, reason

_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_CHINESE = "零一二三四五六七八九十"
_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_CARRIERS = ("SF", "YT", "ZTO", "JD", "EMS", "YD", "STO", "1Z", "LX", "DHL")
_NAMES = (
    "anna",
    "li.wei",
    "tom_88",
    "xiaoming",
    "j.smith",
    "wang123",
    "maria",
    "zhangsan",
    "kate.o",
    "user77",
    "chen",
    "peter",
    "lucy2000",
)
_HOSTS = (
    "gmail.com",
    "qq.com",
    "163.com",
    "outlook.com",
    "company.cn",
    "example.com",
    "foxmail.com",
    "yahoo.co.uk",
    "mail.org",
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HELD_OUT_EVERY = 7
_TOO_PLAIN = frozenset(
    {
        "不喜欢",
        "不想要了",
        "降价了",
        "买错了",
        "发错货了",
        "用不了",
        "不能用",
        "不工作",
        "空的",
        "坏的",
        "不全",
        "烂了",
        "化了",
    }
)
# What emoji show and a shop sells; locks, letters and clock faces are no products.
_SOLD = frozenset(
    "food-fruit food-vegetable food-prepared food-asian food-marine food-sweet drink dishware clothing "
    "musical-instrument computer household arts-crafts sport game tool".split()
)
# The item itself as the subject of a fault is no part of the reason: "it [leaks]", "it's [too big]".
LEAD = re.compile(r"(?:it's|it is|it was|it has|it)\s+", re.IGNORECASE)
_IDIOM = "(?<![心气急吓乐累愁烦哭笑券码])"
_DAYS_EN = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_DATES_EN = (
    rf"(?:(?:a few|few|two|three|four|five|six|seven|ten|\d+) (?:days|weeks|months|hours) ago|a (?:week|month|year) ago"
    rf"|(?:last|next|this) (?:{_DAYS_EN}|week|weekend|month|year|morning|afternoon|evening)"
    rf"|(?:yesterday|today|tomorrow)(?: (?:morning|afternoon|evening|night|noon))?|tonight|last night"
    rf"|(?:{_DAYS_EN})(?: (?:morning|afternoon|evening|night))?"
    "|the (?:day before yesterday|day after tomorrow|weekend))"
)
_DATES_ZH = (
    "(?:(?:上上|上|下|这|本)(?:个)?(?:周|星期|礼拜)[一二三四五六日天末]?|(?:上上|上|下|这|本)个?月|[大]?[昨今明后前]天"
    "(?:上午|下午|晚上|早上|中午|夜里)?(?:[一二两三四五六七八九十]+点半?|\\d+点半?)?|[今明昨]晚|[今明]早|(?:周|星期|礼拜)[一二三四五六日天末](?:上午|下午|晚上|早上)?"
    "|(?:[一二两三四五六七八九十几半]|\\d+)(?:天|周|个月|个星期|个礼拜|年)(?:之|以)?前)"
)


@cache
def _listed() -> dict[str, list[tuple[str, str]]]:
    """Read (Chinese, English) values by slot."""
    table: dict[str, list[tuple[str, str]]] = {}
    slot = ""
    for line in (DATA / "slots.txt").read_text("utf-8").splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            slot = header[1]
            table[slot] = []
        elif " | " in line:
            chinese, english = line.split(" | ", 1)
            table[slot].append((chinese.strip(), english.strip().removeprefix("on ")))
    return table


@cache
def _things() -> list[tuple[str, str]]:
    """Things that emoji show and shops sell (food, clothes, tools), as further products to train on."""
    pairs: list[tuple[str, str]] = []
    wanted = False
    names = {symbol.text: symbol for symbol in annotated_symbols() if not held_out_symbol(symbol.base)}
    listed = package_root("unicode-data") / "usr/share/unicode/emoji/emoji-test.txt"
    for line in listed.read_text("utf-8").splitlines():
        if line.startswith("# subgroup: "):
            wanted = line.removeprefix("# subgroup: ") in _SOLD
        elif wanted and "; fully-qualified" in line:
            text = "".join(chr(int(code, 16)) for code in line.split(";")[0].split()).replace("\ufe0f", "")
            if text in names and len(names[text].name_zh) < 7:
                pairs.append((names[text].name_zh, names[text].name_en))
    return [pair for pair in pairs if not _is_kept("product", pair)]


@cache
def mentions(language: str, reasons: bool = False) -> re.Pattern[str]:
    """Match dates, and reasons if wanted, that a text says literally, so that they are tagged like drawn ones."""
    if not reasons:
        return re.compile(_edged(_named("date", language), language), re.IGNORECASE)
    both = f"{_named('date', language)}|{_named('reason', language)}"
    return re.compile(_edged(both, language), re.IGNORECASE)


def _edged(pattern: str, language: str) -> str:
    return rf"\b(?:{pattern})\b" if language == "en" else pattern


def _named(slot: str, language: str) -> str:
    place = int(language == "en")
    values = [value[place] for value in _listed()[slot]]
    if slot == "reason":
        values += [value[place] for kind in FAULT_KINDS for value in parts()[kind] if place == 0 or " " in value[1]]
        values = [LEAD.sub("", value, count=1) if place else value.removesuffix("了") for value in values]
    kept = {value for value in values if len(value) > 1 and value not in _TOO_PLAIN and value + "了" not in _TOO_PLAIN}
    found = "|".join(re.escape(value) for value in sorted(kept, key=len, reverse=True))
    if slot == "reason":
        return f"(?P<reason>{found})" if place else f"{_IDIOM}(?P<reason>(?:{found})[了啦]?)"
    return f"(?P<date>{_DATES_EN}|{found})" if place else f"(?P<date>(?:{_DATES_ZH}|{found})(?!好))"


@cache
def _kept(slot: str, held_out: bool) -> list[tuple[str, str]]:
    """Listed values of a slot that are, or are not, kept back for test."""
    return [v for index, v in enumerate(_listed()[slot]) if (index % _HELD_OUT_EVERY == 3) == held_out]


def _made(slot: str, rng: random.Random) -> tuple[str, str]:
    """Compose a value of a slot that has listed ones too; never one that is kept back for test."""
    while True:
        value = {
            "product": lambda: product(rng, _kept("product", held_out=False)),
            "reason": lambda: reason(rng),
            "address": lambda: address(rng),
            "person_count": lambda: person_count(rng),
            "date": lambda: rng.choice(parts()["date"]) if rng.random() < 0.4 else _date(rng),
        }[slot]()
        if not _is_kept(slot, value):
            return value


@cache
def _words_kept(slot: str) -> frozenset[str]:
    return frozenset(word for value in _kept(slot, held_out=True) for word in value)


def is_held(slot: str, words: str) -> bool:
    """Tell whether a value, in either language, is kept back for test."""
    return slot in _listed() and words in _words_kept(slot)


def _is_kept(slot: str, value: tuple[str, str]) -> bool:
    return not _words_kept(slot).isdisjoint(value)


_MADE_SHARE = {"product": 0.6, "reason": 0.6, "address": 0.75, "person_count": 0.6, "date": 0.45}


def draw(slot: str, rng: random.Random, held_out: bool = False) -> tuple[str, str]:
    """Draw one value of `slot` as (Chinese, English); `held_out` takes listed values never trained on."""
    if slot in FAULT_KINDS:
        return fault(slot, rng)
    if slot not in _MADE_SHARE:
        return _MADE[slot](rng)
    if slot == "date" and held_out and rng.random() < 0.4:
        return _date(rng)
    if not held_out and rng.random() < _MADE_SHARE[slot]:
        return _made(slot, rng)
    if slot == "product" and not held_out and rng.random() < 0.3:
        return rng.choice(_things())
    return rng.choice(_kept(slot, held_out))


def _some(rng: random.Random, alphabet: str, low: int, high: int) -> str:
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(low, high)))


def _order_number(rng: random.Random) -> tuple[str, str]:
    style = rng.random()
    if style < 0.35:
        value = (
            rng.choice(("SO", "A", "ORD", "NO", "DD", "P", "SD", "OD"))
            + rng.choice(("", "", "-"))
            + _some(rng, _DIGITS, 4, 12)
        )
    elif style < 0.5:
        value = f"20{rng.randint(22, 27)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}" + _some(rng, _DIGITS, 3, 8)
    elif style < 0.6:
        value = f"{_some(rng, _LETTERS, 1, 3)}-{_some(rng, _DIGITS, 3, 5)}-{_some(rng, _DIGITS, 3, 6)}"
    else:
        value = _some(rng, _DIGITS, 4, 14)
    value = value.lower() if rng.random() < 0.2 else value
    return value, value


def _tracking_number(rng: random.Random) -> tuple[str, str]:
    value = rng.choice(_CARRIERS) + _some(rng, _DIGITS, 9, 14) + rng.choice(("", "", "", "CN", "US"))
    value = value.lower() if rng.random() < 0.2 else value
    return value, value


def _amount(rng: random.Random) -> tuple[str, str]:
    number = rng.choice(
        (str(rng.randint(5, 999)), f"{rng.randint(1, 500)}.{rng.randint(0, 99):02d}", str(rng.randint(1, 30) * 100))
    )
    chinese = rng.choice((f"{number}元", f"{number}块", f"￥{number}", f"¥{number}", f"{number}块钱", f"{number}元钱"))
    english = rng.choice(
        (
            f"${number}",
            f"{number} dollars",
            f"{number} yuan",
            f"£{number}",
            f"€{number}",
            f"{number} usd",
            f"¥{number}",
            f"${number}",
        )
    )
    return chinese, english


def _quantity(rng: random.Random) -> tuple[str, str]:
    number = rng.choice((1, 2, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10))
    word = rng.choice(("两" if number == 2 else _CHINESE[number], str(number)))
    measure = rng.choice("个件个件双台本盒包瓶条套箱张只份袋罐把支顶对部块斤")
    return word + measure, rng.choice((_ENGLISH[number], str(number), f"{number}"))


def _phone(rng: random.Random) -> tuple[str, str]:
    mobile = f"1{rng.choice('3578')}" + _some(rng, _DIGITS, 9, 9)
    chinese = rng.choice(
        (
            mobile,
            mobile,
            f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}",
            f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}",
            "010-" + _some(rng, _DIGITS, 8, 8),
        )
    )
    a, b, c = _some(rng, "23456789", 3, 3), _some(rng, _DIGITS, 3, 3), _some(rng, _DIGITS, 4, 4)
    english = rng.choice(
        (f"{a}-{b}-{c}", f"({a}) {b}-{c}", f"+1 {a} {b} {c}", f"+44 7{b} {a}{c[:3]}", chinese, a + b + c)
    )
    return chinese, english


def _email(rng: random.Random) -> tuple[str, str]:
    value = f"{rng.choice(_NAMES)}{_some(rng, _DIGITS, 0, 3)}@{rng.choice(_HOSTS)}"
    return value, value


def _coupon(rng: random.Random) -> tuple[str, str]:
    word = rng.choice(
        ("SAVE", "NEW", "VIP", "WELCOME", "SUMMER", "HELLO", "SPRING", "FLASH", "SORRY", "BDAY", "GIFT", "XMAS", "OFF")
    )
    value = word + rng.choice(
        (str(rng.choice((5, 10, 15, 20, 25, 30, 50, 88, 100))), f"20{rng.randint(24, 27)}", _some(rng, _LETTERS, 2, 4))
    )
    value = value.lower() if rng.random() < 0.2 else value
    return value, value


def _date(rng: random.Random) -> tuple[str, str]:
    month, day, hour, few = rng.randint(1, 12), rng.randint(1, 28), rng.randint(1, 12), rng.randint(3, 9)
    weekday, part = rng.randrange(7), rng.randrange(3)
    iso = f"20{rng.randint(24, 27)}-{month:02d}-{day:02d}"
    names = "january february march april may june july august september october november december".split()
    nth = f"{day}{'th' if 10 < day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
    when = rng.choice(
        (("今天", "today"), ("明天", "tomorrow"), ("后天", "the day after tomorrow"), ("周六", "saturday"))
    )
    return rng.choice(
        (
            (f"{month}月{day}号", f"the {nth} of {names[month - 1]}"),
            (f"{month}月{day}", f"{names[month - 1]} {nth}"),
            (f"{day}号那天", f"the {nth}"),
            (f"{when[0]}{_CHINESE[min(hour, 10)]}点", f"{when[1]} at {hour}"),
            (f"{when[0]}下午{hour}点", f"{when[1]} at {hour} pm"),
            (f"{when[0]}晚上{hour}点半", f"{when[1]} at {hour}:30"),
            (f"{_CHINESE[few]}个月前", f"{few} months ago"),
            (f"{few}周前", f"{_ENGLISH[few]} weeks ago"),
            (f"{month}月{day}号", f"{names[month - 1]} {day}"),
            (f"{month}月{day}日", f"{day} {names[month - 1]}"),
            (f"{month}.{day}", f"{month}/{day}"),
            (f"{day}号", f"the {nth}"),
            (f"下午{hour}点", f"{hour}pm"),
            (f"晚上{_CHINESE[min(hour, 10)]}点", f"{min(hour, 10)} in the evening"),
            (iso, iso),
            (f"{_CHINESE[few]}天前", f"{few} days ago"),
            (
                f"周{'一二三四五六日'[weekday]}{('上午', '下午', '晚上')[part]}",
                f"{_WEEKDAYS[weekday]} {('morning', 'afternoon', 'evening')[part]}",
            ),
        )
    )


_MADE: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    "order_number": _order_number,
    "tracking_number": _tracking_number,
    "amount": _amount,
    "quantity": _quantity,
    "phone": _phone,
    "email": _email,
    "coupon_code": _coupon,
}
