"""The form runner: a message and a form's position in, the next step out. It looks nothing up and does nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec

from orchestrator.dialogue.barring import OPEN, barred
from orchestrator.dialogue.denied import corrected_slots, without_unchanged
from orchestrator.dialogue.fitting import alike_in, choosable, fitting_orders
from orchestrator.dialogue.forms import Form, Slot, text_name
from orchestrator.dialogue.mentions import mentioned
from orchestrator.dialogue.moments import shift_in
from orchestrator.dialogue.phrases import PHRASES, any_of
from orchestrator.dialogue.quantities import changed_by, only_counts
from orchestrator.dialogue.reads import NOTHING, Read, cued_in
from orchestrator.dialogue.said import Said
from orchestrator.dialogue.slots import read
from orchestrator.dialogue.state import FormPosition
from orchestrator.dialogue.values import name_cued
from orchestrator.dialogue.world import World

_PATIENCE = 3
_TOO_OFTEN = 2  # times that the same was asked before
CHOOSE = "form_choose"
"""The problem of what was asked too often: what there is to choose from is told, and a person."""
_PASSES = 2  # a thing names its order, and an order what is in it
_WORDS = ("text", "address")
_HAS_DIGIT = re.compile(r"\d")
_NUMBER_OF_ORDER = re.compile(r"[A-Za-z]{2}[- ]?\d{8,14}|\b\d{10,14}\b")
_ABOUT = re.compile(
    r"\b(?:about|regarding|against|on|over|concerning) (?:the |your |my |a )?\w+(?: \w+)?|"
    r"(?:关于|针对|对)?[^，。]{0,6}(?:的事|这件事)",
    re.IGNORECASE,
)
_CORRECTABLE = ("address", "number", "variant", "item")  # by a value alone ("make that five")
_LONG_WISH = {"en": 45, "zh": 12}  # characters
_COUNTED = ("number", "time")
_BY_DIGITS = ("address", "number")


class Kind(StrEnum):
    """What is to be done next.

    ASK: the slot. CONFIRM: ask whether to do it. CALL: do it. NOT_AGREED: it was not confirmed; what else?
    GIVEN_UP: the customer leaves it. ASIDE: the message is not about the form. NOTHING_FITS: no order can be meant.
    REFUSED: what is named cannot be. INSTEAD: another form is meant. STUCK: it was asked too often.
    """

    ASK = "ask"
    CONFIRM = "confirm"
    CALL = "call"
    NOT_AGREED = "not_agreed"
    GIVEN_UP = "given_up"
    ASIDE = "aside"
    NOTHING_FITS = "nothing_fits"
    REFUSED = "refused"
    INSTEAD = "instead"
    STUCK = "stuck"


@dataclass(frozen=True)
class Step:
    """The next step.

    Attributes:
        position: The form's after it.
        problem: The text that says what did not do, and `facts` that fill it.
        instead: The other form.
        more: What is to be done alike afterwards, as slots of the same form.
    """

    kind: Kind
    position: FormPosition
    problem: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    instead: str = ""
    more: tuple[Mapping[str, str], ...] = ()


def begin(form: Form, said: Said, world: World, filled: dict[str, str] | None = None) -> Step:
    """The first step of a form, with what the message that asks for it says already."""
    position = FormPosition(form.name, filled=dict(filled or {}))
    filling = _fill(form, position, said, world)
    for slot in form.slots:
        if slot.from_message and slot.name not in filling.filled and _says_enough(form, said):
            filling.filled[slot.name] = said.as_written(said.text)[:400]
    return _next(form, position, filling, world)


def advance(form: Form, position: FormPosition, said: Said, world: World) -> Step:
    """The next step of a form that is open."""
    if position.confirming and any_of([*form.agrees.en, *form.agrees.zh]).search(said.text):
        return Step(Kind.CALL, position)
    if said.consent and any_of([*form.differs.en, *form.differs.zh]).search(said.text):
        said = replace(said, consent=None)  # "the exchange then, please" agrees to no refund
    if said.gives_up or (PHRASES.has("not_wanted", said.text) and not _wants_reasons(form)):
        return Step(Kind.GIVEN_UP, position)
    if position.paused:
        return _resumed(form, position, said, world)
    if position.asked and form.slot(position.asked).type in _WORDS and PHRASES.has("asks_moment", said.text):
        return _unhurried(form, position, _Filling(dict(position.filled)), world)
    filling = _fill(form, position, said, world)
    agreed = position.confirming and said.consent  # "do it" is put like a question, and is none
    if said.wonders and not (filling.hard or agreed):
        return Step(Kind.ASIDE, position)
    if filling.changed or filling.problem.problem or filling.instead.instead or filling.restated:
        return _next(form, position, filling, world)
    if position.confirming and said.consent is not False and _may_change(said):
        return _in_doubt(form, position, filling, world)
    if said.consent is False and position.asked and not (filling.heard or said.asks or said.wonders):
        return _stopped(form, position, filling, said, world)
    if said.consent is not None and (position.confirming or not position.asked):
        if said.consent is False and filling.heard:  # "no, the tote": what is said is what there is already
            return _next(form, position, filling, world)
        if said.consent is False and PHRASES.has("thinks_it_over", said.text):
            return Step(Kind.GIVEN_UP, position)  # nothing may wait for a yes
        return _answered(form, position, said.consent, world)
    if position.asked and PHRASES.has("asks_moment", said.text) and not (said.asks or said.wonders):
        return _unhurried(form, position, filling, world)
    if said.aside or said.asks:
        return Step(Kind.ASIDE, position)
    misses = position.misses + 1
    if misses >= _PATIENCE:
        return Step(Kind.STUCK, position)
    again = _next(form, msgspec.structs.replace(position, misses=misses), filling, world)
    return Step(again.kind, again.position, again.problem or "not_caught", again.facts)


def _other_way(slot: Slot, world: World) -> str:
    """The form that can do something with one of the orders, or tells of what is under way; empty for none."""
    under_way = slot.where == "send_back" and any(one.status == "shipped" for one in world.orders)
    fits = (name for can, name in slot.instead.items() if under_way or any(can in one.can for one in world.orders))
    return next(fits, "")


def _wants_reasons(form: Form) -> bool:
    """Whether "I don't want it" tells why rather than that it should be left."""
    return any(choice.fault for slot in form.slots for choice in slot.choices)


def _stopped(form: Form, position: FormPosition, filling: _Filling, said: Said, world: World) -> Step:
    """A no to a question that asks what, and not whether, leaves the form, unless it only asks for a moment."""
    if not PHRASES.has("waits", said.text):
        return Step(Kind.GIVEN_UP, position)
    return _unhurried(form, position, filling, world)


def _unhurried(form: Form, position: FormPosition, filling: _Filling, world: World) -> Step:
    again = _next(form, msgspec.structs.replace(position, tries=-1), filling, world)
    return Step(again.kind, again.position, again.problem or "no_hurry", again.facts)


def _states(said: Said) -> bool:
    """Whether it neither asks something nor changes what was said."""
    return not (said.asks or said.wonders or said.aside or _amends(said))


def _amends(said: Said) -> bool:
    return PHRASES.has("corrects", said.text) or PHRASES.has("amends", said.text)


def _correctable(said: Said) -> tuple[str, ...]:
    """The types of slots that a value alone may change while nothing is asked for."""
    if said.consent is False or _amends(said):
        return _CORRECTABLE
    return _BY_DIGITS if _HAS_DIGIT.search(said.text) else ()


def _may_change(said: Said) -> bool:
    """Whether it may be meant to change what was said before, though it was not understood."""
    if said.consent or said.asks or said.wonders:
        return False
    return PHRASES.has("amends", said.text) or _HAS_DIGIT.search(_NUMBER_OF_ORDER.sub("", said.text)) is not None


def _in_doubt(form: Form, position: FormPosition, filling: _Filling, world: World) -> Step:
    """What was to be confirmed may be wrong: the next yes must not do it. What is written freely is asked for anew."""
    misses = position.misses + 1
    if misses >= _PATIENCE:
        return Step(Kind.STUCK, position)
    free = [slot for slot in form.slots if slot.type == "address" and slot.name in position.filled]
    if not free:
        return Step(Kind.NOT_AGREED, msgspec.structs.replace(position, confirming=False, asked="", misses=misses))
    kept = {name: value for name, value in filling.filled.items() if name != free[0].name}
    return Step(Kind.ASK, FormPosition(form.name, free[0].name, kept, misses=misses), "not_caught")


def ask_again(form: Form, position: FormPosition, world: World) -> Step:
    """The step at which a form stands, once more."""
    return _next(form, position, _Filling(dict(position.filled)), world)


def _resumed(form: Form, position: FormPosition, said: Said, world: World) -> Step:
    """After a silence: a yes goes on, a no leaves it, and an answer is an answer."""
    awake = msgspec.structs.replace(position, paused=False, asked="")  # what was asked is long ago: only plain words
    if said.consent is False:
        return Step(Kind.GIVEN_UP, position)
    filling = _fill(form, awake, said, world)
    if said.consent or filling.changed or filling.heard:
        return _next(form, awake, filling, world)
    return Step(Kind.ASIDE, position)


def _answered(form: Form, position: FormPosition, agreed: bool, world: World) -> Step:
    if agreed and not position.confirming:  # it was asked what should be different: nothing, then
        return ask_again(form, position, world)
    if agreed:
        return Step(Kind.CALL, position)
    return Step(Kind.NOT_AGREED, msgspec.structs.replace(position, confirming=False, asked=""))


@dataclass
class _Filling:
    """What a message filled.

    Attributes:
        wrong: The slot whose value does not do.
        hard: It named something that a question would not name.
        guessed: The slot that was filled because nothing else fits.
        heard: It named something, be it what is filled already.
        restated: What it named is what is filled already, in words that answer nothing.
        more: What else is meant alike.
        among: Orders of which one is meant.
    """

    filled: dict[str, str]
    changed: set[str] = field(default_factory=set)
    problem: Read = NOTHING
    wrong: str = ""
    hard: bool = False
    guessed: str = ""
    heard: bool = False
    restated: bool = False
    instead: Read = NOTHING
    more: tuple[Mapping[str, str], ...] = ()
    among: tuple[str, ...] = ()


def _fill(form: Form, position: FormPosition, said: Said, world: World) -> _Filling:
    filling = _Filling(dict(position.filled))
    corrects = () if position.asked else _correctable(said)
    denied = corrected_slots(form, position.filled, said.text)
    said = replace(said, text=without_unchanged(said.text))
    for _ in range(_PASSES):
        for slot in form.slots:
            apart = changed_by(said.text) if slot.type == "number" else shift_in(said.text)
            if denied and slot.type in _COUNTED and slot.name not in denied and apart is None:
                continue  # the number that is corrected is another one
            if slot.type == "choice" and said.asks and PHRASES.has("supposes", said.text):
                continue  # "what if it is broken?" does not say that it is
            if slot.name not in filling.changed and not _in_words_to_others(slot, position, said):
                asked = slot.name == position.asked or slot.type in corrects or slot.name in denied
                heard = _without_names(form, said, world) if slot.type in ("order", "item") else said
                _take(form, slot, filling, heard, world, asked=asked)
    _drop_guesses(form, filling)
    _drop_what_hung_on(form, position, filling)
    _follow(form, filling, world)
    _count_pieces(form, position, filling, said, world)
    filling.heard = filling.heard or said.text.strip(" .,。，") in position.filled.values()
    filling.restated = filling.heard and not filling.changed and said.consent is None and _states(said)
    return filling


def _without_names(form: Form, said: Said, world: World) -> Said:
    """A message without what belongs elsewhere in the form.

    A word of a company's name is no thing, nor is what is wanted instead of a thing that is named.
    """
    text = said.text
    for slot in form.slots:
        if slot.type == "text" and not slot.from_message and (name := name_cued(slot, said)):
            text = text.replace(name, " ")
        if slot.type == "variant" and (wanted := cued_in(slot, said)):
            rest = text.replace(wanted, " ")
            text = rest if mentioned(rest, world.items(world.orders), world.aliases) else text
    return replace(said, text=text.strip())


def _drop_guesses(form: Form, filling: _Filling) -> None:
    """What fits only because nothing else does is not meant when something else was told."""
    others = {slot.name for slot in form.slots if slot.type in ("order", "item") and slot.name in filling.changed}
    whole = filling.guessed and form.slot(filling.guessed).type == "choice"
    if filling.guessed and (others or (whole and filling.changed - {filling.guessed})):
        filling.filled.pop(filling.guessed, None)
        filling.changed.discard(filling.guessed)


def _drop_what_hung_on(form: Form, position: FormPosition, filling: _Filling) -> None:
    """Another choice than before: what only the old one asks for is not meant, nor is a title in the old one's name."""
    other = {name for name in filling.changed if position.filled.get(name)}
    if all(slot.shape != "title" for slot in form.slots):
        return
    for slot in form.slots:
        hangs = bool(other & slot.needs.keys()) and not slot.wanted(filling.filled)
        titled = slot.shape == "title" and any(other & one.needs.keys() for one in form.slots)
        if (hangs or titled) and slot.name not in filling.changed:
            filling.filled.pop(slot.name, None)


