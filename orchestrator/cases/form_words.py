"""What a form says: questions with their choices, values as a customer reads them, facts of tools as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from orchestrator.backoffice.money import Money
from orchestrator.cases.told import Part
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.fitting import choosable, fitting_orders
from orchestrator.dialogue.forms import AMOUNT, ANEW, OF_ORDER, Form, Slot, text_name
from orchestrator.dialogue.state import FormPosition
from orchestrator.dialogue.world import Order, World
from orchestrator.journal.cards import MAX_CHOICES, FilledSlot, FormChoice, FormInput, FormPrompt

YES = {"en": "Yes, please", "zh": "好的，确认"}
NO = {"en": "No, wait", "zh": "先不要"}
AGENT = {"en": "Agent", "zh": "转人工"}
LEAVE = {"en": "Never mind", "zh": "算了"}
_INPUTS = {
    "choice": FormInput.CHOICE, "order": FormInput.CHOICE, "item": FormInput.CHOICE, "variant": FormInput.CHOICE,
    "date": FormInput.DATE, "time": FormInput.TIME, "number": FormInput.NUMBER, "email": FormInput.EMAIL,
    "phone": FormInput.PHONE,
}  # fmt: skip
_DAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "zh": tuple("一二三四五六日")}
_LISTED = ("order", "item", "variant")
_MOST_IN_WORDS = 2
_TIMES = ("_at", "_by")
_DAY_ENDS = ("_until",)
_DAYS_OF_RULES = ("_on",)


def amount_of(form: Form, filled: Mapping[str, str], world: World) -> Money | None:
    """The price of the pieces that a form is about, or what is left of the whole order's; None where none is told."""
    slot = next((one for one in form.slots if one.pieces_of), None)
    order = world.order(filled.get("order", ""))
    if slot is None or order is None:
        return None
    if not slot.wanted(filled):
        return Money(order.currency, max(order.total_minor - order.refunded_minor, 0))
    item = world.item(order.number, filled.get(slot.pieces_of, ""))
    pieces = filled.get(slot.name, "")
    return Money(order.currency, item.price_minor * int(pieces)) if item is not None and pieces else None


def _same(filled: Mapping[str, str], slot: Slot) -> bool:
    """Whether a thing is to become what it is: a whole one, or the one that was ordered."""
    return bool(filled.get(slot.name)) and filled.get(slot.name) == filled.get("item")


def _of_piece(slot: Slot) -> tuple[str, str]:
    """What is not spoken of when it is about the whole order."""
    return slot.name, slot.pieces_of


def _in_question(form: Form, position: FormPosition, world: World) -> tuple[Order, ...]:
    """The orders of which one is meant."""
    fits = fitting_orders(form, position.filled, world)
    return tuple(one for one in fits if one.number in position.among) or fits


