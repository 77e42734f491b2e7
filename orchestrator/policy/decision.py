"""The decision tree: conditions and decisions from YAML, checked when they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
import yaml

from orchestrator.cases.details import Detail, detail_of
from orchestrator.cases.shelf import asks_shelf
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.entries import Emotion
from orchestrator.understanding.utterance import Utterance

_DEFAULT = Path(__file__).with_name("decision_tree.yaml")
# After these it is the customer's choice: what is missing or lost once more, or the money.
_SENT_ANEW = frozenset({"order-missing-item", "shipping-lost"})
_FRAGMENT_CHARS = {"en": 40, "zh": 14}


class Action(StrEnum):
    """What a turn does."""

    ANSWER = "answer"
    SAY = "say"
    ASK = "ask"
    ACT = "act"
    ESCALATE = "escalate"


class Tone(StrEnum):
    """How it is said."""

    PLAIN = "plain"
    WARM = "warm"
    CALM = "calm"
    APOLOGETIC = "apologetic"


class Conditions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must hold; what is absent is not asked."""

    case: frozenset[str] | None = None
    intent: frozenset[str] | None = None
    article: frozenset[str] | None = None
    article_not: frozenset[str] | None = None
    general: bool | None = None
    number: bool | None = None
    emotion: frozenset[Emotion] | None = None
    risk: frozenset[str] | None = None
    sticker: bool | None = None
    picture: bool | None = None
    handed_over: bool | None = None
    people: bool | None = None
    worsening: bool | None = None
    small_talk: bool | None = None
    talk: frozenset[str] | None = None
    asks: bool | None = None
    outspoken: bool | None = None
    form: bool | None = None
    tier: frozenset[str] | None = None
    order_value: int | None = None
    attempts: int | None = None
    last_case: frozenset[str] | None = None
    running: frozenset[str] | None = None
    offered: frozenset[str] | None = None
    open_form: bool | None = None
    follows_up: bool | None = None
    presses: bool | None = None
    speaks_of_parcel: bool | None = None
    replaces_parcel: bool | None = None
    of_others: bool | None = None
    whereabouts: bool | None = None
    tells_delay: bool | None = None
    urges: bool | None = None
    poses: bool | None = None
    late_money: bool | None = None
    asks_worth: bool | None = None
    and_another: bool | None = None
    shelf: bool | None = None
    compares: bool | None = None
    postage: bool | None = None
    detail: frozenset[Detail] | None = None
    product: bool | None = None
    fragment: bool | None = None
    certainty: float | None = None
    intensity: float | None = None
    anger_in_a_row: int | None = None
    not_understood: int | None = None
    score_from: float | None = None
    score_below: float | None = None


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do. `rule` names the branch, for the decision log; `case` the procedure, for ACT."""

    action: Action
    tone: Tone = Tone.PLAIN
    template: str = ""
    case: str = ""
    stickers: bool = False
    sticker_emotion: Emotion | None = None
    exclude: tuple[Emotion, ...] = ()
    rule: str = ""


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    when: Conditions
    then: Decision


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rules: list[_Rule]
    openers: dict[Tone, dict[str, str]]
    unless: dict[str, list[str]]
    cases: dict[str, list[Conditions]] = {}


@dataclass(frozen=True)
class Case:
    """What the tree looks at.

    Attributes:
        state: After it heard the message.
        form: Whether the message belongs to a form: one is open, is asked for, or was offered and is agreed to.
        tried: Cases that led nowhere; rules that act on them do not count any more.
        product: Whether the message names a product of the shop.
        people: Whether somebody of the shop is there now to take over.
    """

    utterance: Utterance
    state: DialogueState
    handed_over: bool
    form: bool = False
    tried: frozenset[str] = frozenset()
    product: bool = False
    people: bool = True

    @property
    def tier(self) -> str:
        """Of the customer; empty when it is not known."""
        return self.state.profile.tier if self.state.profile is not None else ""

    @property
    def order_value(self) -> int:
        """Of the customer's largest order of late, in major units of CNY."""
        return self.state.profile.order_value if self.state.profile is not None else 0

    @property
    def fragment(self) -> bool:
        """Whether it is little more than a product and where or when ("mugs, tomorrow?")."""
        text = self.utterance.text
        short = len(text) <= _FRAGMENT_CHARS[self.utterance.language]
        return self.product and short and PHRASES.has("where_or_when", text)

    @property
    def replaces_parcel(self) -> bool:
        """Whether, of what was offered for a parcel that is lost, a new one is taken rather than the money."""
        told_how = self.state.topic in _SENT_ANEW and not self.state.last_case
        lost = self.state.last_case == "parcel" and self.state.offered == "refund"
        offered = self.state.form is None and (lost or told_how)
        text = self.utterance.text
        return offered and PHRASES.has("replaces_parcel", text) and not PHRASES.has("wonders", text)

    @property
    def late_money(self) -> bool:
        """Whether the money is wanted for a thing that does not come: that must be looked up first."""
        text = self.utterance.text
        return self.product and PHRASES.has("tells_delay", text) and PHRASES.has("wants_money", text)

    @property
    def attempts(self) -> int:
        """Answers in a row that a form could not use."""
        return self.state.form.misses if self.state.form is not None else 0

    @property
    def nearest(self) -> str:
        """The article that is nearest; empty for none."""
        return self.utterance.hits[0].article.id if self.utterance.hits else ""

    @property
    def score(self) -> float:
        """How near the nearest knowledge is."""
        return self.utterance.hits[0].score if self.utterance.hits else 0.0