def _in_words_to_others(slot: Slot, position: FormPosition, said: Said) -> bool:
    """A bare answer to another question is not read as free text; a yes or no answers only what asks for it."""
    if slot.from_message and said.text:
        return False  # how it happened may be told in any words, as a question too
    to_others = slot.type in _WORDS and slot.name == position.asked and (said.wonders or said.aside)
    return to_others and not cued_in(slot, said)


def _take(form: Form, slot: Slot, filling: _Filling, said: Said, world: World, *, asked: bool) -> None:
    found = read(form, slot, filling.filled, said, world, asked=asked)
    filling.instead = filling.instead if filling.instead.instead else found
    if found.problem and not filling.problem.problem:
        filling.problem, filling.wrong = found, slot.name
    filling.heard = filling.heard or bool(found.value)
    filling.more = filling.more or found.more
    filling.among = filling.among or found.among
    if not found.value or filling.filled.get(slot.name) == found.value:
        return
    filling.filled |= {slot.name: found.value, **found.also}
    filling.changed |= {slot.name, *found.also}
    filling.guessed = slot.name if found.guessed else filling.guessed
    filling.hard = (
        filling.hard
        or slot.type in ("order", "number", "date", "time", "email", "phone", "address")
        or slot.from_message
    )
    if slot.type == "order":
        _drop_what_is_not_in(form, filling, world)
    if slot.type == "item":  # what it was to become was of another thing
        for other in form.slots:
            if other.type == "variant" and other.name not in filling.changed:
                filling.filled.pop(other.name, None)