class FormWords:
    """Words of forms.

    Args:
        wording: Words for moments and lists.
    """

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def question(self, form: Form, position: FormPosition, world: World) -> tuple[Part, ...]:
        """The question at which a form stands, with what there is to choose from."""
        if position.confirming:
            return (Part(text_name(form.name, "confirm"), self.values(form, position.filled, world)),)
        slot = form.slot(position.asked)
        asked = Part(text_name(form.name, f"ask/{slot.name}"), {})
        choices = self.choices(form, slot, position, world)
        if slot.type not in _LISTED or not 0 < len(choices) <= _MOST_IN_WORDS:
            return (asked,)  # more than a few are to be picked, not read
        listed = self._wording.listed([choice.label for choice in choices], world.language)
        return (asked, Part("form_choices", {"choices": listed}))

    def prompt(self, form: Form, position: FormPosition, world: World) -> FormPrompt:
        """The same for a client that draws an input for it."""
        language = world.language
        filled = self._filled(form, position, world)
        if position.confirming:
            agree = (FormChoice(YES[language], YES[language]), FormChoice(NO[language], NO[language]))
            return FormPrompt(
                form=form.name, title=form.title[language], input=FormInput.CONFIRM, choices=agree, filled=filled
            )
        slot = form.slot(position.asked)
        choices = tuple(self.choices(form, slot, position, world))[:MAX_CHOICES]
        kind = _INPUTS.get(slot.type, FormInput.TEXT)
        if kind is FormInput.CHOICE and not choices:
            kind = FormInput.TEXT
        return FormPrompt(
            form=form.name, title=form.title[language], slot=slot.name, input=kind, choices=choices, filled=filled
        )

    def so_far(self, form: Form, position: FormPosition, world: World) -> FormPrompt:
        """What is filled, to be looked at: something of it should be different, or nothing is wanted any more."""
        title, filled = form.title[world.language], self._filled(form, position, world)
        return FormPrompt(form=form.name, title=title, input=FormInput.TEXT, filled=filled)

    def _filled(self, form: Form, position: FormPosition, world: World) -> tuple[FilledSlot, ...]:
        return tuple(
            FilledSlot(slot.name, slot.label[world.language], self.value(form, slot, position.filled[slot.name], world))
            for slot in form.slots
            if slot.name in position.filled
        )

    def choices(self, form: Form, slot: Slot, position: FormPosition, world: World) -> list[FormChoice]:
        """What a slot's question can be answered with."""
        if slot.type == "order":
            orders = _in_question(form, position, world)
            return [FormChoice(one.number, self._order(one, world.language)) for one in orders]
        if slot.type == "item":
            return [FormChoice(one.name, one.name) for one in choosable(form, position.filled, world)]
        if slot.type == "variant":
            return [FormChoice(one.name, one.name) for one in world.variants if one.there]
        return [FormChoice(one.label[world.language], one.label[world.language]) for one in slot.choices]

    def shown(self, form: Form, position: FormPosition, world: World) -> tuple[str, ...]:
        """What the question lists, in its order."""
        kind = form.slot(position.asked).type if position.asked else ""
        if kind == "order":
            return tuple(one.number for one in _in_question(form, position, world))
        if kind == "item":
            return tuple(one.sku for one in choosable(form, position.filled, world))
        return tuple(one.sku for one in world.variants if one.there) if kind == "variant" else ()

    def values(self, form: Form, filled: Mapping[str, str], world: World) -> dict[str, str]:
        """What is filled, as the customer reads it, and what it is worth."""
        worth = amount_of(form, filled, world)
        of_order = self._of_order(world.order(filled.get("order", "")), world.language)
        whole = {name for slot in form.slots if slot.pieces_of and not slot.wanted(filled) for name in _of_piece(slot)}
        again = {slot.name for slot in form.slots if slot.type == "variant" and _same(filled, slot)}
        return (
            {
                ANEW if slot.name in again else slot.name: self.value(form, slot, filled[slot.name], world)
                for slot in form.slots
                if filled.get(slot.name) and slot.name not in whole
            }
            | of_order
            | ({AMOUNT: worth.text(world.language)} if worth is not None else {})
        )

    def _of_order(self, order: Order | None, language: str) -> dict[str, str]:
        """What is in an order and what it costs."""
        if order is None:
            return {}
        items, total = OF_ORDER
        named = self._wording.listed([item.name for item in order.items], language)
        return {items: named, total: Money(order.currency, order.total_minor).text(language)}

    def alternatives(self, labels: Sequence[str], language: str) -> str:
        """Several of which one is meant."""
        return self._wording.either(labels, language)

    def things(self, form: Form, slots: Sequence[Mapping[str, str]], world: World) -> str:
        """Several things, or orders where no thing is named, in a row."""
        names = [
            self.value(form, form.slot("item"), one["item"], world) if "item" in one else one["order"] for one in slots
        ]
        return self._wording.listed(names, world.language)

    def value(self, form: Form, slot: Slot, value: str, world: World) -> str:
        """A slot's value as the customer reads it."""
        if slot.type in ("item", "variant"):
            names = {one.sku: one.name for one in world.items(world.orders)}
            return (names | {one.sku: one.name for one in world.variants}).get(value, value)
        if slot.type == "choice" and (choice := slot.choice(value)) is not None:
            label = choice.label[world.language]
            return label[0].lower() + label[1:]
        if slot.type == "date":
            return self._day(date.fromisoformat(value), world.language)
        return value

    def facts(self, facts: Mapping[str, Any], language: str) -> dict[str, str]:
        """What a tool told as words: amounts, moments, ranges; of what is nested by `outer_inner`."""
        out: dict[str, str] = {}
        for name, value in facts.items():
            if isinstance(value, Mapping) and "text" in value:
                if value["minor"]:
                    out[name] = value["text"]
            elif isinstance(value, Mapping):
                out |= {f"{name}_{inner}": text for inner, text in self.facts(value, language).items()}
            elif isinstance(value, list) and len(value) == 2 and all(isinstance(one, int) for one in value):
                out[name] = f"{value[0]}–{value[1]}"
            elif isinstance(value, str | int) and not isinstance(value, bool):
                text = self._moment(name, str(value), language)
                if text or name.startswith("address_") or name == "city":
                    out[name] = text
        return out

    def days(self, facts: Mapping[str, str], language: str) -> dict[str, str]:
        """Facts of which the days are words."""
        return {
            name: self._wording.day(value, language) if value and name.endswith(_DAYS_OF_RULES) else value
            for name, value in facts.items()
        }

    def _moment(self, name: str, value: str, language: str) -> str:
        if value and name.endswith(_TIMES):
            return self._wording.moment(value, language)
        return self._wording.day(value, language) if value and name.endswith(_DAY_ENDS) else value

    def _order(self, order: Order, language: str) -> str:
        names = self._wording.listed([item.name for item in order.items], language)
        return f"{order.number}（{names}）" if language == "zh" else f"{order.number} ({names})"

    def _day(self, day: date, language: str) -> str:
        name = _DAYS[language][day.weekday()]
        if language == "zh":
            return f"{day.month}月{day.day}日（周{name}）"
        return f"{name} {day.day} {day:%b} {day.year}"
