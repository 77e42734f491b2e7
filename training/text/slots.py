"""Draw slot values: made-up numbers and addresses, and products, reasons and dates with their translation."""

import random
import re
from collections.abc import Callable
from functools import cache

from training.emoji.debian import package_root
from training.text.pairs import held_out as held_out_symbol
from training.text.paths import DATA
from training.text.unicode_text import annotated_symbols

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
_TOO_PLAIN = frozenset({"不喜欢", "不想要了", "降价了", "买错了", "发错货了", "圣诞节", "christmas", "用不了"})


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
    """Things that emoji show (food, clothes, tools), as further products to train on."""
    pairs: list[tuple[str, str]] = []
    wanted, groups = False, ("Food & Drink", "Objects", "Activities")
    names = {symbol.text: symbol for symbol in annotated_symbols() if not held_out_symbol(symbol.base)}
    listed = package_root("unicode-data") / "usr/share/unicode/emoji/emoji-test.txt"
    for line in listed.read_text("utf-8").splitlines():
        if line.startswith("# group: "):
            wanted = line.removeprefix("# group: ") in groups
        elif wanted and "; fully-qualified" in line:
            text = "".join(chr(int(code, 16)) for code in line.split(";")[0].split()).replace("\ufe0f", "")
            if text in names and len(names[text].name_zh) < 7:
                pairs.append((names[text].name_zh, names[text].name_en))
    return pairs


@cache
def mentions(language: str) -> re.Pattern[str]:
    """Match dates and reasons that a template or clause says literally, so that they are tagged like drawn ones."""
    place = int(language == "en")
    parts = []
    for slot in ("date", "reason"):
        values = [value[place] for value in _listed()[slot] if len(value[place]) > 1 and value[place] not in _TOO_PLAIN]
        if language == "zh" and slot == "reason":
            values += [value.removesuffix("了") for value in values if len(value) > 2]
        ordered = sorted({re.escape(value) for value in values}, key=len, reverse=True)
        parts.append(f"(?P<{slot}>{'|'.join(ordered)})")
    edge = r"\b" if language == "en" else ""
    return re.compile(edge + "(?:" + "|".join(parts) + ")" + edge, re.IGNORECASE)


def draw(slot: str, rng: random.Random, held_out: bool = False) -> tuple[str, str]:
    """Draw one value of `slot` as (Chinese, English); `held_out` takes listed values never trained on."""
    listed = _listed().get(slot)
    if slot == "date" and rng.random() < 0.4:
        return _date(rng)
    if slot == "product" and not held_out and rng.random() < 0.35:
        return rng.choice(_things())
    if listed:
        values = [value for index, value in enumerate(listed) if (index % _HELD_OUT_EVERY == 3) == held_out]
        return rng.choice(values)
    return _MADE[slot](rng)


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
    word = rng.choice((_CHINESE[number].replace("二", "两") if number == 2 else _CHINESE[number], str(number)))
    return word + rng.choice("个件个件双台本盒包瓶条套箱张只"), rng.choice((_ENGLISH[number], str(number), f"{number}"))


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
    return rng.choice(
        (
            (f"{month}月{day}号", f"{names[month - 1]} {day}"),
            (f"{month}月{day}日", f"{day} {names[month - 1]}"),
            (f"{month}.{day}", f"{month}/{day}"),
            (f"{day}号", f"the {day}th"),
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
