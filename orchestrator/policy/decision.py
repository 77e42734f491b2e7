"""The decision tree: conditions and decisions from YAML, checked when they are read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec
import yaml

from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.entries import Emotion
from orchestrator.understanding.utterance import Utterance

_DEFAULT = Path(__file__).with_name("decision_tree.yaml")


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
    worsening: bool | None = None
    small_talk: bool | None = None
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
        can_act: Whether rules that act count; when acting led nowhere, they do not.
    """

    utterance: Utterance
    state: DialogueState
    handed_over: bool
    can_act: bool = True

    @property
    def nearest(self) -> str:
        """The article that is nearest; empty for none."""
        return self.utterance.hits[0].article.id if self.utterance.hits else ""

    @property
    def score(self) -> float:
        """How near the nearest knowledge is."""
        return self.utterance.hits[0].score if self.utterance.hits else 0.0


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

    def _fits(self, rule: _Rule, case: Case) -> bool:
        if rule.then.action is Action.ACT and not case.can_act:
            return False
        named = rule.when.case
        of_case = named is None or any(_holds(one, case) for name in named for one in self._file.cases.get(name, ()))
        return of_case and _holds(rule.when, case)

    def opener(self, tone: Tone, language: str, answer: str) -> str:
        """What a tone puts before an answer; empty when the answer says so itself."""
        opener = self._file.openers.get(tone, {}).get(language, "")
        said = answer.lower()
        return "" if any(word in said for word in self._file.unless[language]) else opener


def _holds(when: Conditions, case: Case) -> bool:
    said, state = case.utterance, case.state
    checks = (
        when.intent is None or said.intent in when.intent,
        when.article is None or case.nearest in when.article,
        when.article_not is None or case.nearest not in when.article_not,
        when.general is None or said.general is when.general,
        when.number is None or bool(said.number) is when.number,
        when.emotion is None or said.emotion in when.emotion,
        when.risk is None or not when.risk.isdisjoint(said.risk_words),
        when.sticker is None or (said.sticker is not None) is when.sticker,
        when.picture is None or (said.picture is not None) is when.picture,
        when.handed_over is None or case.handed_over is when.handed_over,
        when.worsening is None or state.worsening is when.worsening,
        when.small_talk is None or bool(said.small_talk) is when.small_talk,
        when.certainty is None or said.certainty >= when.certainty,
        when.intensity is None or said.intensity >= when.intensity,
        when.anger_in_a_row is None or state.anger_in_a_row >= when.anger_in_a_row,
        when.not_understood is None or state.not_understood >= when.not_understood,
        when.score_from is None or case.score >= when.score_from,
        when.score_below is None or case.score < when.score_below,
    )
    return all(checks)
