"""The standard instruction that the rest of a turn works on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from orchestrator.journal.entries import Emotion, Sticker
from orchestrator.retrieval.search import Hit
from orchestrator.understanding.encoder import Vectors
from orchestrator.understanding.picture import Seen
from orchestrator.understanding.reading import Slot
from orchestrator.understanding.spelling import Spelt

# Numbers of orders and parcels begin with letters; digits alone may be a phone.
_NUMBER = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[- ]?\d(?:[\d -]{4,18})\d(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Utterance:
    """A message understood.

    Attributes:
        text: What was written, in plain spelling; for a sticker its alt text; for a picture the words in it, else what
            it shows.
        spelt: How that was written; None where nothing was.
        picture: What is known of the picture, when one was sent instead of words.
        sticker: The sticker, when one was sent instead of words.
        language: "en" or "zh".
        intent: What is wanted; "out_of_scope" when nothing known.
        certainty: Of the intent, in [0, 1].
        emotion: How the customer feels.
        intensity: Of the emotion, in [0, 1].
        outspoken: Whether the words themselves tell anger.
        risk_words: Kinds of risk that were named: "legal", "safety", "self_harm", "press".
        small_talk: The template that answers it, when it is small talk.
        slots: Facts in the words.
        about_done: Whether it asks on about what was just carried out.
        general: Whether it asks about rules rather than about something of the customer's own.
        vector: The sentence embedding; None when the encoder was out of reach.
        hits: Knowledge that is near, best first.
        following: Knowledge that is near it together with the topic of the last answer; None where that was not read.
    """

    text: str
    language: str
    sticker: Sticker | None = None
    picture: Seen | None = None
    spelt: Spelt | None = field(default=None, compare=False, repr=False)
    intent: str = "out_of_scope"
    certainty: float = 0.0
    emotion: Emotion = Emotion.NEUTRAL
    intensity: float = 0.0
    outspoken: bool = False
    risk_words: tuple[str, ...] = ()
    small_talk: str = ""
    slots: tuple[Slot, ...] = ()
    general: bool = False
    about_done: bool = False
    vector: Vectors | None = field(default=None, compare=False, repr=False)
    hits: tuple[Hit, ...] = ()
    following: tuple[Hit, ...] | None = field(default=None, compare=False, repr=False)

    @property
    def written(self) -> str:
        """The customer's own words."""
        return self.spelt.written if self.spelt is not None else self.text

    @property
    def number(self) -> str:
        """The order or tracking number in the words; empty when there is none."""
        found = _NUMBER.search(self.text)
        return found[0] if found else ""
