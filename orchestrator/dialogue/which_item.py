"""Which thing of an order a message means, and what it should become."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from orchestrator.dialogue.clauses import as_ordered, head_of
from orchestrator.dialogue.fitting import choosable, fitting_orders, refusal
from orchestrator.dialogue.forms import Form, Slot
from orchestrator.dialogue.mentions import mentioned, named_together, picked, stands_in, words_for
from orchestrator.dialogue.numerals import at_place, ordinal_in
from orchestrator.dialogue.phrases import PHRASES, any_of
from orchestrator.dialogue.quantities import total_in
from orchestrator.dialogue.reads import NOTHING, SPEAKS_OF_ORDER, Read, all_of_them, instead_of_it, the_other
from orchestrator.dialogue.said import Said
from orchestrator.dialogue.spared import affected, not_there
from orchestrator.dialogue.which_order import of_an_order_that_does_not_fit
from orchestrator.dialogue.world import Item, Variant, World

_MADE_GOOD = ("damaged", "wrong_item")
_IN_THE_PLACE_OF = re.compile(r",?\s+(?:instead of|rather than|in place of)\b.*$", re.IGNORECASE)


def which_item(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """The thing that is meant, and what is meant alike."""
    kinds = choosable(form, filled, world)
    head = head_of(as_ordered(said.text, kinds, world.aliases), kinds, world.aliases)
    told, items = affected(head, kinds, world.aliases)
    whole, said = said.text, replace(said, text=told)
    if (barred := _barred(form, filled, said, world, items)) is not None:
        return Read(problem=refusal(form, "not_returnable"), facts={"item": barred.name})
    if len(together := named_together(said.text, items, world.aliases)) > 1:
        return _several(together, form, world)
    found = mentioned(said.text, _in_question(form, filled, world), world.aliases)
    mine = world.item(filled.get("order", ""), filled.get(slot.name, ""))
    several = mine is not None and mine.quantity > 1  # then it is the other piece of that
    if (
        other := the_other(said, filled.get(slot.name, ""), [one.sku for one in items])
        if not (found or several)
        else ""
    ):
        too = {"item": other} | _owner(other, form, world)
        return Read(filled[slot.name], more=(too,)) if PHRASES.has("too", said.text) else Read(other)
    if not found and asked and not SPEAKS_OF_ORDER.search(said.text):
        listed = [one for sku in world.shown for one in items if one.sku == sku] or list(items)
        one = picked(said.text, listed)
        found = [one] if one is not None else []
    one_order = "order" in filled or len({one.order for one in items}) == 1
    alone = mine is None or mine.quantity == 1  # else "both of them" tells how many of it
    if not found and one_order and alone and len(items) > 1 and ((asked and all_of_them(said)) or _everything(said)):
        return _several(items, form, world)
    if not found and not asked and (one := _at_place(said.text, items, world)) is not None:
        found = [one]
    if len(found) > 1 and "order" not in filled and (each := _one_of_each(said.text, found, form, world)):
        return each
    missed = slot.name not in filled and filled.get("reason") == "missing_item" and one_order
    if missed and (lacks := not_there(whole, items, world.aliases)) is not None:
        found = [lacks]
    if not found and one_order and filled.get("reason") == "wrong_item" and PHRASES.has("not_mine", whole):
        return _several(items, form, world, whole=True)  # all that came is somebody else's
    if not found:
        why = of_an_order_that_does_not_fit(form, said, world)
        return why if why != NOTHING or slot.name in filled else _not_bought(said, world)
    if len(found) != 1:
        return Read(problem="which_item", facts={}) if found and asked else NOTHING
    also = {} if "order" in filled else _owner(found[0].sku, form, world)
    if mine is not None and found[0].sku != mine.sku and PHRASES.has("too", said.text) and not instead_of_it(said):
        return Read(mine.sku, more=({"item": found[0].sku} | _owner(found[0].sku, form, world),))
    return Read(found[0].sku, also=also)


def _one_of_each(text: str, found: Sequence[Item], form: Form, world: World) -> Read | None:
    """Several single pieces in orders of their own, when just as many are meant ("both totes"); None for others."""
    owned = all(_owner(one.sku, form, world) for one in found)
    apart = len({one.order for one in found}) == len(found) and all(one.quantity == 1 for one in found)
    return _several(found, form, world) if owned and apart and total_in(text) == len(found) else None


def _at_place(text: str, items: Sequence[Item], world: World) -> Item | None:
    """The thing at the place that is named, in the one order that was shown; None for none."""
    order = world.order(world.shown[0]) if len(world.shown) == 1 else None
    meant = at_place(order.items, ordinal_in(text)) if order is not None else None
    if order is None or meant is None:
        return None
    return next((one for one in items if one.sku == meant.sku and one.order == order.number), None)


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
    groups = [[word for word in group if stands_in(word, text)] for group in world.products]
    named = [(group, words) for group, words in zip(world.products, groups, strict=True) if words]
    own = frozenset(word for item in world.items(world.orders) for word in words_for(item, world.aliases))
    if len(named) != 1 or named[0][0] & own:
        return NOTHING
    return Read(problem="not_bought", facts={"thing": max(named[0][1], key=len)})


def _several(items: Sequence[Item], form: Form, world: World, *, whole: bool = False) -> Read:
    """Several things: the first, and the others after it; with `whole` every piece of each."""
    pieces = next((slot.name for slot in form.slots if slot.pieces_of), "") if whole else ""
    slots = [
        {"item": one.sku} | _owner(one.sku, form, world) | ({pieces: str(one.quantity)} if pieces else {})
        for one in items
    ]
    first = slots[0]
    return Read(
        first["item"], also={key: value for key, value in first.items() if key != "item"}, more=tuple(slots[1:])
    )


def _owner(sku: str, form: Form, world: World) -> dict[str, str]:
    """The order of a thing, when only one can be meant."""
    owners = {order.number for order in fitting_orders(form, {"item": sku}, world)}
    return {"order": owners.pop()} if len(owners) == 1 else {}


def _everything(said: Said) -> bool:
    return PHRASES.has("everything", said.text)


def which_variant(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """What it should be exchanged for."""
    own = filled.get("item", "")
    others = _apart_from(next((one for one in world.items(world.orders) if one.sku == own), None), world)
    if own and _same_as_ordered(form, own, others, said, world, asked=asked):
        return Read(own) if _faulty(filled) else Read(problem=refusal(form, "same_thing"))
    if own and _again(form, filled, said, asked=asked) and len(mentioned(said.text, others, world.aliases)) != 1:
        return Read(own)
    wanted = _wanted(form, said.text)
    found = mentioned(wanted, others, world.aliases) or (mentioned(said.text, others, world.aliases) if asked else [])
    if not found and asked:
        one = picked(said.text, others)
        found = [one] if one is not None else []
    if not found and _another_product(wanted if wanted != said.text else "", own, world):
        return Read(problem=refusal(form, "other_product"))
    if not found and asked and len(others) == 1 and said.consent:
        found = others
    if not found and own and _faulty(filled) and slot.name not in filled and not PHRASES.has("of_another_look", wanted):
        return Read(own)  # what was broken or wrong is to come as it was ordered
    if len(found) != 1:
        return NOTHING
    if not found[0].there:
        return Read(problem=refusal(form, "out_of_stock"), facts={"wanted": found[0].name})
    return Read(found[0].sku)


def _faulty(filled: dict[str, str]) -> bool:
    """Whether the thing came broken, or another one came: then it may become what it was to be."""
    return filled.get("reason") in _MADE_GOOD


def _again(form: Form, filled: dict[str, str], said: Said, *, asked: bool) -> bool:
    """Whether the same thing is wanted once more, because something is wrong with this one."""
    choices = [slot.choice(filled.get(slot.name, "")) for slot in form.slots]
    wrong = any(choice is not None and choice.fault for choice in choices)
    return (wrong or asked) and PHRASES.has("same_again", said.text)


def _same_as_ordered(form: Form, own: str, others: Sequence[Variant], said: Said, world: World, *, asked: bool) -> bool:
    """Whether it should become what stands in the order already: another one came than was ordered."""
    item = next((one for one in world.items(world.orders) if one.sku == own), None)
    if item is None or not others or mentioned(_wanted(form, said.text), others, world.aliases):
        return False
    shared = frozenset[str]().union(*(words_for(one, world.aliases) for one in world.variants if one.sku != own))
    looks = words_for(item, world.aliases) - shared - _products_of(item, world)
    cued = _wanted(form, said.text)
    heard = cued if cued != said.text or asked else ""
    return bool(heard) and any(stands_in(word, heard.lower()) for word in looks)


def _products_of(item: Item, world: World) -> frozenset[str]:
    names = words_for(item, world.aliases)
    return frozenset[str]().union(*(group for group in world.products if group & names))


def _wanted(form: Form, text: str) -> str:
    """What stands behind the words that say into what; the whole text when there are none."""
    slot = next(one for one in form.slots if one.type == "variant")
    text = _IN_THE_PLACE_OF.sub("", text)
    cued = any_of([*slot.cues.en, *slot.cues.zh]).search(text)
    return next((group for group in cued.groups() if group), text) if cued else text


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
    return any(stands_in(word, said) for word in of_shop)