def _drop_what_is_not_in(form: Form, filling: _Filling, world: World) -> None:
    """Another order: a thing that is not in it cannot be meant any more."""
    order = world.order(filling.filled["order"])
    item = filling.filled.get("item")
    if item and order is not None and all(one.sku != item for one in order.items):
        alike = alike_in(order, item, world)
        filling.filled.pop("item")
        if alike is not None:
            filling.filled["item"] = alike.sku
            filling.changed.add("item")
        for slot in form.slots:
            if slot.name == "wanted" or slot.pieces_of:
                filling.filled.pop(slot.name, None)


def _follow(form: Form, filling: _Filling, world: World) -> None:
    """What can be only one thing need not be asked; what is remembered is taken until it is corrected."""
    for slot in form.slots:
        if slot.name in filling.filled or not slot.wanted(filling.filled):
            continue
        if slot.type == "order" and filling.wrong != slot.name:
            fits = fitting_orders(form, filling.filled, world)
            if len(fits) == 1:
                filling.filled[slot.name] = fits[0].number
        elif slot.type == "item" and "order" in filling.filled and filling.wrong != slot.name:
            items = choosable(form, filling.filled, world)
            if len(items) == 1:
                filling.filled[slot.name] = items[0].sku
        elif slot.remembered and slot.remembered in world.known:
            filling.filled[slot.name] = world.known[slot.remembered]


