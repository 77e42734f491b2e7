"""A customer's message as a form hears it."""

from __future__ import annotations

from dataclasses import dataclass, field

from orchestrator.dialogue.consent import consent, gives_up
from orchestrator.dialogue.phrases import PHRASES, plain
from orchestrator.understanding.spelling import Spelt
from orchestrator.understanding.utterance import Utterance

_ASIDES = ("greeting", "thanks", "goodbye", "human_agent", "order_list", "support_hours")
_NEAR = 0.4
_SURE = 0.6
_STATED = 1.0  # the words themselves say it
_LONG = {"en": 24, "zh": 8}


@dataclass(frozen=True)
class Said:
    """What a form looks at.

    Attributes:
        consent: Yes, no or neither.
        gives_up: The customer wants it left.
        asks: It is put as a question.
        wonders: It asks to be told something.
        aside: It is about something else, as far as can be told without knowing the form.
        chats: It is small talk, or a wish that no form is for.
        facts: What the trained model found, by its kind.
        spelt: How it was written.
    """

    text: str
    language: str = "en"
    consent: bool | None = None
    gives_up: bool = False
    asks: bool = False
    wonders: bool = False
    aside: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    chats: bool = False
    spelt: Spelt | None = field(default=None, compare=False, repr=False)

    def fact(self, kinds: list[str]) -> str:
        """The first fact of one of some kinds; empty for none."""
        return next((value for kind, value in self.facts if kind in kinds), "")

    def as_written(self, value: str) -> str:
        """A piece of the text as the customer wrote it."""
        return self.spelt.as_written(value) if self.spelt is not None else value


def said_of(utterance: Utterance, text: str = "") -> Said:
    """A message, or the part of it that is meant for the form."""
    own = plain(text or utterance.text)
    written = utterance.sticker is None and utterance.picture is None
    asks, wonders = PHRASES.has("asks", own), PHRASES.has("wonders", own)
    return Said(
        own if written else "",
        utterance.language,
        consent(utterance),
        written and gives_up(own),
        written and asks,
        written and wonders,
        not written or _about_else(utterance, own, wonders),
        tuple((slot.name, slot.value) for slot in utterance.slots if slot.value in own),
        not written or _chats(utterance),
        utterance.spelt if written else None,
    )


def _chats(utterance: Utterance) -> bool:
    stated = utterance.intent in _ASIDES and utterance.certainty >= _STATED
    return stated or utterance.small_talk not in ("", "small_talk_ack")


def _about_else(utterance: Utterance, text: str, wonders: bool) -> bool:
    if _chats(utterance):
        return True
    near = bool(utterance.hits) and utterance.hits[0].score >= _NEAR
    return near and (wonders or (utterance.certainty >= _SURE and len(text) >= _LONG[utterance.language]))
