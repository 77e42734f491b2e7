"""What a message says about a slot: a value, a value that does not do, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, time

from orchestrator.dialogue.denied import without_denied
from orchestrator.dialogue.forms import Form, Slot, text_name
from orchestrator.dialogue.moments import without_shift
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.reads import NOTHING, Read
from orchestrator.dialogue.said import Said
from orchestrator.dialogue.values import (
    address_told,
    choice_in,
    date_told,
    email_told,
    money_told,
    number_told,
    phone_told,
    text_told,
    time_told,
)
from orchestrator.dialogue.which_item import which_item, which_variant
from orchestrator.dialogue.which_order import which_order
from orchestrator.dialogue.world import World

_SET_AGAINST = re.compile(r"(?:of|than)\b", re.IGNORECASE)  # behind "instead" or "rather" stands what is not wanted
_NOT_BUT_ZH = re.compile(r"(?<!是)不是[^，。是]{1,12}[，,、 ]*(?:而|我说的)?(?:是|要)([^，。].*)")
_MEASURED = ("number", "date", "time")
_KEPT = ("text", "address")

_Reader = Callable[[Form, Slot, dict[str, str], Said, World, bool], Read]
_READERS: dict[str, _Reader] = {
    "order": which_order, "item": which_item, "variant": which_variant, "choice": choice_in, "number": number_told,
    "date": date_told, "time": time_told, "text": text_told, "email": email_told, "phone": phone_told,
    "address": address_told, "money": money_told,
}  # fmt: skip


def read(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, *, asked: bool) -> Read:
    """What a message says about a slot. When it answers the slot's question (`asked`), less is needed."""
    if slot.type in _MEASURED:
        said = _of(said, without_denied(said.text))
    if slot.type == "number":
        said = _of(said, without_shift(said.text))
    for text in _attempts(said, whole_first=slot.type == "address" or any(one.fault for one in slot.choices)):
        found = _READERS[slot.type](form, slot, filled, _of(said, text), world, asked)
        if found != NOTHING:
            return _checked(form, slot, _in_own_words(slot, found, said), world.today)
    return NOTHING


def _in_own_words(slot: Slot, found: Read, said: Said) -> Read:
    """What is kept of the customer's words is kept as it was written."""
    return replace(found, value=said.as_written(found.value)) if slot.type in _KEPT else found


def _attempts(said: Said, *, whole_first: bool) -> Sequence[str]:
    """What stands behind a correction first, then the whole; an address is cut wrongly by that, and a fault lost."""
    corrected = PHRASES.after("corrects", said.text)
    if (rather := _NOT_BUT_ZH.search(said.text)) is not None:
        corrected = rather[1].strip()
    if not corrected or _SET_AGAINST.match(corrected):
        return (said.text,)
    return (said.text, corrected) if whole_first else (corrected, said.text)


def _of(said: Said, text: str) -> Said:
    facts = tuple((kind, value) for kind, value in said.facts if value in text)
    return replace(said, text=text, facts=facts)


def _checked(form: Form, slot: Slot, found: Read, today: date) -> Read:
    check = slot.check
    if check is None or not found.value:
        return found
    wrong = Read(problem=text_name(form.name, f"wrong/{slot.name}"), facts={"value": found.value})
    if check.pattern and not re.fullmatch(check.pattern, found.value):
        return wrong
    if slot.type == "number":
        number = int(found.value)
        if (check.least is not None and number < check.least) or (check.most is not None and number > check.most):
            return wrong
    if slot.type == "date" and check.future_days is not None:
        ahead = (date.fromisoformat(found.value) - today).days
        if not 0 <= ahead <= check.future_days:
            return wrong
    if slot.type == "time" and check.opens:
        at = time.fromisoformat(found.value)
        if not time.fromisoformat(check.opens) <= at <= time.fromisoformat(check.closes):
            return wrong
    return found
