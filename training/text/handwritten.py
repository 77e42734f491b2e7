"""Read the hand-written check set: customer sentences that no template made."""

import re

from training.text.expand import EMOTIONS, INTENTS, SLOTS
from training.text.grammar import Utterance
from training.text.paths import DATA

_SLOT = re.compile(r"\[(\w+):([^\]]*)\]")


def handwritten(name: str = "handwritten") -> list[Utterance]:
    """Return a set in file order: `handwritten`, `handwritten_plain`, or `handwritten_fresh` and its `_2` and `_3`.

    Raises:
        ValueError: A line has an unknown language, intent, emotion or slot; the message carries the line.
    """
    lines = (DATA / f"{name}.txt").read_text("utf-8").splitlines()
    return [_parse(line) for line in lines if line.strip() and not line.startswith("#")]


def _parse(line: str) -> Utterance:
    language, intent, emotion, marked = line.split(" | ", 3)
    if language not in ("en", "zh") or intent not in INTENTS or emotion not in EMOTIONS:
        raise ValueError(f"unknown language, intent or emotion: {line!r}")
    text, spans, at = "", [], 0
    for match in _SLOT.finditer(marked):
        if match[1] not in SLOTS:
            raise ValueError(f"unknown slot {match[1]!r}: {line!r}")
        text += marked[at : match.start()]
        spans.append((match[1], len(text), len(text) + len(match[2])))
        text += match[2]
        at = match.end()
    return Utterance(text + marked[at:], language, intent, emotion, tuple(spans))