@dataclass(frozen=True)
class Explained:
    """A rule that was looked at. `failed` is the first condition that does not hold; empty for the one that decides."""

    rule: str
    failed: str
    then: Decision


class DecisionTree:
    """Decides by the first rule that holds.

    Args:
        path: The tree.

    Raises:
        ValueError: The file does not fit, or its last rule has conditions.
    """

    def __init__(self, path: Path = _DEFAULT) -> None:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            self._file = msgspec.convert(raw, _File)
        except msgspec.ValidationError as error:
            raise ValueError(f"{path.name}: {error}") from error
        if not self._file.rules or self._file.rules[-1].when != Conditions():
            raise ValueError(f"{path.name}: the last rule must have no conditions")

    @property
    def rule_names(self) -> list[str]:
        """The branches in order."""
        return [rule.name for rule in self._file.rules]

    def decide(self, case: Case) -> Decision:
        """The decision of the first rule that holds."""
        rule = next(rule for rule in self._file.rules if self._fits(rule, case))
        return msgspec.structs.replace(rule.then, rule=rule.name)

    def explain(self, case: Case) -> Iterator[Explained]:
        """Each rule up to the one that holds, with the first condition of it that does not."""
        for rule in self._file.rules:
            failed = self._failed(rule, case)
            yield Explained(rule.name, failed, rule.then)
            if not failed:
                return

    def _fits(self, rule: _Rule, case: Case) -> bool:
        return not self._failed(rule, case)

    def _failed(self, rule: _Rule, case: Case) -> str:
        """The first condition that does not hold; empty when all do."""
        if rule.then.action is Action.ACT and rule.then.case in case.tried:
            return f"acting on {rule.then.case} led nowhere"
        named = rule.when.case
        if named is not None and not any(
            not _failed(one, case) for name in named for one in self._file.cases.get(name, ())
        ):
            return f"case: none of {', '.join(sorted(named))}"
        return _failed(rule.when, case)

    def opener(self, tone: Tone, language: str, answer: str) -> str:
        """What a tone puts before an answer; empty when the answer says so itself."""
        opener = self._file.openers.get(tone, {}).get(language, "")
        said = answer.lower()
        return "" if any(word in said for word in self._file.unless[language]) else opener


def _failed(when: Conditions, case: Case) -> str:
    """The first condition that does not hold, with what there is instead; empty when all do."""
    for name, wanted in ((name, getattr(when, name)) for name in _CHECKS):
        if wanted is not None and not _CHECKS[name][1](wanted, there := _CHECKS[name][0](case)):
            return f"{name}: {_words(wanted)} wanted, {_words(there)} found"
    return ""


