"""Which order a message means: by its number, its place, its state, what is in it, or what tells it apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orchestrator.dialogue.barring import too_late
from orchestrator.dialogue.clauses import as_ordered, order_of_all
from orchestrator.dialogue.comparing import compared_in
from orchestrator.dialogue.days_past import ordered_or_came
from orchestrator.dialogue.fitting import fitting_orders, refusal, why_not
from orchestrator.dialogue.forms import Form, Slot
from orchestrator.dialogue.mentions import mentioned, named_together, points_back
from orchestrator.dialogue.numerals import at_place, ordinal_in, ordinals_in, place_in
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.quantities import total_in
from orchestrator.dialogue.reads import (
    MOBILE_ZH,
    NOTHING,
    SPEAKS_OF_ORDER,
    Read,
    all_of_them,
    instead_of_it,
    the_other,
)
from orchestrator.dialogue.said import Said
from orchestrator.dialogue.spared import without_spared
from orchestrator.dialogue.world import Item, Order, World

_ORDER = re.compile(
    r"(?<![A-Za-z0-9])(?!(?:id|no|nr|to|is|in|at|on|by|or|of|my|it)[- ])"
    r"([A-Za-z]{2}[- ]?\d[\d -]{4,18}\d)(?![A-Za-z0-9])|(?<![\d.])#?(\d{4,14})(?![\d.:])"
)
_GIVES_NUMBER = re.compile(
    r"\border(?: (?:number|no\.?|id|is|nr\.?))*[:# ]*\d|(?:订单|单)(?:号|编号)?[是为:： #]*\d", re.IGNORECASE
)

_SEVERAL_ZH = re.compile(r"(?:几|些|两|俩|[二三四五六七八九\d])(?:个|只|条|件|盏|把)")
_MEANS = {"packing": ("packing", "paid"), "in_packing": ("packing",)}  # of the first, none has been sent

_TOLD_BY_DAY = re.compile(
    r"\b(?:order|parcel|one|package)\b.{0,12}\b(?:bought|ordered|placed|purchased|arrived|came|delivered|received|got)\b|"
    r"(?:买|下|订|拍|收到|签收|到货|送到)(?:了)?的(?:那|这)?(?:一)?(?:个|单|笔|订单|件)",
    re.IGNORECASE,
)


def which_order(form: Form, slot: Slot, filled: dict[str, str], said: Said, world: World, asked: bool) -> Read:
    """The order that is meant, or why it cannot be."""
    named = [normal(one[1] or one[2]) for one in _ORDER.finditer(MOBILE_ZH.sub(" ", said.text))]
    if named and (asked or not named[0].isdigit() or SPEAKS_OF_ORDER.search(said.text)):
        found = _numbered(form, slot, named, world)
        if found.problem == "order_unknown" and _tax_number(form, filled, said, world):
            return NOTHING
        surely = asked or not named[0].isdigit() or _GIVES_NUMBER.search(said.text) is not None
        if found.problem != "order_unknown" or (surely and (asked or "order" not in filled)):
            return found  # else it is the number of something else: a house, a postcode
        if surely and SPEAKS_OF_ORDER.search(said.text):
            return found
    if other := the_other(said, filled.get(slot.name, ""), [one.number for one in fitting_orders(form, {}, world)]):
        return Read(other)
    if (holds := order_of_all(said.text, fitting_orders(form, {}, world), world)) is not None:
        return Read(holds.number)
    if (standing := _by_state(said, world, asked=asked)) is not None:
        if len(standing) == 1:
            return _chosen(form, slot, standing[0])
        if asked and (found := _standing(form, filled, standing, said, world)) != NOTHING:
            return found
    fits = fitting_orders(form, filled if asked else {}, world)
    whole = "item" not in {one.name for one in form.slots}
    if asked or SPEAKS_OF_ORDER.search(said.text) or whole:
        listed = [world.order(number) for number in world.shown]
        orders = [one for one in listed if one is not None] or list(fits)
        several = () if instead_of_it(said) else ordinals_in(said.text)
        if len(several) > 1 and max(several) <= len(orders) and whole:
            return _each(form, slot, [orders[place - 1] for place in dict.fromkeys(several)])
        place = place_in(said.text) if asked else ordinal_in(said.text)
        if (placed := at_place(orders, place)) is not None:
            return _chosen(form, slot, placed)
        if len(fits) > 1 and all_of_them(said) and whole:
            return Read(fits[0].number, more=tuple({"order": one.number} for one in fits[1:]))
        if (compared := compared_in(said.text, fits)) is not None:
            return Read(compared.number)
        if PHRASES.has("newest", said.text) and fits:
            return Read(fits[0].number)
        if points_back(said.text) and len(orders) == 1 and listed:
            return _chosen(form, slot, orders[0])
    things = any(one.type == "item" for one in form.slots)
    told = as_ordered(said.text, _unlike(fits), world.aliases)
    apart = things and len(named_together(told, _unlike(fits), world.aliases)) > 1  # each has its own order
    found = NOTHING if apart else _by_item(fits, said, world, asked=asked, alone=not things)
    if found == NOTHING and slot.where and "order" not in filled and whole:
        return of_an_order_that_does_not_fit(form, said, world)
    return found


def _numbered(form: Form, slot: Slot, named: list[str], world: World) -> Read:
    for number in named:
        for order in world.orders:
            known = (order.number, *order.tracking)
            if number in known or (number.isdigit() and any(one.endswith(number) for one in known)):
                return _chosen(form, slot, order)
    return Read(problem="order_unknown", facts={"number": named[0]})


def _tax_number(form: Form, filled: dict[str, str], said: Said, world: World) -> bool:
    """Whether a number that is no order's is what another slot waits for, by the letters before it."""
    own = {one.number[:2] for one in world.orders}
    starts = {one[1][:2].upper() for one in _ORDER.finditer(said.text) if one[1]}
    waits = any(slot.type == "text" and slot.check is not None and slot.name not in filled for slot in form.slots)
    return waits and bool(starts) and not starts & own


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


