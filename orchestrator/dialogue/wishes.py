"""Which forms a message asks for, and what else stands in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from orchestrator.dialogue.forms import Form, Forms
from orchestrator.dialogue.mentions import stands_in
from orchestrator.dialogue.numerals import ordinal_in
from orchestrator.dialogue.phrases import PHRASES, any_of, plain
from orchestrator.dialogue.reads import ORDER_NUMBER
from orchestrator.dialogue.unwanted import Unwanted
from orchestrator.understanding.utterance import Utterance

_SURE = 0.6
_RECENT = 512  # texts
_SHORT_FOR = {"pls": "please", "plz": "please", "u": "you", "wanna": "want to", "gotta": "have to", "im": "i'm"}
_SPELT_OUT = re.compile(rf"\b({'|'.join(_SHORT_FOR)})\b", re.IGNORECASE)
# "Call cancel_order" is no wish: what a program calls things is not what customers say.
_NAMES_OF_TOOLS = re.compile(
    r"(?:\b(?:call|run|execute|invoke|use|trigger) |(?:调用|执行|运行)\s*)?"
    r"(?<![A-Za-z0-9_@.-])[a-z]+(?:_[a-z]+)+(?![A-Za-z0-9_@-]|\.\w)(?:\([^)]*\))?",
    re.IGNORECASE,
)
# "How long do I | have to return it?" asks; it wants nothing done.
_ASKED_ABOUT = re.compile(
    r"\b(?:how|when|where|why|what|which|who|whom)\b[^.,;!?]*\b(?:do|does|did|would|should|must|will|can|could)\s*$",
    re.IGNORECASE,
)
# "I just want an invoice" wants one.
_BY_THE_WAY = re.compile(
    r"\b(i|we)(?: (?:just|only|really|simply|actually|also|do|merely|badly|definitely|kindly|certainly))+ "
    r"(?=(?:want|need|would|wish|like|require)\b)", re.IGNORECASE
)  # fmt: skip
_LITTLE = {"en": 40, "zh": 14}  # characters besides a wish
_SHORT = {"en": 8, "zh": 3}
_JOINT = ", "
_IT = re.compile(r"\b(?:it|they|them)\b", re.IGNORECASE)
_NO_THING = re.compile(
    r"\b(?:is|was|would|will|if) it (?:be )?(?:possible|okay?|alright|true|allowed|raining|too late)\b", re.IGNORECASE
)
_BARE_ZH = re.compile(
    r"(?P<and>(?:那|它|还|，|\s)*)(?=(?:现在)?(?:在哪|到哪|寄到哪|寄去哪|发到哪|送到哪|里面有|什么时候|啥时候|多少钱|几天|几号)[^你我]{0,9}$)"
)
_ENDS_ASKING = ("?", "？", "吗", "呢", "了没", "了没有", "到没")
_OF_IT = re.compile(r"\b(?:it|they|them|that|this)\b|^[^a-z]{1,8}$", re.IGNORECASE)


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
        more: Further such questions.
    """

    forms: tuple[Wish, ...] = ()
    besides: str = ""
    more: tuple[str, ...] = ()