def _count_pieces(form: Form, position: FormPosition, filling: _Filling, said: Said, world: World) -> None:
    """How many, once it is known of what: one of one; of several only what was said, and never more than there are."""
    for slot in form.slots:
        item = world.item(filling.filled.get("order", ""), filling.filled.get(slot.pieces_of, ""))
        if not slot.pieces_of or item is None:
            continue
        if slot.name not in filling.changed:
            if slot.pieces_of in filling.changed and slot.pieces_of in position.filled:
                filling.filled.pop(slot.name, None)  # what was said was said of another thing
            asked = slot.name == position.asked or only_counts(said.text)
            _take(form, slot, filling, said, world, asked=asked)
        if item.quantity == 1:
            filling.filled[slot.name] = "1"
            if filling.wrong == slot.name:
                filling.problem, filling.wrong = NOTHING, ""
        elif not 1 <= int(filling.filled.get(slot.name, "1")) <= item.quantity:
            del filling.filled[slot.name]


def _next(form: Form, position: FormPosition, filling: _Filling, world: World) -> Step:
    filled = filling.filled
    if other := filling.instead.instead:
        return Step(Kind.INSTEAD, FormPosition(other, filled=dict(filling.instead.facts)), instead=other)
    for slot in form.slots:
        choice = slot.choice(filled.get(slot.name, ""))
        if choice is not None and choice.instead:
            kept = {name: value for name, value in filled.items() if name != slot.name}
            return Step(Kind.INSTEAD, FormPosition(choice.instead, filled=kept), instead=choice.instead)
    problem, facts = filling.problem.problem, filling.problem.facts
    missing = form.missing(filled)
    misses = position.misses if problem or not filling.changed else 0
    if not problem and (bar := barred(form, filled, world)) != OPEN:
        return Step(Kind.REFUSED, FormPosition(form.name, bar.asked, filled), bar.problem, bar.facts)
    if missing is None:
        after = FormPosition(form.name, filled=filled, confirming=True, misses=misses)
        return Step(Kind.CONFIRM, after, problem, facts, more=filling.more)
    again = missing.name == position.asked and (not filling.changed or bool(problem))
    tries = position.tries + 1 if again else 0
    among = (filling.among or position.among) if missing.type == "order" else ()
    after = FormPosition(form.name, missing.name, filled, misses=misses, tries=tries, among=among)
    if tries >= _TOO_OFTEN and not problem:  # in other words than twice before
        return Step(Kind.STUCK if tries > _TOO_OFTEN and misses >= _TOO_OFTEN else Kind.ASK, after, CHOOSE)
    if missing.type == "order" and not fitting_orders(form, filled, world):
        other = _other_way(missing, world)
        if other and not problem:  # what cannot go back yet may still be stopped
            return Step(Kind.INSTEAD, FormPosition(other), instead=other)
        refused = problem or ("" if form.nothing is None else text_name(form.name, "nothing"))
        return Step(Kind.NOTHING_FITS, after, refused, facts)
    if "refused/" in problem and filling.wrong == "item" and "item" not in filled:
        return Step(Kind.REFUSED, after, problem, facts)  # what is named cannot be: nothing else is asked about instead
    if "refused/" in problem and filling.wrong == "order":
        others = fitting_orders(form, filled, world)
        return Step(Kind.ASK if len(others) > 1 else Kind.REFUSED, after, problem, facts)
    return Step(Kind.ASK, after, problem, facts, more=filling.more)


def _says_enough(form: Form, said: Said) -> bool:
    """Whether it tells more than that something is wanted, and about what."""
    wish = any_of([*form.triggers.words.en, *form.triggers.words.zh])
    rest = _ABOUT.sub(" ", wish.sub(" ", said.text))
    if any(len(one.group()) > _LONG_WISH[said.language] for one in wish.finditer(said.text)):
        return True  # the wish tells the story itself
    return len(rest.strip(" ,.!，。！")) >= {"en": 25, "zh": 10}[said.language]