def _unlike(orders: Sequence[Order]) -> tuple[Item, ...]:
    """The things of some orders, each kind once."""
    return tuple({item.sku: item for order in reversed(orders) for item in order.items}.values())


def _by_state(said: Said, world: World, *, asked: bool) -> list[Order] | None:
    """The orders that stand as is told, or that came or were placed when it is told; None where nothing is told."""
    status = PHRASES.status(said.text)
    points = asked or bool(status) or _TOLD_BY_DAY.search(said.text) is not None
    dated = ordered_or_came(said.text, world.orders, world.today) if points else []
    if not status:
        return dated or None
    standing = [one for one in world.orders if one.status in _MEANS.get(status, (status,))]
    return [one for one in dated if one in standing] or standing


def _standing(form: Form, filled: dict[str, str], standing: Sequence[Order], said: Said, world: World) -> Read:
    """The one of several orders of a state with which it can be done, or those among which to ask."""
    possible = tuple(one for one in fitting_orders(form, filled, world) if one in standing)
    if len(possible) < 2:
        return Read(possible[0].number) if possible else NOTHING
    if (named := _by_item(possible, said, world, asked=True, alone=True)) != NOTHING:
        return named
    newest = PHRASES.has("newest", said.text)
    return Read(possible[0].number) if newest else Read(problem="which_item", among=_numbers(possible))


def _numbers(orders: Sequence[Order]) -> tuple[str, ...]:
    return tuple(one.number for one in orders)


def _speaks_of_several(text: str, world: World) -> bool:
    """Whether a thing is named in the plural."""
    names = {word for group in world.products for word in group if word.isascii()}
    return bool(_SEVERAL_ZH.search(text) or re.search(rf"\b(?:{'|'.join(sorted(names)) or '(?!)'})e?s\b", text, re.I))


def _by_item(fits: tuple[Order, ...], said: Said, world: World, *, asked: bool, alone: bool) -> Read:
    """The only order with a thing that is named, or with several of it where several are; else those to ask among.

    Args:
        fits: The orders.
        said: The message.
        world: All else.
        asked: Whether it was asked which order.
        alone: Whether the form asks for no thing of the order besides.
    """
    own = as_ordered(without_spared(said.text), world.items(fits), world.aliases)
    things = mentioned(own, world.items(fits), world.aliases)
    things = things or mentioned(said.text, world.items(fits), world.aliases)  # what is kept is in that order, too
    numbers = {thing.order for thing in things}
    if len(numbers) > 1 and (total := total_in(said.text)) is not None:  # "one of the two mugs"
        numbers = {thing.order for thing in things if thing.quantity == total}
    if alone and _speaks_of_several(said.text, world):
        many = {one.number for one in fits if sum(thing.quantity for thing in things if thing.order == one.number) > 1}
        numbers = many if len(many) == 1 else numbers
        if not many and not asked and len(numbers) == 1 and _bought_elsewhere(numbers, said, world):
            return NOTHING
    if asked and len(numbers) > 1 and len(left := numbers.intersection(world.shown)) == 1:
        numbers = left  # of those among which it was asked
    if len(numbers) > 1 and alone:
        problem = "which_item" if asked else ""
        return Read(problem=problem, among=tuple(one.number for one in fits if one.number in numbers))
    return Read(numbers.pop()) if len(numbers) == 1 else NOTHING


def _bought_elsewhere(numbers: set[str], said: Said, world: World) -> bool:
    """Whether what is named is in other orders too, though it cannot be done with those."""
    owners = {thing.order for thing in mentioned(said.text, world.items(world.orders), world.aliases)}
    return bool(owners - numbers)


def of_an_order_that_does_not_fit(form: Form, said: Said, world: World) -> Read:
    """Something is named that was bought, but with whose order it cannot be done: why."""
    slot = next((one for one in form.slots if one.type == "order"), None)
    found = mentioned(said.text, world.items(world.orders), world.aliases)
    orders = [world.order(number) for number in dict.fromkeys(item.order for item in found)]
    known = sorted((one for one in orders if one is not None), key=lambda one: one.status != "delivered")
    if slot is None or not known or any(slot.where in one.can for one in known):
        return NOTHING
    return _chosen(form, slot, known[0])


def normal(number: str) -> str:
    """A number as it is stored, however it was written."""
    return "".join(sign for sign in number if sign.isascii() and sign.isalnum()).upper()
