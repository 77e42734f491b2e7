"""What a message says about a slot: a value, a value that does not do, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from orchestrator.dialogue.addresses import address_in, amended, complete, in_the_same_town
from orchestrator.dialogue.barring import too_late
from orchestrator.dialogue.clauses import head_of, order_of_all
from orchestrator.dialogue.comparing import compared_in
from orchestrator.dialogue.denied import without_denied
from orchestrator.dialogue.fitting import choosable, fitting_orders, refusal, why_not
from orchestrator.dialogue.forms import Form, Slot, text_name
from orchestrator.dialogue.mentions import mentioned, named_together, picked, points_back, words_for
from orchestrator.dialogue.moments import (
    bare_hour_in,
    date_in,
    says_early,
    shift_in,
    time_in,
    without_moments,
    without_shift,
)
from orchestrator.dialogue.naming import person_in, respelled, title_in
from orchestrator.dialogue.numerals import number_in, number_of, ordinal_in, ordinals_in, party_in, place_in
from orchestrator.dialogue.phrases import PHRASES, any_of
from orchestrator.dialogue.quantities import pieces_in
from orchestrator.dialogue.said import Said
from orchestrator.dialogue.spared import affected, not_there, without_spared
from orchestrator.dialogue.world import Item, Order, Variant, World

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"(?<![A-Za-z\d])(\+?\d[\d ()-]{5,18}\d)(?!\d)")
_MOBILE_ZH = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_ORDER = re.compile(
    r"(?<![A-Za-z0-9])(?!(?:id|no|nr|to|is|in|at|on|by|or|of|my|it)[- ])"
    r"([A-Za-z]{2}[- ]?\d[\d -]{4,18}\d)(?![A-Za-z0-9])|(?<![\d.])#?(\d{4,14})(?![\d.:])"
)
_ORDER_NUMBER = re.compile(r"\b[A-Za-z]{2}[- ]?\d{8,14}\b")
_SPEAKS_OF_ORDER = re.compile(r"\border\b|订单|单子|那单|这单|第.单", re.IGNORECASE)
_GIVES_NUMBER = re.compile(
    r"\border(?: (?:number|no\.?|id|is|nr\.?))*[:# ]*\d|(?:订单|单)(?:号|编号)?[是为:： #]*\d", re.IGNORECASE
)
# What people say before a name that they were asked for, and after it.
_LEAD_IN = re.compile(
    r"^(?:(?:it'?s|it is|it should be|make it|please|just|put|use|write|my name is|the name is|name[:：]|"
    r"in the name of|made out to|make it out to|to|on)\s+)+|"
    r"^(?:就|请|麻烦)?(?:写|开|填|用|抬头(?:是|写|为)?|(?:名字|名称)(?:是|叫)|我叫|叫)[:：是]?\s*|"
    r"[,\s]+(?:please|thanks|thank you)[.!]*$|[，,\s]*(?:谢谢|就行|就好|就可以|吧)[。！]*$",
    re.IGNORECASE,
)
# "One moment" is no number.
_BRIEFLY = re.compile(r"\b(?:one|two|1|2) (?:sec(?:ond)?|moment|minute|min|tick|mo)s?\b|等一[下会]", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
# What answers nothing, be it asked why.
_NO_REASON = re.compile(
    r"(?:hm+|huh|what|well|okay|sure|yes|please|thanks?|hello|there|both|all of (?:it|them)|the \w+ one|never|maybe|"
    r"嗯+|啊+|哦+|好的?|在吗|你好|谢谢|全部|都是?|两个|一个|什么|不知道|随便)+",
    re.IGNORECASE,
)
_OLDEST = -1
_NOON = 12
_A_DAY = timedelta(days=1)
_SHAPES = {"person": person_in, "title": title_in}
# A name is corrected by its letters.
_SPELLS = re.compile(
    r"\b(?:spel(?:t|led|ling)|letters?|without|with (?:an?|the|one|two)|not (?:an?|the)|typo|misspel\w+|"
    r"actually|should be|i meant?|not)\b|不是|写错|打错|错了|的(?=[㐀-鿿]$)|应该是",
    re.IGNORECASE,
)
_MEASURED = ("number", "date", "time")
_KEPT = ("text", "address")
_ALSO = {"packing": "paid"}  # neither has been sent


@dataclass(frozen=True)
class Read:
    """What was read.

    Attributes:
        problem: The text that says what does not do; `facts` fill it.
        also: Slots that follow from it.
        instead: The form that can do something with the order that is named.
        guessed: It fits because nothing else does.
        more: What else is meant alike, as slots: the form is for one at a time.
    """

    value: str = ""
    problem: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    also: dict[str, str] = field(default_factory=dict)
    instead: str = ""
    guessed: bool = False
    more: tuple[Mapping[str, str], ...] = ()


NOTHING = Read()


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
    if not corrected:
        return (said.text,)
    return (said.text, corrected) if whole_first else (corrected, said.text)


def _of(said: Said, text: str) -> Said:
    facts = tuple((kind, value) for kind, value in said.facts if value in text)
    return replace(said, text=text, facts=facts)


def _order(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    named = [normal(one[1] or one[2]) for one in _ORDER.finditer(_MOBILE_ZH.sub(" ", said.text))]
    if named and (asked or not named[0].isdigit() or _SPEAKS_OF_ORDER.search(said.text)):
        found = _numbered(form, slot, named, world)
        surely = asked or not named[0].isdigit() or _GIVES_NUMBER.search(said.text) is not None
        if found.problem != "order_unknown" or (surely and (asked or "order" not in filled)):
            return found  # else it is the number of something else: a house, a postcode
        if surely and _SPEAKS_OF_ORDER.search(said.text):
            return found
    if other := _the_other(said, filled.get(slot.name, ""), [one.number for one in fitting_orders(form, {}, world)]):
        return Read(other)
    if (holds := order_of_all(said.text, fitting_orders(form, {}, world), world)) is not None:
        return Read(holds.number)
    if status := PHRASES.status(said.text):
        standing = [one for one in world.orders if one.status in (status, _ALSO.get(status, status))]
        if len(standing) == 1:
            return _chosen(form, slot, standing[0])
    fits = fitting_orders(form, filled if asked else {}, world)
    if asked or _SPEAKS_OF_ORDER.search(said.text) or "item" not in {one.name for one in form.slots}:
        listed = [world.order(number) for number in world.shown]
        orders = [one for one in listed if one is not None] or list(fits)
        several = () if _instead(said) else ordinals_in(said.text)
        if len(several) > 1 and max(several) <= len(orders) and "item" not in {one.name for one in form.slots}:
            return _each(form, slot, [orders[place - 1] for place in dict.fromkeys(several)])
        place = place_in(said.text) if asked else ordinal_in(said.text)
        if place is not None and orders and (place == _OLDEST or 1 <= place <= len(orders)):
            return _chosen(form, slot, orders[place if place == _OLDEST else place - 1])
        if len(fits) > 1 and _all_of_them(said) and "item" not in {one.name for one in form.slots}:
            return Read(fits[0].number, more=tuple({"order": one.number} for one in fits[1:]))
        if (compared := compared_in(said.text, fits)) is not None:
            return Read(compared.number)
        if PHRASES.has("newest", said.text) and fits:
            return Read(fits[0].number)
        if points_back(said.text) and len(orders) == 1 and listed:
            return _chosen(form, slot, orders[0])
    found = _by_item(fits, said, world)
    if found == NOTHING and slot.where and "order" not in filled and "item" not in {one.name for one in form.slots}:
        return _of_an_order_that_does_not_fit(form, said, world)
    return found


def _the_other(said: Said, known: str, all_of_them: Sequence[str]) -> str:
    """The other of two, when one is known and "the other one" is said; empty for none."""
    others = [one for one in all_of_them if one != known]
    return others[0] if known and len(others) == 1 and PHRASES.has("other_one", said.text) else ""


def _numbered(form: Form, slot: Slot, named: list[str], world: World) -> Read:
    for number in named:
        for order in world.orders:
            known = (order.number, *order.tracking)
            if number in known or (number.isdigit() and any(one.endswith(number) for one in known)):
                return _chosen(form, slot, order)
    return Read(problem="order_unknown", facts={"number": named[0]})


def _each(form: Form, slot: Slot, orders: Sequence[Order]) -> Read:
    """Several orders: the first with which it can be done, and the others after it."""
    possible = [one for one in orders if not slot.where or slot.where in one.can]
    if not possible:
        return _chosen(form, slot, orders[0])
    barred = [one for one in orders if one not in possible]
    problem = _chosen(form, slot, barred[0]) if barred else NOTHING
    more = tuple({"order": one.number} for one in possible[1:])
    return Read(possible[0].number, problem.problem, problem.facts, more=more)


def _chosen(form: Form, slot: Slot, order: Order) -> Read:
    if slot.where and slot.where not in order.can:
        for possible, other in slot.instead.items():
            if possible in order.can:
                return Read(facts={"order": order.number}, instead=other)
        rule = why_not(slot.where, order)
        return Read(problem=refusal(form, rule), facts=too_late(rule, order))
    return Read(order.number)


def _by_item(fits: tuple[Order, ...], said: Said, world: World) -> Read:
    """The only order with a thing that is named."""
    things = mentioned(without_spared(said.text), world.items(fits), world.aliases)
    numbers = {thing.order for thing in things}
    return Read(numbers.pop()) if len(numbers) == 1 else NOTHING


def _item(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    head = head_of(said.text, choosable(form, filled, world), world.aliases)
    told, items = affected(head, choosable(form, filled, world), world.aliases)
    whole, said = said.text, replace(said, text=told)
    if (barred := _barred(form, filled, said, world, items)) is not None:
        return Read(problem=refusal(form, "not_returnable"), facts={"item": barred.name})
    if len(together := named_together(said.text, items, world.aliases)) > 1:
        return _several(together, form, world)
    found = mentioned(said.text, _in_question(form, filled, world), world.aliases)
    mine = world.item(filled.get("order", ""), filled.get(slot.name, ""))
    several = mine is not None and mine.quantity > 1  # then it is the other piece of that
    if (
        other := _the_other(said, filled.get(slot.name, ""), [one.sku for one in items])
        if not (found or several)
        else ""
    ):
        too = {"item": other} | _owner(other, form, world)
        return Read(filled[slot.name], more=(too,)) if PHRASES.has("too", said.text) else Read(other)
    if not found and asked and not _SPEAKS_OF_ORDER.search(said.text):
        listed = [one for sku in world.shown for one in items if one.sku == sku] or list(items)
        one = picked(said.text, listed)
        found = [one] if one is not None else []
    one_order = "order" in filled or len({one.order for one in items}) == 1
    alone = mine is None or mine.quantity == 1  # else "both of them" tells how many of it
    if not found and one_order and alone and len(items) > 1 and ((asked and _all_of_them(said)) or _everything(said)):
        return _several(items, form, world)
    if not found and not asked and (one := _at_place(said.text, items, world)) is not None:
        found = [one]
    missed = slot.name not in filled and filled.get("reason") == "missing_item" and one_order
    if missed and (lacks := not_there(whole, items, world.aliases)) is not None:
        found = [lacks]
    if not found:
        why = _of_an_order_that_does_not_fit(form, said, world)
        return why if why != NOTHING or slot.name in filled else _not_bought(said, world)
    if len(found) != 1:
        return Read(problem="which_item", facts={}) if found and asked else NOTHING
    also = {} if "order" in filled else _owner(found[0].sku, form, world)
    if mine is not None and found[0].sku != mine.sku and PHRASES.has("too", said.text) and not _instead(said):
        return Read(mine.sku, more=({"item": found[0].sku} | _owner(found[0].sku, form, world),))
    return Read(found[0].sku, also=also)


def _at_place(text: str, items: Sequence[Item], world: World) -> Item | None:
    """The thing at the place that is named, in the one order that was shown; None for none."""
    order = world.order(world.shown[0]) if len(world.shown) == 1 else None
    place = ordinal_in(text)
    if order is None or place is None or not (place == -1 or 1 <= place <= len(order.items)):
        return None
    meant = order.items[place if place == -1 else place - 1]
    return next((one for one in items if one.sku == meant.sku and one.order == order.number), None)


def _instead(said: Said) -> bool:
    """Whether something else is meant than what was told before."""
    return said.consent is False or PHRASES.has("amends", said.text) or PHRASES.has("corrects", said.text)


def _barred(form: Form, filled: dict[str, str], said: Said, world: World, items: Sequence[Item]) -> Item | None:
    """A thing that is named and cannot be exchanged."""
    if all(slot.type != "variant" for slot in form.slots) or mentioned(said.text, items, world.aliases):
        return None
    there = _in_question(form, filled, world)
    named = mentioned(said.text, [one for one in there if not one.returnable], world.aliases)
    return named[0] if named else None


def _in_question(form: Form, filled: dict[str, str], world: World) -> tuple[Item, ...]:
    """All that may be named, be it on its way back already: what is named is never taken for something else."""
    known = world.order(filled.get("order", ""))
    if known is not None:
        return known.items
    unlike = {one.sku: one for one in reversed(world.items(fitting_orders(form, {}, world)))}
    return tuple(unlike.values())


def _not_bought(said: Said, world: World) -> Read:
    """A product of the shop is named that is in none of the orders: nothing else is taken for it."""
    text = said.text.lower()
    groups = [[word for word in group if _stands_in(word, text)] for group in world.products]
    named = [(group, words) for group, words in zip(world.products, groups, strict=True) if words]
    own = frozenset(word for item in world.items(world.orders) for word in words_for(item, world.aliases))
    if len(named) != 1 or named[0][0] & own:
        return NOTHING
    return Read(problem="not_bought", facts={"thing": max(named[0][1], key=len)})


def _stands_in(word: str, text: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}s?\b", text)) if word.isascii() else word in text


def _several(items: Sequence[Item], form: Form, world: World) -> Read:
    """Several things: the first, and the others after it."""
    slots = [{"item": one.sku} | _owner(one.sku, form, world) for one in items]
    first = slots[0]
    return Read(
        first["item"], also={key: value for key, value in first.items() if key != "item"}, more=tuple(slots[1:])
    )


def _owner(sku: str, form: Form, world: World) -> dict[str, str]:
    """The order of a thing, when only one can be meant."""
    owners = {order.number for order in fitting_orders(form, {"item": sku}, world)}
    return {"order": owners.pop()} if len(owners) == 1 else {}


def _all_of_them(said: Said) -> bool:
    return PHRASES.has("all_of_them", said.text)


def _everything(said: Said) -> bool:
    return PHRASES.has("everything", said.text)


def _of_an_order_that_does_not_fit(form: Form, said: Said, world: World) -> Read:
    """Something is named that was bought, but with whose order it cannot be done: why."""
    slot = next((one for one in form.slots if one.type == "order"), None)
    found = mentioned(said.text, world.items(world.orders), world.aliases)
    orders = [world.order(number) for number in dict.fromkeys(item.order for item in found)]
    known = sorted((one for one in orders if one is not None), key=lambda one: one.status != "delivered")
    if slot is None or not known or any(slot.where in one.can for one in known):
        return NOTHING
    return _chosen(form, slot, known[0])


def _variant(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    own = filled.get("item", "")
    if own and _again(form, filled, said, asked=asked):
        return Read(own)
    others = _apart_from(next((one for one in world.items(world.orders) if one.sku == own), None), world)
    wanted = said.text
    for pattern in (any_of([*slot.cues.en, *slot.cues.zh]),):
        if cued := pattern.search(said.text):
            wanted = next((group for group in cued.groups() if group), said.text)
    found = mentioned(wanted, others, world.aliases) or (mentioned(said.text, others, world.aliases) if asked else [])
    if not found and asked:
        one = picked(said.text, others)
        found = [one] if one is not None else []
    if not found and _another_product(wanted if wanted != said.text else "", own, world):
        return Read(problem=refusal(form, "other_product"))
    if not found and asked and len(others) == 1 and said.consent:
        found = others
    if len(found) != 1:
        return NOTHING
    if not found[0].there:
        return Read(problem=refusal(form, "out_of_stock"), facts={"wanted": found[0].name})
    return Read(found[0].sku)


def _again(form: Form, filled: dict[str, str], said: Said, *, asked: bool) -> bool:
    """Whether the same thing is wanted once more, because something is wrong with this one."""
    choices = [slot.choice(filled.get(slot.name, "")) for slot in form.slots]
    wrong = any(choice is not None and choice.fault for choice in choices)
    return (wrong or asked) and PHRASES.has("same_again", said.text)


def _apart_from(item: Item | None, world: World) -> list[Variant]:
    """The variants by what tells them from the thing that is there: "the teapot" names none of them."""
    common = words_for(item, ()) if item is not None else frozenset()
    return [
        replace(one, names=tuple(_without(name, common) for name in one.names))
        for one in world.variants
        if item is None or one.sku != item.sku
    ]


def _without(name: str, words: frozenset[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        whole = re.compile(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word), re.IGNORECASE)
        name = whole.sub(" ", name)
    return name


def _another_product(wanted: str, own: str, world: World) -> bool:
    """Whether something is wanted that is another product altogether, as far as the customer's own things tell."""
    if not wanted or not own:
        return False
    item = next((one for one in world.items(world.orders) if one.sku == own), None)
    of_own = words_for(item, world.aliases) if item is not None else frozenset()
    said = wanted.lower()
    of_shop = {word for group in world.products for word in group} - of_own
    return any(_stands_in(word, said) for word in of_shop)