def _words(value: Any) -> str:
    if isinstance(value, frozenset | tuple):
        return "/".join(sorted(str(one) for one in value)) or "nothing"
    return str(value) or "nothing"


def _among(wanted: frozenset[str], there: str) -> bool:
    return there in wanted


def _at_least(wanted: float, there: float) -> bool:
    return there >= wanted


def _is(wanted: bool, there: bool) -> bool:
    return there is wanted


_Check = tuple[Callable[[Case], Any], Callable[[Any, Any], bool]]
# What each condition looks at, and how that must be to what is wanted.
_CHECKS: dict[str, _Check] = {
    "intent": (lambda case: case.utterance.intent, _among),
    "article": (lambda case: case.nearest, _among),
    "article_not": (lambda case: case.nearest, lambda wanted, there: there not in wanted),
    "general": (lambda case: case.utterance.general, _is),
    "number": (lambda case: bool(case.utterance.number), _is),
    "emotion": (lambda case: case.utterance.emotion, _among),
    "risk": (lambda case: case.utterance.risk_words, lambda wanted, there: not wanted.isdisjoint(there)),
    "sticker": (lambda case: case.utterance.sticker is not None, _is),
    "picture": (lambda case: case.utterance.picture is not None, _is),
    "handed_over": (lambda case: case.handed_over, _is),
    "people": (lambda case: case.people, _is),
    "worsening": (lambda case: case.state.worsening, _is),
    "talk": (lambda case: case.utterance.small_talk, _among),
    "asks": (lambda case: PHRASES.has("asks", case.utterance.text), _is),
    "small_talk": (lambda case: bool(case.utterance.small_talk), _is),
    "outspoken": (lambda case: case.utterance.outspoken, _is),
    "form": (lambda case: case.form, _is),
    "tier": (lambda case: case.tier, _among),
    "order_value": (lambda case: case.order_value, _at_least),
    "attempts": (lambda case: case.attempts, _at_least),
    "last_case": (lambda case: case.state.last_case, _among),
    "offered": (lambda case: case.state.offered, _among),
    "open_form": (lambda case: case.state.form is not None, _is),
    "running": (lambda case: case.state.running, _among),
    "follows_up": (lambda case: PHRASES.has("follows_up", case.utterance.text), _is),
    "presses": (lambda case: PHRASES.has("presses", case.utterance.text), _is),
    "speaks_of_parcel": (lambda case: case.product or PHRASES.has("speaks_of_parcel", case.utterance.text), _is),
    "replaces_parcel": (lambda case: case.replaces_parcel, _is),
    "of_others": (lambda case: not case.utterance.number and PHRASES.has("of_others", case.utterance.text), _is),
    "whereabouts": (lambda case: PHRASES.has("whereabouts", case.utterance.text), _is),
    "compares": (lambda case: PHRASES.has("compares", case.utterance.text), _is),
    "postage": (lambda case: PHRASES.has("asks_postage", case.utterance.text), _is),
    "asks_worth": (lambda case: PHRASES.has("asks_worth", case.utterance.text), _is),
    "late_money": (lambda case: case.late_money, _is),
    "poses": (lambda case: PHRASES.has("poses", case.utterance.text), _is),
    "and_another": (lambda case: case.product and PHRASES.has("and_another", case.utterance.text), _is),
    "urges": (lambda case: PHRASES.has("urges", case.utterance.text), _is),
    "tells_delay": (lambda case: PHRASES.has("tells_delay", case.utterance.text), _is),
    "shelf": (lambda case: asks_shelf(case.utterance, case.state), _is),
    "detail": (lambda case: detail_of(case.utterance.text), _among),
    "product": (lambda case: case.product, _is),
    "fragment": (lambda case: case.fragment, _is),
    "certainty": (lambda case: case.utterance.certainty, _at_least),
    "intensity": (lambda case: case.utterance.intensity, _at_least),
    "anger_in_a_row": (lambda case: case.state.anger_in_a_row, _at_least),
    "not_understood": (lambda case: case.state.not_understood, _at_least),
    "score_from": (lambda case: case.score, _at_least),
    "score_below": (lambda case: case.score, lambda wanted, there: there < wanted),
}
