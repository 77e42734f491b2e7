"""The dialogue's state: small, versioned, with a life of ten minutes after the last answer."""

from __future__ import annotations

import msgspec

from orchestrator.journal.entries import Emotion, ImageSeen
from orchestrator.understanding.utterance import Utterance

_TREND = 6
_SHOWN = 24
_TOLD = 200  # characters


class FormPosition(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a form stands.

    Attributes:
        asked: The slot that was asked for last.
        filled: Slots and their values.
        confirming: Whether it was asked if it should be done.
        misses: Answers in a row that were not understood.
        tries: How often in a row the same was asked before this.
        paused: Whether the customer was silent so long that it must be asked whether to go on.
        among: Orders of which one is meant, while it is asked which; empty for all that fit.
    """

    name: str
    asked: str = ""
    filled: dict[str, str] = {}
    confirming: bool = False
    misses: int = 0
    tries: int = 0
    paused: bool = False
    among: tuple[str, ...] = ()


class Queued(msgspec.Struct, frozen=True, omit_defaults=True):
    """A form that is taken up when the present one is over: one that was begun, or the words that ask for it."""

    form: FormPosition
    text: str = ""


class PendingCall(msgspec.Struct, frozen=True):
    """A tool call with an effect that the customer was asked to confirm; `arguments` is canonical JSON."""

    tool: str
    arguments: str


class Profile(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the shop knows of a customer, as far as a dialogue needs it.

    Attributes:
        tier: Of the shop's programme.
        name: As the shop has it.
        facts: What the customer agreed to have remembered, by name.
        cases: What was closed lately, newest first.
        order_value: The sum of the largest order that is under way or was delivered lately, in major units of CNY.
    """

    tier: str = ""
    name: str = ""
    facts: dict[str, str] = {}
    cases: tuple[str, ...] = ()
    order_value: int = 0


class Captioned(msgspec.Struct, frozen=True):
    """A picture that was not answered by itself, for words came with it: its entry and what it shows."""

    seq: int
    seen: ImageSeen


class DialogueState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a turn leaves for the next.

    Attributes:
        intent: The last one that was about something.
        slots: What the customer spoke of last, by kind: the product.
        form: A form that is being filled.
        emotions: Of the last messages, oldest first.
        not_understood: Turns in a row that were not understood.
        shown_stickers: Ids that were shown lately, newest last.
        topic: The article that the last answer rests on.
        turns: How many there were.
        variants: The variant of each template that was used last, so that none comes twice in a row.
        queue: Forms that are taken up when the present one is over.
        shown: Numbers of orders and parcels, or codes of items, in the order in which they were last listed.
        offered: The form that the last answer offered to begin; "remember:NAME=VALUE" for something to be kept.
        last_case: The case that the last answer was about.
        running: The case of the last thing that was seen to or told of and may still be asked about, whatever was
            asked in between.
        at_ms: When the last message came, by the store's clock.
        profile: What is known of the customer; None until it was looked up.
        done: The form that was carried out last.
        ticket: The ticket that this opened, by its number, and until when it is answered (ISO 8601); empty for none.
        left: The form that was given up last, with what was told for it.
        refused: The form that could not be carried out with what was named last.
        approval: What waits for a person's approval, by its number.
        pending: Calls with an effect that a language model asked for and the customer has yet to confirm.
        captioned: The last picture that came with words.
        told: The last message in words, and `before` the one before it: what it named may be what is meant now.
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
    queue: tuple[Queued, ...] = ()
    shown: tuple[str, ...] = ()
    offered: str = ""
    last_case: str = ""
    running: str = ""
    at_ms: int = 0
    profile: Profile | None = None
    done: FormPosition | None = None
    ticket: tuple[str, ...] = ()
    left: FormPosition | None = None
    refused: str = ""
    approval: str = ""
    pending: tuple[PendingCall, ...] = ()
    captioned: Captioned | None = None
    told: str = ""
    before: str = ""

    def after_silence(self, now_ms: int, life_ms: int) -> DialogueState:
        """The state when a message comes: once its life is over only what was left half done stays, to be resumed."""
        if not self.at_ms or now_ms - self.at_ms <= life_ms:
            return msgspec.structs.replace(self, at_ms=now_ms)
        form = msgspec.structs.replace(self.form, paused=True) if self.form is not None else None
        return DialogueState(form=form, queue=self.queue, variants=self.variants, at_ms=now_ms)

    def heard(self, utterance: Utterance) -> DialogueState:
        """After understanding a message."""
        emotions = (*self.emotions, utterance.emotion)[-_TREND:]
        named = {slot.name: slot.value for slot in utterance.slots if slot.name == "product"}
        about = utterance.intent not in ("greeting", "thanks", "goodbye", "chitchat", "out_of_scope")
        return msgspec.structs.replace(
            self,
            emotions=emotions,
            intent=utterance.intent if about else self.intent,
            turns=self.turns + 1,
            slots={**self.slots, **named},
            told="" if utterance.sticker is not None or utterance.picture is not None else utterance.text[:_TOLD],
            before=self.told,
        )

    def listed(self, shown: tuple[str, ...]) -> DialogueState:
        """After things were listed, so that "the second one" can be understood."""
        return msgspec.structs.replace(self, shown=shown or self.shown)

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
