"""Forms as data: what to ask, what fits, what to do with it, what to say about the outcome. Checked when read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Literal

import msgspec
import yaml

from orchestrator.dialogue.mentions import stands_in

DEFAULT_PATH = Path(__file__).parents[1] / "knowledge" / "forms.yaml"
LANGUAGES = ("en", "zh")
AMOUNT = "amount"
"""What a confirmation may name besides slots: what the pieces are worth."""
ANEW = "anew"
"""Or the thing that is to come once more, when it is exchanged for the same."""
OF_ORDER = ("items", "total")
"""And what is in the order, and its sum."""
SlotType = Literal[
    "order", "item", "variant", "choice", "date", "time", "number", "text", "email", "phone", "address", "money"
]
Texts = dict[str, list[str]]
Words = dict[str, str]


class Patterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Regular expressions by language."""

    en: list[str] = []
    zh: list[str] = []


class Triggers(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"unless": "not"}):
    """What starts a form.

    Attributes:
        intents: Of the model, when it is sure and the message is no question.
        unless: Words with which it is something else.
        words: Words that say it outright.
        weak: Words that mean it when nothing in the message asks for another form.
        hints: One of these must stand in a message of which only the model says that it means the form.
        deeds: Words for what the form does, as they stand behind "don't" and "no need to".
    """

    words: Patterns
    intents: list[str] = []
    unless: Patterns = Patterns()
    weak: Patterns = Patterns()
    hints: Patterns = Patterns()
    deeds: Patterns = Patterns()


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of a slot's choices.

    Attributes:
        instead: The form that is meant when it is chosen.
        fault: Whether it says that something is not as it should be: that weighs more than anything said beside it.
    """

    value: str
    label: Words
    words: Patterns
    instead: str = ""
    fault: bool = False


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a value must be. `wrong` says so when it is not."""

    wrong: Texts
    pattern: str = ""
    least: int | None = None
    most: int | None = None
    future_days: int | None = None
    opens: str = ""
    closes: str = ""


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that a form needs to know.

    Attributes:
        ask: The question, with variants; none for a slot that is never asked for.
        optional: Whether the form does without it: it is filled when it is said.
        where: For an order: what must be possible with it.
        unless: The slot is not needed when one of these slots has one of these values.
        spared_by: It is not needed when one of these slots is filled.
        needs: It is asked for only when these slots have one of these values.
        cues: What stands around it in a message that does not answer its question; the first group is the value.
        from_slots: Kinds of facts of the trained model that fill it.
        instead: For an order: what may be done with it when `where` may not, and the form for that.
        remembered: The name under which it is remembered for the next time, when the customer agrees.
        otherwise: For a choice: the value of an answer in words that fit none; the confirmation shows it.
        from_message: Whether the message that starts the form fills it when it says enough.
        shape: For a text: that it is the name of a person, or of a person or firm; half a sentence is neither.
        pieces_of: For a number: the slot of the item whose pieces it counts. It is asked for when more than one was
            bought, and never more than that.
    """

    name: str
    type: SlotType
    label: Words
    ask: Texts | None = None
    optional: bool = False
    where: str = ""
    unless: dict[str, list[str]] = {}
    spared_by: list[str] = []
    needs: dict[str, list[str]] = {}
    choices: list[Choice] = []
    check: Check | None = None
    cues: Patterns = Patterns()
    from_slots: list[str] = []
    instead: dict[str, str] = {}
    remembered: str = ""
    from_message: bool = False
    otherwise: str = ""
    shape: Literal["", "person", "title"] = ""
    pieces_of: str = ""

    def wanted(self, filled: Mapping[str, str]) -> bool:
        """Whether a form that knows this much must know it too."""
        spared = any(filled.get(name) in values for name, values in self.unless.items())
        spared = spared or any(name in filled for name in self.spared_by)
        met = all(filled.get(name) in values for name, values in self.needs.items())
        return not spared and met and not self.optional

    def choice(self, value: str) -> Choice | None:
        """The choice of a value."""
        return next((one for one in self.choices if one.value == value), None)


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A form.

    Attributes:
        tool: What is called with the slots.
        arguments: Argument to template; "{slot}", "{address.street}" (a part), "{kind=company}" (whether it is that),
            or plain words.
        confirm: What is asked before anything is done.
        agrees: What agrees to that besides a yes.
        differs: Words for deeds of other forms: a yes with one of them agrees to that, and not to this.
        results: What is said by outcome: done, already, approval_needed, handed_over.
        also: Sentences that follow when the tool told the value that they name.
        refused: What is said by the rule that refused it.
        nothing: What is said when no order fits.
        article: The article whose rule it applies.
        about: Articles that a question in between is likely to mean.
        rather: By an article that a question may seem to mean, the one that answers it where this is done.
        offer_after: Articles after which it is offered.
        offer: The offer.
        repeats: Whether it may be carried out again to correct what was just done.
        final: What is said when it should be undone and cannot be.
        whole: What is said first when only some of an order's things are named and all of it is meant.
        regretted: What is said when it was carried out and is not wanted any more.
        deadline: What is said of until when something is to be sent off.
    """

    name: str
    title: Words
    triggers: Triggers
    slots: list[Slot]
    tool: str
    arguments: dict[str, str]
    confirm: Texts
    agrees: Patterns = Patterns()
    differs: Patterns = Patterns()
    results: dict[str, Texts]
    also: dict[str, Texts] = {}
    refused: dict[str, Texts] = {}
    nothing: Texts | None = None
    article: str = ""
    about: list[str] = []
    rather: dict[str, str] = {}
    offer_after: list[str] = []
    offer: Texts | None = None
    repeats: bool = False
    final: Texts | None = None
    regretted: Texts | None = None
    whole: Texts | None = None
    deadline: Texts | None = None

    def slot(self, name: str) -> Slot:
        """The slot of a name."""
        return next(one for one in self.slots if one.name == name)

    def missing(self, filled: Mapping[str, str]) -> Slot | None:
        """The first slot that is still to be asked for."""
        return next((one for one in self.slots if one.name not in filled and one.wanted(filled)), None)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    products: list[list[str]]
    aliases: list[list[str]]
    shared: dict[str, Texts]
    forms: list[Form]