def _choice(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    found: list[tuple[bool, int, str]] = []
    text = said.text.lower()
    for choice in slot.choices:
        own = (choice.value, *choice.label.values())
        if asked and any(text.strip(" .。!！") == name.lower() for name in own):
            return Read(choice.value)
        matches = any_of([*choice.words.en, *choice.words.zh]).finditer(said.text)
        found += [(choice.fault, one.start(), choice.value) for one in matches if not _denied(said.text, one.start())]
    if found:  # what is not as it should be is the reason, whatever else is said; else what is said last
        return Read(max(found)[2])
    if asked and (place := place_in(said.text)) is not None and (place == _OLDEST or 1 <= place <= len(slot.choices)):
        return Read(slot.choices[place if place == _OLDEST else place - 1].value)
    if asked and slot.otherwise and said.consent is None and _tells(said) and not mentions_order(said):
        return Read(slot.otherwise, guessed=True)
    return NOTHING


def _denied(text: str, at: int) -> bool:
    """Whether what stands at a place is said not to be so: "it is not broken"."""
    return PHRASES.has("denies", text[:at])


def _tells(said: Said) -> bool:
    """Whether it is a statement rather than a question or a word or two."""
    if said.asks or said.wonders or said.chats or said.aside or _NO_REASON.fullmatch(said.text.strip(" .,!。，！…~")):
        return False
    return len(_LETTER.findall(said.text)) >= {"en": 4, "zh": 2}[said.language]


def mentions_order(said: Said) -> bool:
    """Whether it names an order, or speaks of one."""
    return bool(_ORDER_NUMBER.search(said.text) or _SPEAKS_OF_ORDER.search(said.text))


def _number(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    if slot.pieces_of:
        return _pieces(form, slot, filled, said, world, asked)
    cued = cued_in(slot, said)
    if (party := party_in(said.text)) is not None and not slot.pieces_of:
        return Read(str(party))
    number = (
        number_of(cued)
        if cued
        else number_in(without_moments(_PHONE.sub(" ", _MOBILE_ZH.sub(" ", _BRIEFLY.sub(" ", said.text)))))
        if asked
        else None
    )
    if number is None and (fact := said.fact(slot.from_slots)):
        number = number_in(fact)
    return Read(str(number)) if number is not None else NOTHING


def _pieces(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    item = world.item(filled.get("order", ""), filled.get(slot.pieces_of, ""))
    names = words_for(item, world.aliases) if item is not None else frozenset()
    bought = item.quantity if item is not None else None
    nouns = frozenset(word for group in world.products if group & names for word in group)
    number = pieces_in(_ORDER_NUMBER.sub(" ", said.text), bought, names, asked=asked, nouns=nouns)
    known = filled.get(slot.name, "")
    if known and bought and PHRASES.has("other_one", said.text) and PHRASES.has("too", said.text):
        number = min(int(known) + 1, bought)
    if number is None:
        return NOTHING
    if bought is not None and not 1 <= number <= bought:
        few = Read(problem=text_name(form.name, f"wrong/{slot.name}"), facts={"value": str(number)})
        return few if asked or bought > 1 else NOTHING
    return Read(str(number))


def _date(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    day, shift = date_in(without_shift(said.text), world.today), shift_in(said.text)
    if day is None and shift is not None and (known := filled.get(slot.name)):
        day = date.fromisoformat(known) + shift
        return Read(day.isoformat()) if shift.days else NOTHING
    day = day or date_in(said.text, world.today)
    return Read(day.isoformat()) if day is not None else NOTHING


def _time(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    known, shift = filled.get(slot.name, ""), shift_in(said.text)
    text = without_shift(said.text)
    for other in form.slots:  # how many come is no hour
        if other.type == "number":
            text = any_of([*other.cues.en, *other.cues.zh]).sub(" ", text)
    at = time_in(text)
    if at is None and shift is not None:
        return Read(_shifted(known, shift)) if known and abs(shift) < _A_DAY else NOTHING
    if at is None and asked:
        at = bare_hour_in(text)
    at = _while_open(slot, at, text) if at is not None else None
    return Read(f"{at:%H:%M}") if at is not None else NOTHING


def _while_open(slot: Slot, at: time, text: str) -> time:
    """An hour of which no half of the day is told, in the half in which there is somebody."""
    later = at.replace(hour=(at.hour + _NOON) % 24)
    opens = time.fromisoformat(slot.check.opens) if slot.check is not None and slot.check.opens else at
    return later if at < opens <= later and not says_early(text) else at


def _shifted(known: str, shift: timedelta) -> str:
    return f"{datetime.combine(date.min + _A_DAY, time.fromisoformat(known)) + shift:%H:%M}"


def _text(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    known = filled.get(slot.name, "")
    spells = known and slot.shape and not asked and (said.consent is False or _SPELLS.search(said.text))
    if spells and (name := respelled(known, said.text)):
        return Read(name)
    if slot.check is None and (cued := name_in(slot, cued_in(slot, said))):
        return Read(cued[:200])
    if slot.check is not None and slot.check.pattern:
        return _patterned(slot, said, asked)
    bare = _ORDER_NUMBER.sub("", _EMAIL.sub("", said.text)).strip(" ,，.。;；")
    if slot.shape:
        bare = _PHONE.sub(" ", _MOBILE_ZH.sub(" ", bare)).strip(" ,，.。;；")
    if not slot.from_message:
        bare = name_in(slot, _LEAD_IN.sub("", bare).strip(" ,，.。;；:："))
    answers = slot.from_message or not (said.asks or said.consent is not None)
    fits = asked and bare and answers
    return Read(bare[:200], guessed=not slot.from_message) if fits else NOTHING


def name_in(slot: Slot, words: str) -> str:
    """What may stand in the slot, of some words: of half a sentence nothing."""
    return _SHAPES[slot.shape](words) if slot.shape else words


def _patterned(slot: Slot, said: Said, asked: bool) -> Read:
    """A number that must look so, without the spaces and hyphens in it; it may look like an order's."""
    assert slot.check is not None
    for text in filter(None, (cued_in(slot, said), _LEAD_IN.sub("", said.text) if asked else "")):
        squeezed = re.sub(r"[\s.-]", "", text).strip(",，。;；").upper()
        if re.fullmatch(slot.check.pattern, squeezed):
            return Read(squeezed)
    wrong = asked and re.search(r"\d{3}", said.text) and not said.asks
    return Read(problem="", value=said.text[:40]) if wrong else NOTHING


def _email(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    found = _EMAIL.findall(said.text)
    if found:
        return Read(found[-1])
    return Read(problem="wrong_email") if asked and "@" in said.text else NOTHING


def _phone(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    if mobile := _MOBILE_ZH.findall(said.text):
        return Read(mobile[-1])
    found = _PHONE.search(said.text)
    return Read(found[1].strip()) if found and (asked or cued_in(slot, said)) else NOTHING


def _address(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    text = _ORDER_NUMBER.sub(" ", said.text)
    if (known := filled.get(slot.name)) and asked:
        if whole := amended(known, text):
            return Read(whole[:256])
        if not complete(text):
            return NOTHING  # "33号" by itself is no new address
    found = address_in(text, asked=asked)
    if found and known:
        found = in_the_same_town(known, found)
    return Read(found[:256]) if found else NOTHING


def _money(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    found = re.search(
        r"(\d+(?:\.\d{1,2})?)\s*(?:元|块|CNY|USD|dollars?|yuan|\$)|[$¥￥]\s*(\d+(?:\.\d{1,2})?)", said.text, re.I
    )
    if found is None and asked:
        found = re.search(r"(\d+(?:\.\d{1,2})?)()", said.text)
    return Read(found[1] or found[2]) if found else NOTHING


_Reader = Callable[[Form, Slot, dict[str, str], Said, World, bool], Read]
_READERS: dict[str, _Reader] = {
    "order": _order, "item": _item, "variant": _variant, "choice": _choice, "number": _number, "date": _date,
    "time": _time, "text": _text, "email": _email, "phone": _phone, "address": _address, "money": _money,
}  # fmt: skip


def cued_in(slot: Slot, said: Said) -> str:
    """What the slot's cues point at; the last one counts."""
    matches = list(any_of([*slot.cues.en, *slot.cues.zh]).finditer(said.text))
    groups = [group for match in matches[-1:] for group in match.groups() if group]
    return groups[0].strip() if groups else ""


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


def normal(number: str) -> str:
    """A number as it is stored, however it was written."""
    return "".join(sign for sign in number if sign.isascii() and sign.isalnum()).upper()