class WishReader:
    """Finds wishes by the triggers of forms.

    Args:
        forms: All of them.
    """

    def __init__(self, forms: Forms) -> None:
        self._forms, self._unwanted = forms, Unwanted(forms)
        self._words: Mapping[str, re.Pattern[str]] = {
            form.name: any_of([*form.triggers.words.en, *form.triggers.words.zh]) for form in forms
        }
        self._weak: Mapping[str, re.Pattern[str]] = {
            form.name: any_of([*form.triggers.weak.en, *form.triggers.weak.zh]) for form in forms
        }
        self._unless: Mapping[str, re.Pattern[str]] = {
            form.name: any_of([*form.triggers.unless.en, *form.triggers.unless.zh]) for form in forms
        }

        # A turn asks the same of its message several times.
        self._left = lru_cache(_RECENT)(self._without_unwanted)
        self._named = lru_cache(_RECENT)(self._first_named)

    def of(self, utterance: Utterance) -> Wishes:
        """The wishes of a message; none in a sticker or a picture, or in a question about rules."""
        if utterance.sticker is not None or utterance.picture is not None:
            return Wishes()
        written = _NAMES_OF_TOOLS.sub(" ", plain(utterance.text)).strip()
        whole = self._left(written)
        named = self._in_pieces(PHRASES.clauses(whole, utterance.language))
        forms = [form for _, form in named if form]
        asked = self._asked_beside(named) if forms else []
        besides, more = next(iter(asked), ""), tuple(asked[1:])
        if len(set(forms)) > 1 or self._of_several(named):
            return Wishes(tuple(self._apart(named)), besides, more)
        if forms:
            own = written
            for piece in (one for text in asked for one in text.split(_JOINT)):
                own = own.replace(piece, " ")  # what is asked besides fills nothing
            return Wishes((Wish(forms[0], own, PHRASES.has("in_addition", whole)),), besides, more)
        if form := self._named(whole) or self._named(whole, weak=True):
            return Wishes((Wish(form, written, PHRASES.has("in_addition", whole)),))
        if whole == written and (form := self._meant(utterance, whole)):
            return Wishes((Wish(form, whole, outright=False),))
        return Wishes()

    def _asked_beside(self, named: Sequence[tuple[str, str]]) -> list[str]:
        """The clauses that ask what no form is for, or tell of another thing that does not come.

        A question that names nothing ("where is it?") asks about what the clause before it names. What may have to be
        seen to comes first.
        """
        wanted = frozenset[int]().union(*(self._forms.products_in(piece) for piece, form in named if form))
        apart = not wanted and any(form and _of_another_state(piece) for piece, form in named)
        found: list[str] = []
        before = ""
        for piece, form in named:
            things = frozenset[int]() if form else self._forms.products_in(piece)
            asks = not form and _asks(piece) and _enough(piece)
            if asks and before and not things and _OF_IT.search(piece):
                found = [*(one for one in found if one != before), f"{before}{_JOINT}{piece}"]
            elif asks or (things and (apart or wanted) and not things & wanted and PHRASES.has("tells_delay", piece)):
                found.append(piece)
            before = piece if things else ""
        looked_up = ("tells_delay", "whereabouts")
        return sorted(found, key=lambda one: not any(PHRASES.has(kind, one) for kind in looked_up))

    def _in_pieces(self, pieces: Sequence[str]) -> list[tuple[str, str]]:
        """Each piece with the form that it asks for.

        What only hints at one counts beside what asks outright for another when it tells of a fault that the other has
        no use for.
        """
        outright = [(piece, self._named(piece)) for piece in pieces]
        wanted = [form for _, form in outright if form]
        if not wanted:
            return [(piece, self._named(piece, weak=True)) for piece in pieces]
        if any(_faults(self._forms[form]) for form in wanted):
            return outright
        return [(piece, form or self._faulty(piece)) for piece, form in outright]

    def _faulty(self, piece: str) -> str:
        """The form that a piece hints at by telling of a fault; empty for none."""
        form = self._named(piece, weak=True)
        told = form and any(fault.search(piece) for fault in _faults(self._forms[form]))
        return form if told else ""

    def declined(self, utterance: Utterance, *, alone: bool = False) -> frozenset[str]:
        """The forms that a message says are not wanted, and does not ask for all the same.

        Args:
            utterance: The message.
            alone: None when the message says much else.
        """
        if utterance.sticker is not None or utterance.picture is not None:
            return frozenset()
        text = plain(utterance.text)
        named = self._unwanted.named(text, self._asks_for_any)
        left = self._left(text)
        if not named or PHRASES.has("asks", left) or PHRASES.has("wonders", left) or PHRASES.has("supposes", text):
            return frozenset()
        if alone and len(" ".join(left.split()).strip(" ,.!，。！")) > _LITTLE[utterance.language]:
            return frozenset()
        return named - {wish.form for wish in self.of(utterance).forms}

    def besides_unwanted(self, utterance: Utterance) -> str:
        """What a message says besides what it does not want; empty when that is the whole or nothing of it."""
        if utterance.sticker is not None or utterance.picture is not None:
            return ""
        text = plain(utterance.text)
        left = PHRASES.without("no_ticket", self._left(text))
        left = " ".join(left.split()).strip(" ,.;!，。；！")
        return left if left != text.strip(" ,.;!，。；！") and _enough(left) else ""

    def _asks_for_any(self, text: str) -> bool:
        return bool(self._named(text))

    def questions(self, utterance: Utterance) -> tuple[str, ...]:
        """The clauses of a message that each ask something, or tell of a thing that does not come.

        A question that names nothing ("where is it?") gets the thing that was named before.
        """
        if utterance.sticker is not None or utterance.picture is not None:
            return ()
        asked, thing, before = list[str](), "", ""
        for piece in PHRASES.clauses(plain(utterance.text), utterance.language):
            named = self._thing_in(piece)
            late = bool(named) and PHRASES.has("tells_delay", piece)
            if (late or _asks(piece)) and _enough(piece):
                whole = _points(before) or PHRASES.has("tells_delay", before)
                if asked and asked[-1] == before and not named and whole and _OF_IT.search(piece):
                    asked[-1] = f"{before}{_JOINT}{piece}"  # of what is pointed at, and nothing by itself
                else:
                    asked.append(piece if named or not thing else _about(piece, thing))
            thing, before = named or thing, piece
        return tuple(asked)

    def _thing_in(self, piece: str) -> str:
        """The number of the order or the word by which a clause names one product; empty for none or several."""
        if number := ORDER_NUMBER.search(piece):
            return number[0]
        places = self._forms.products_in(piece)
        if len(places) != 1:
            return ""
        low = piece.casefold()
        return max((one for one in self._forms.products[min(places)] if stands_in(one, low)), key=len)

    def _without_unwanted(self, text: str) -> str:
        return self._unwanted.without(text, self._asks_for_any)

    def _first_named(self, text: str, *, weak: bool = False) -> str:
        """The form that words ask for, or with `weak` only hint at; the one that is named first."""
        words = self._weak if weak else self._words
        found = [(match.start(), form) for form in self._forms if (match := self._asked_for(form, text, words))]
        return min(found, key=lambda one: one[0])[1].name if found else ""

    def _asked_for(self, form: Form, text: str, words: Mapping[str, re.Pattern[str]]) -> re.Match[str] | None:
        spelt = _BY_THE_WAY.sub(r"\1 ", _SPELT_OUT.sub(lambda short: _SHORT_FOR[short[0].lower()], text))
        match = words[form.name].search(spelt)
        if match is None or self._unless[form.name].search(spelt) or _ASKED_ABOUT.search(spelt[: match.start()]):
            return None
        return match

    def _meant(self, utterance: Utterance, text: str) -> str:
        """The form that the model's intent means, with a word for it, unless it asks or tells what was done."""
        if utterance.general or PHRASES.has("asks", text) or utterance.certainty < _SURE:
            return ""
        for form in self._forms:
            if utterance.intent in form.triggers.intents and not self._unless[form.name].search(text):
                hinted = any_of([*form.triggers.hints.en, *form.triggers.hints.zh]).search(text)
                return form.name if hinted and not PHRASES.has("past", text) else ""
        return ""

    def _continued(self, named: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The pieces, of which one that goes on from an exchange ("and the mugs for green") asks for one, too."""
        out: list[tuple[str, str]] = []
        for piece, form in named:
            before = out[-1][1] if out else ""
            goes_on = not form and before and _swaps(self._forms[before]) and PHRASES.has("for_another", piece)
            out.append((piece, before if goes_on and self._forms.names_product(piece) else form))
        return out

    def _of_several(self, named: list[tuple[str, str]]) -> bool:
        """Whether several things are each to be exchanged for something of their own."""
        return len(self._apart(named)) > 1

    def _of_another(self, wish: Wish, piece: str) -> bool:
        """Whether a piece asks the same exchange of another thing."""
        kinds = [self._forms.products_in(text) for text in (wish.text, piece)]
        return _swaps(self._forms[wish.form]) and all(kinds) and not kinds[0] & kinds[1]

    def _apart(self, named: list[tuple[str, str]]) -> list[Wish]:
        """Each form with its own words and those that follow without a wish of their own."""
        wishes: list[Wish] = []
        for piece, form in self._continued(named):
            other = bool(wishes) and (wishes[-1].form != form or self._of_another(wishes[-1], piece))
            if form and (not wishes or other):
                wishes.append(Wish(form, piece, bool(wishes)))
            elif wishes:
                last = wishes[-1]
                wishes[-1] = Wish(last.form, f"{last.text}, {piece}", last.in_addition)
        return wishes


def _swaps(form: Form) -> bool:
    """Whether a thing becomes another one."""
    return any(slot.type == "variant" for slot in form.slots)


def _faults(form: Form) -> list[re.Pattern[str]]:
    """Words for what may be wrong with a thing, of a form that wants to know."""
    choices = [choice for slot in form.slots for choice in slot.choices if choice.fault]
    return [any_of([*choice.words.en, *choice.words.zh]) for choice in choices]


def _asks(piece: str) -> bool:
    if PHRASES.has("wonders", piece):
        return True
    if PHRASES.has("tag", piece):
        return False
    return PHRASES.has("reports", piece) or piece.endswith(_ENDS_ASKING)


def _of_another_state(piece: str) -> bool:
    """Whether a clause means an order that is not on its way: by its number, or by how it stands."""
    return ORDER_NUMBER.search(piece) is not None or PHRASES.status(piece) not in ("", "shipped")


def _points(piece: str) -> bool:
    """Whether a clause points at a place in what was listed."""
    return ordinal_in(piece) is not None or PHRASES.has("other_one", piece)


def _about(piece: str, thing: str) -> str:
    """A question about "it" as one about the thing."""
    if re.search(r"[a-z]{2}", piece, re.IGNORECASE):
        said = thing if ORDER_NUMBER.fullmatch(thing) else f"the {thing}"
        return piece if _NO_THING.search(piece) else _IT.sub(said, piece, count=1)
    found = _BARE_ZH.match(piece)
    return f"{thing}{piece[found.end('and') :]}" if found else piece.replace("它", thing, 1)


def _enough(piece: str) -> bool:
    return len(piece) >= _SHORT["zh" if re.search(r"[㐀-鿿]", piece) else "en"]