class Forms:
    """Every form by its name.

    Args:
        path: The data file.

    Raises:
        ValueError: It does not fit; the message names file, form and field.
    """

    def __init__(self, path: Path = DEFAULT_PATH) -> None:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        try:
            file = msgspec.convert(raw, _File)
        except msgspec.ValidationError as error:
            raise ValueError(f"{path.name}: {error}") from error
        self._forms = {form.name: form for form in file.forms}
        self.products = tuple(frozenset(group) for group in file.products)
        self.aliases = (*self.products, *(frozenset(group) for group in file.aliases))
        self.shared = file.shared
        for form in file.forms:
            for problem in _problems(form, self._forms):
                raise ValueError(f"{path.name}: {form.name}: {problem}")
        for name, problem in _wrong_texts(self.texts()):
            raise ValueError(f"{path.name}: {name}: {problem}")

    def __getitem__(self, name: str) -> Form:
        """The form of a name."""
        return self._forms[name]

    def __contains__(self, name: str) -> bool:
        """Whether there is such a form."""
        return name in self._forms

    def __iter__(self) -> Iterator[Form]:
        """In the order of the file."""
        return iter(self._forms.values())

    def products_in(self, text: str) -> frozenset[int]:
        """Which products of the shop a text names, by their places."""
        low = text.lower()
        return frozenset(at for at, group in enumerate(self.products) if any(stands_in(one, low) for one in group))

    def names_product(self, text: str) -> bool:
        """Whether a text names a product of the shop."""
        return bool(self.products_in(text))

    def offered_after(self, article: str) -> Form | None:
        """The form to offer after an article."""
        return next((form for form in self if article in form.offer_after), None)

    def texts(self) -> dict[str, Texts]:
        """Everything that is said, by the name under which templates know it."""
        out = dict(self.shared)
        for form in self:
            for name, texts in _texts(form):
                if texts is not None:
                    out[text_name(form.name, name)] = texts
        return out


def text_name(form: str, what: str) -> str:
    """The template of something that a form says."""
    return f"{form}/{what}"


def _texts(form: Form) -> Iterator[tuple[str, Texts | None]]:
    yield "confirm", form.confirm
    yield "nothing", form.nothing
    yield "offer", form.offer
    yield "final", form.final
    yield "regretted", form.regretted
    yield "whole", form.whole
    yield "deadline", form.deadline
    for slot in form.slots:
        yield f"ask/{slot.name}", slot.ask
        yield f"wrong/{slot.name}", slot.check.wrong if slot.check is not None else None
    for group, texts in (("result", form.results), ("also", form.also), ("refused", form.refused)):
        for name, one in texts.items():
            yield f"{group}/{name}", one


def _problems(form: Form, forms: Mapping[str, Form]) -> Iterator[str]:
    names = [slot.name for slot in form.slots]
    if len(set(names)) != len(names):
        yield "two slots share a name"
    for slot in form.slots:
        if slot.ask is None and not slot.optional:
            yield f"slots.{slot.name}.ask is missing"
        if (slot.type == "choice") != bool(slot.choices):
            yield f"slots.{slot.name}.choices belong to a choice, and only there"
        for other in (*slot.unless, *slot.needs, *slot.spared_by, *([slot.pieces_of] if slot.pieces_of else [])):
            if other not in names:
                yield f"slots.{slot.name}: there is no slot {other}"
        for choice in slot.choices:
            if choice.instead and choice.instead not in forms:
                yield f"slots.{slot.name}.{choice.value}.instead: there is no form {choice.instead}"
    for argument, template in form.arguments.items():
        for field in _fields(template):
            if re.split(r"[.=]", field)[0] not in names:
                yield f"arguments.{argument}: there is no slot {field}"
    for language in LANGUAGES:
        for text in form.confirm.get(language, []):
            if unknown := _fields(text) - {*names, AMOUNT, ANEW, *OF_ORDER}:
                yield f"confirm.{language}: there is no slot {', '.join(sorted(unknown))}"


def _wrong_texts(texts: Mapping[str, Texts]) -> Iterator[tuple[str, str]]:
    for name, by_language in texts.items():
        if set(by_language) != set(LANGUAGES):
            yield name, "needs en and zh, and nothing else"
        for language, variants in by_language.items():
            if not variants:
                yield name, f"{language} has no text"


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}
