"""Compose slot values to train on: thousands of products, faults, addresses and head counts from short lists.

What `slots.txt` keeps back for test never comes out of here, in either language.
"""

import random
import re
from functools import cache

from training.text.paths import DATA

Pair = tuple[str, str]
FAULT_KINDS = ("fault_is", "fault_has", "fault_does")
_COUNTS = "零一两三四五六七八九十"
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@cache
def parts() -> dict[str, list[Pair]]:
    """Read the (Chinese, English) parts by section of `more_values.txt`."""
    table: dict[str, list[Pair]] = {}
    section = ""
    for line in (DATA / "more_values.txt").read_text("utf-8").splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
            table[section] = []
        elif " | " in line and not line.startswith("#"):
            chinese, english = line.split(" | ", 1)
            table[section].append((chinese.strip(), english.strip()))
    return table


def product(rng: random.Random, known: list[Pair]) -> Pair:
    """Name a product: a noun of the lists or of `known`, often with a colour, a material, a kind, a brand or a mood."""
    table, style = parts(), rng.random()
    if style < 0.04:
        return rng.choice(table["device"])
    noun = rng.choice(table["noun"]) if rng.random() < 0.6 else rng.choice(known)
    if style < 0.1:  # goods are named after feelings, which are not the customer's
        mood = rng.choice(table["mood"])
        return f"{mood[0]}{rng.choice(('', '', '的', '小'))}{noun[0]}", f"{mood[1]} {noun[1]}"
    if style < 0.5:
        return noun
    if style < 0.9:
        first = rng.choice(table[rng.choice(("colour", "colour", "material", "kind", "brand"))])
        return f"{first[0]}{noun[0]}", f"{first[1]} {noun[1]}"
    first = rng.choice(table[rng.choice(("brand", "kind"))])
    second = rng.choice(table[rng.choice(("colour", "material"))])
    return f"{first[0]}{second[0]}{noun[0]}", f"{first[1]} {second[1]} {noun[1]}"


def reason(rng: random.Random) -> Pair:
    """Say what is wrong or why it is unwanted, as a clause of its own."""
    table, style = parts(), rng.random()
    if style < 0.15:
        return rng.choice(table["motive"])
    if style < 0.35:
        return rng.choice(table["clause"])
    if style < 0.5:
        part, wrong = rng.choice(table["part"]), rng.choice(table["part_fault"])
        return f"{part[0]}{_degree(wrong[0], rng)}", f"the {part[1]} {wrong[1]}"
    if style < 0.6:
        return _misfit(rng)
    if style < 0.68:
        edge, mark = rng.choice(table["edge"]), rng.choice(table["mark"])
        return f"{edge[0]}{mark[0]}", f"{edge[1]} {mark[1]}"
    if style < 0.76:
        soon, end = rng.choice(table["soon"]), rng.choice(table["gave_up"])
        return f"{soon[0]}{end[0]}", f"it {end[1]} {soon[1]}"
    kind = rng.choice(FAULT_KINDS)
    chinese, english = rng.choice(table[kind])
    lead = {"fault_is": "it's ", "fault_has": "it has ", "fault_does": "it "}[kind]
    return _degree(chinese, rng), lead + english


def _misfit(rng: random.Random) -> Pair:
    """Say where clothes or shoes do not sit well."""
    table = parts()
    body, fit, place = rng.choice(table["bodypart"]), rng.choice(table["fit"]), rng.choice(table["place"])
    return (
        f"{body[0]}{place[0] if rng.random() < 0.5 else ''}{fit[0]}",
        rng.choice((f"{fit[1]} {place[1]} {body[1]}", f"the {body[1]} feel {fit[1]}", f"too tight in the {body[1]}")),
    )


_DEGREED = tuple("太很有少没是老自用偏第突")  # begins of faults that take no word of degree
_DEGREES = ("有点", "特别", "实在", "真的", "根本", "完全", "明显", "好像", "一直", "老是", "全都", "都", "直接")


def _degree(chinese: str, rng: random.Random) -> str:
    """Put a word of degree before a Chinese fault, where none is there yet."""
    if rng.random() < 0.8 or chinese.startswith(
        ("太", "很", "有", "少", "没", "是", "老", "自", "用", "偏", "第", "突")
    ):
        return chinese
    return rng.choice(_DEGREES) + chinese


def fault(kind: str, rng: random.Random) -> Pair:
    """Say what is wrong as the end of a sentence whose subject is the product; English goes by the verb before it."""
    return rng.choice(parts()[kind])


def address(rng: random.Random) -> Pair:
    """Write an address as people of either language write it."""
    return (_chinese_address(rng), _english_address(rng))


def _chinese_address(rng: random.Random) -> str:
    table = parts()
    where = rng.choice(table["city"])[0] if rng.random() < 0.8 else ""
    road = f"{rng.choice(table['road'])[0]}{rng.randint(1, 999)}号"
    estate = rng.choice(table["estate"])[0]
    rooms = rng.choice(
        (
            f"{rng.randint(1, 40)}{rng.choice('栋幢')}{rng.randint(1, 30)}0{rng.randint(1, 6)}",
            f"{rng.randint(1, 40)}号楼{rng.randint(1, 6)}单元{rng.randint(1, 30)}0{rng.randint(1, 6)}室",
            f"{rng.choice('ABC')}座{rng.randint(2, 40)}楼",
            f"{rng.randint(1, 20)}栋{rng.randint(1, 4)}单元",
            f"{rng.randint(1, 9)}-{rng.randint(1, 4)}-{rng.randint(101, 2806)}",
            "",
        )
    )
    return rng.choice(
        (f"{where}{road}", f"{where}{road}{estate}{rooms}", f"{where}{estate}{rooms}", f"{where}{road}{rooms}")
    )


def _english_address(rng: random.Random) -> str:
    table = parts()
    number = f"{rng.randint(1, 1990)}{rng.choice(('', '', '', '', 'a', 'b'))}"
    flat = rng.choice(
        (
            f"flat {rng.randint(1, 40)}, ",
            f"apt {rng.randint(1, 40)}{rng.choice('abcd')}, ",
            f"unit {rng.randint(1, 30)}, ",
            "",
            "",
            "",
        )
    )
    if rng.random() < 0.3:
        near = f"{rng.choice(table['road'])[1]}, {rng.choice(table['city'])[1]}"
        return f"{flat}{number} {near}"
    street = f"{flat}{number} {rng.choice(table['street'])[1]}"
    tail = rng.choice(table["town"])[1] if rng.random() < 0.7 else ""
    suite = rng.choice(("", "", "", f", apt {rng.randint(1, 30)}", f" suite {rng.randint(100, 900)}"))
    suite = "" if flat else suite
    return f"{street}{suite}" + (f", {tail}" if tail else "")


def person_count(rng: random.Random) -> Pair:
    """Say how many people come."""
    number, few = rng.randint(2, 10), rng.randint(1, 3)
    chinese, digits = _COUNTS[number], str(number)
    said = rng.choice((chinese, digits))
    word = rng.choice((_WORDS[number], digits))
    return rng.choice(
        (
            (f"{said}个人", f"{word} people"),
            (f"{said}位", f"{word} guests"),
            (f"{said}人", f"{word} of us"),
            (f"{said}个大人", f"{word} adults"),
            (f"{chinese}大{_COUNTS[few]}小", f"{word} adults and {_WORDS[few]} kids"),
            (f"{said}个人左右", f"about {word} people"),
            (f"{said}个", word),
            (f"{number + 10}人", f"a party of {number + 10}"),
        )
    )
