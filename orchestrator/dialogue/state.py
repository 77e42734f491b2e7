"""The dialogue's state: small, versioned, with a life of ten minutes after the last answer."""

from __future__ import annotations

import msgspec

from orchestrator.journal.entries import Emotion
from orchestrator.understanding.utterance import Utterance

_TREND = 6
_SHOWN = 24


class FormPosition(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a form stands: its name, the slot that was asked for, what is filled."""

    name: str
    asked: str = ""
    filled: dict[str, str] = {}


class DialogueState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a turn leaves for the next.

    Attributes:
        intent: The last one that was about something.
        slots: Facts that the customer gave, by name.
        form: A form that is being filled.
        emotions: Of the last messages, oldest first.
        not_understood: Turns in a row that were not understood.
        shown_stickers: Ids that were shown lately, newest last.
        topic: The article that the last answer rests on.
        turns: How many there were.
        variants: The variant of each template that was used last, so that none comes twice in a row.
    """

    intent: str = ""
    slots: dict[str, str] = {}
    form: FormPosition | None = None
    emotions: tuple[Emotion, ...] = ()
    not_understood: int = 0
    shown_stickers: tuple[str, ...] = ()
    topic: str = ""
    turns: int = 0
    variants: dict[str, int] = {}

    def heard(self, utterance: Utterance) -> DialogueState:
        """After understanding a message."""
        emotions = (*self.emotions, utterance.emotion)[-_TREND:]
        about = utterance.intent not in ("greeting", "thanks", "goodbye", "chitchat", "out_of_scope")
        return msgspec.structs.replace(
            self, emotions=emotions, intent=utterance.intent if about else self.intent, turns=self.turns + 1
        )

    def showed(self, sticker_ids: tuple[str, ...]) -> DialogueState:
        """After stickers were shown."""
        return msgspec.structs.replace(self, shown_stickers=(*self.shown_stickers, *sticker_ids)[-_SHOWN:])

    @property
    def anger_in_a_row(self) -> int:
        """Messages in a row, up to the last, that were angry."""
        count = 0
        for emotion in reversed(self.emotions):
            if emotion is not Emotion.ANGER:
                break
            count += 1
        return count

    @property
    def worsening(self) -> bool:
        """Whether the mood fell: unpleasant now, and pleasant or neutral before."""
        unpleasant = (Emotion.ANGER, Emotion.SADNESS, Emotion.ANXIETY)
        return len(self.emotions) >= 2 and self.emotions[-1] in unpleasant and self.emotions[-2] not in unpleasant


_decoder = msgspec.json.Decoder(DialogueState)


def decode_state(raw: bytes) -> DialogueState:
    """The stored state; a new one when there is none or it cannot be read (an older or newer version wrote it)."""
    if not raw:
        return DialogueState()
    try:
        return _decoder.decode(raw)
    except msgspec.MsgspecError:
        return DialogueState()


def encode_state(state: DialogueState) -> bytes:
    """The state as it is stored."""
    return msgspec.json.encode(state)
