"""Read the template files and expand `[a|b]` choices and `{macro}` words; slots stay as they are."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from training.text.paths import DATA
from training.text.values import FAULT_KINDS

SLOTS = (
    "order_number",
    "tracking_number",
    "product",
    "date",
    "amount",
    "quantity",
    "address",
    "phone",
    "email",
    "coupon_code",
    "reason",
    "person_count",
)
INTENTS = (
    "greeting",
    "thanks",
    "goodbye",
    "order_status",
    "logistics_delay",
    "address_change",
    "cancel_order",
    "return_request",
    "refund_status",
    "exchange_request",
    "coupon_inquiry",
    "invoice_request",
    "product_question",
    "payment_problem",
    "account_problem",
    "complaint",
    "human_agent",
    "chitchat",
    "out_of_scope",
)
EMOTIONS = ("neutral", "joy", "gratitude", "anxiety", "sadness", "anger", "confusion")
_CODES = {"j": "joy", "g": "gratitude", "a": "anxiety", "s": "sadness", "x": "anger", "c": "confusion"}
_LANGUAGES = {"e": "en", "z": "zh"}
_ADDED = (
    "more_templates.txt",
    "more_templates_2.txt",
    "stories.txt",
    "plain.txt",
    "stories_2_zh.txt",
    "stories_2_en.txt",
)
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Template:
    """One line of a template file; `block` groups the lines of one meaning in both languages."""

    text: str
    language: str
    intent: str
    emotion: str
    block: str
    always_train: bool = False


@cache
def templates() -> tuple[Template, ...]:
    """Read every template of every intent, in file order.

    Raises:
        ValueError: A line of a template file cannot be read; the message names file and line.
    """
    found: list[Template] = []
    for intent in INTENTS:
        block = 0
        for number, line in enumerate((DATA / "intents" / f"{intent}.txt").read_text("utf-8").splitlines(), 1):
            if not line.strip():
                block += 1
                continue
            found.append(_template(line, intent, f"{intent}/{block}", f"{intent}.txt:{number}"))
    known = {(template.text, template.intent) for template in found}
    return (*found, *(template for template in _more() if (template.text, template.intent) not in known))


def _template(line: str, intent: str, block: str, place: str, always_train: bool = False) -> Template:
    match = re.fullmatch(r"([ez]) (.*?)(?:\s*@([jgasxc]))?\s*", line)
    if match is None:
        raise ValueError(f"{place}: not a template: {line!r}")
    emotion = _CODES[match[3]] if match[3] else "neutral"
    return Template(match[2], _LANGUAGES[match[1]], intent, emotion, block, always_train)


def _more() -> Iterator[Template]:
    """Read the templates that were added later, for training only, so that the split of the others never moves.

    Those of `stories.txt` are whole messages of several clauses, with slot values said as `<slot:words>`; those of
    `stories_2_*.txt` are messages written one by one, with every slot value said; those of `plain.txt` are plain
    statements whose words look like feelings.
    """
    for file in _ADDED:
        intent = ""
        for number, line in enumerate((DATA / file).read_text("utf-8").splitlines(), 1):
            if header := re.fullmatch(r"\[(\w+)\]", line):
                intent = header[1]
            elif line.strip() and not line.startswith("#"):
                yield _template(line, intent, f"{intent}/{file[:-4]}", f"{file}:{number}", always_train=True)


@cache
def macros() -> dict[tuple[str, str], list[str]]:
    """Read the word alternatives by (name, language)."""
    table: dict[tuple[str, str], list[str]] = {}
    for line in (DATA / "macros.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            key, alternatives = line.split(" = ", 1)
            name, language = key.split(".")
            table[name, language] = [word.strip() for word in alternatives.split("|")]
    return table


def resolve(text: str, language: str, rng: random.Random) -> str:
    """Draw every choice and macro of a template; slot placeholders stay."""
    table = macros()
    while True:
        before = text
        text = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), text)
        text = _NAME.sub(lambda match: _macro(match, language, table, rng), text)
        if text == before:
            return re.sub(r"\s{2,}", " ", text).strip()


def _macro(match: re.Match[str], language: str, table: dict[tuple[str, str], list[str]], rng: random.Random) -> str:
    if match[1] in SLOTS or match[1] in FAULT_KINDS:
        return match[0]
    if (match[1], language) not in table:
        raise ValueError(f"unknown name {{{match[1]}}} for language {language!r}")
    return rng.choice(table[match[1], language])


@cache
def fragments(more: bool = False) -> dict[tuple[str, str, str], list[str]]:
    """Read the emotional and polite clauses by (emotion, language, place): place is `p`, `s` or `b`.

    Args:
        more: Read those that were added later, for training only, so that the split of the others never moves.
    """
    table: dict[tuple[str, str, str], list[str]] = {}
    key = ("", "", "")
    for line in (DATA / ("more_emotions.txt" if more else "emotions.txt")).read_text("utf-8").splitlines():
        header = re.fullmatch(r"\[(\w+) ([ez]) ([psb])\]", line)
        if header:
            key = (header[1], _LANGUAGES[header[2]], header[3])
            table.setdefault(key, [])
        elif line and not line.startswith("#"):
            table[key].append(line)
    return table
