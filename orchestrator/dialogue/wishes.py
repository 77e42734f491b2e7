"""Which forms a message asks for, and what else stands in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.dialogue.forms import Form, Forms
from orchestrator.dialogue.phrases import PHRASES, any_of, plain
from orchestrator.understanding.utterance import Utterance

_SURE = 0.6
_SHORT_FOR = {"pls": "please", "plz": "please", "u": "you", "wanna": "want to", "gotta": "have to", "im": "i'm"}
_SPELT_OUT = re.compile(rf"\b({'|'.join(_SHORT_FOR)})\b", re.IGNORECASE)
_SHORT = {"en": 8, "zh": 3}


@dataclass(frozen=True)
class Wish:
    """A form that is asked for, and the words that ask for it.

    Attributes:
        in_addition: It is meant beside what is being done.
        outright: The words say it; else the model's intent does.
    """

    form: str
    text: str
    in_addition: bool = False
    outright: bool = True


@dataclass(frozen=True)
class Wishes:
    """What a message wants.

    Attributes:
        forms: In the order in which they are asked for.
        besides: A question in it that no form answers; empty for none.
    """

    forms: tuple[Wish, ...] = ()
    besides: str = ""


class WishReader:
    """Finds wishes by the triggers of forms.

    Args:
        forms: All of them.
    """

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._words: Mapping[str, re.Pattern[str]] = {
            form.name: any_of([*form.triggers.words.en, *form.triggers.words.zh]) for form in forms
        }
        self._weak: Mapping[str, re.Pattern[str]] = {
            form.name: any_of([*form.triggers.weak.en, *form.triggers.weak.zh]) for form in forms
        }
        self._unless: Mapping[str, re.Pattern[str]] = {
            form.name: any_of([*form.triggers.unless.en, *form.triggers.unless.zh]) for form in forms
        }

    def of(self, utterance: Utterance) -> Wishes:
        """The wishes of a message; none in a sticker or a picture, or in a question about rules."""
        if utterance.sticker is not None or utterance.picture is not None:
            return Wishes()
        whole = plain(utterance.text)
        pieces = PHRASES.clauses(whole, utterance.language)
        named = [(piece, self._named(piece)) for piece in pieces]
        forms = [(piece, form) for piece, form in named if form]
        if len({form for _, form in forms}) > 1:
            return Wishes(tuple(self._apart(named)), _question(named))
        if forms:
            asked = _question(named)
            own = whole.replace(asked, " ") if asked else whole  # what is asked besides fills nothing
            return Wishes((Wish(forms[0][1], own, PHRASES.has("in_addition", whole)),), asked)
        if form := self._named(whole) or self._named(whole, self._weak):
            return Wishes((Wish(form, whole, PHRASES.has("in_addition", whole)),))
        if form := self._meant(utterance, whole):
            return Wishes((Wish(form, whole, outright=False),))
        return Wishes()

    def questions(self, utterance: Utterance) -> tuple[str, ...]:
        """The clauses of a message that each ask something."""
        if utterance.sticker is not None or utterance.picture is not None:
            return ()
        pieces = PHRASES.clauses(plain(utterance.text), utterance.language)
        return tuple(piece for piece in pieces if _asks(piece) and _enough(piece))

    def _named(self, text: str, words: Mapping[str, re.Pattern[str]] | None = None) -> str:
        """The form that words ask for; the one that is named first."""
        words = words or self._words
        found = [(match.start(), form) for form in self._forms if (match := self._asked_for(form, text, words))]
        return min(found, key=lambda one: one[0])[1].name if found else ""

    def _asked_for(self, form: Form, text: str, words: Mapping[str, re.Pattern[str]]) -> re.Match[str] | None:
        spelt = _SPELT_OUT.sub(lambda short: _SHORT_FOR[short[0].lower()], text)
        match = words[form.name].search(spelt)
        return match if match and not self._unless[form.name].search(spelt) else None

    def _meant(self, utterance: Utterance, text: str) -> str:
        """The form that the model's intent means, unless it is a question."""
        if utterance.general or PHRASES.has("asks", text) or utterance.certainty < _SURE:
            return ""
        for form in self._forms:
            if utterance.intent in form.triggers.intents and not self._unless[form.name].search(text):
                return form.name
        return ""

    def _apart(self, named: list[tuple[str, str]]) -> list[Wish]:
        """Each form with its own words and those that follow without a wish of their own."""
        wishes: list[Wish] = []
        for piece, form in named:
            if form and (not wishes or wishes[-1].form != form):
                wishes.append(Wish(form, piece, bool(wishes)))
            elif wishes:
                last = wishes[-1]
                wishes[-1] = Wish(last.form, f"{last.text}, {piece}", last.in_addition)
        return wishes


def _question(named: list[tuple[str, str]]) -> str:
    """A clause that asks something that no form is for."""
    asked = [piece for piece, form in named if not form and _asks(piece) and _enough(piece)]
    return asked[0] if asked else ""


def _asks(piece: str) -> bool:
    return PHRASES.has("wonders", piece) or PHRASES.has("reports", piece) or piece.endswith(("?", "？", "吗", "呢"))


def _enough(piece: str) -> bool:
    return len(piece) >= _SHORT["zh" if re.search(r"[㐀-鿿]", piece) else "en"]
