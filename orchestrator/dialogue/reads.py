"""What was read of a message for a slot, and what several readers look at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestrator.dialogue.forms import Slot
from orchestrator.dialogue.phrases import PHRASES, any_of
from orchestrator.dialogue.said import Said

MOBILE_ZH = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
ORDER_NUMBER = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[- ]?\d{8,14}(?!\d)")
SPEAKS_OF_ORDER = re.compile(r"\border\b|订单|单子|那单|这单|第.单", re.IGNORECASE)


@dataclass(frozen=True)
class Read:
    """What was read.

    Attributes:
        problem: The text that says what does not do; `facts` fill it.
        also: Slots that follow from it.
        instead: The form that can do something with the order that is named.
        guessed: It fits because nothing else does.
        more: What else is meant alike, as slots: the form is for one at a time.
        among: Orders of which one is meant.
    """

    value: str = ""
    problem: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    also: dict[str, str] = field(default_factory=dict)
    instead: str = ""
    guessed: bool = False
    more: tuple[Mapping[str, str], ...] = ()
    among: tuple[str, ...] = ()


NOTHING = Read()


def the_other(said: Said, known: str, choices: Sequence[str]) -> str:
    """The other of two, when one is known and "the other one" is said; empty for none."""
    others = [one for one in choices if one != known]
    return others[0] if known and len(others) == 1 and PHRASES.has("other_one", said.text) else ""


def instead_of_it(said: Said) -> bool:
    """Whether something else is meant than what was told before."""
    return said.consent is False or PHRASES.has("amends", said.text) or PHRASES.has("corrects", said.text)


def all_of_them(said: Said) -> bool:
    """Whether all that was listed is meant."""
    return PHRASES.has("all_of_them", said.text)


def mentions_order(said: Said) -> bool:
    """Whether it names an order, or speaks of one."""
    return bool(ORDER_NUMBER.search(said.text) or SPEAKS_OF_ORDER.search(said.text))


def cued_in(slot: Slot, said: Said) -> str:
    """What the slot's cues point at; the last one counts."""
    return next(iter(cued_all(slot, said)), "")


def cued_all(slot: Slot, said: Said) -> list[str]:
    """Everything that the slot's cues point at, the last first."""
    matches = list(any_of([*slot.cues.en, *slot.cues.zh]).finditer(said.text))
    groups = [next((group for group in match.groups() if group), "") for match in reversed(matches)]
    return [group.strip() for group in groups]
