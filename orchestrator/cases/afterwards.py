"""What a message means after a form was carried out or refused: a correction, the next thing, a wish to undo it."""

from __future__ import annotations

from enum import StrEnum

from orchestrator.cases.details import OF_THE_COUPON, OF_THE_TICKET, detail_of
from orchestrator.dialogue.consent import consent, gives_up
from orchestrator.dialogue.forms import Forms
from orchestrator.dialogue.numerals import number_in
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.understanding.utterance import Utterance

_MOST_CHARS = 160
_SHORT = 60  # characters
_FORM, _COUPON = "form", "coupon"


class Afterwards(StrEnum):
    """What it may be.

    CORRECTION: of what was just done. NEXT: another thing of which the same is wanted that was refused. ANOTHER: of
    which the same is wanted that was done. UNDO: it should be undone. DEADLINE: until when to send off. LEFT: what was
    spoken of is given up. STANDS: how the ticket stands that was opened. PASSED_ON: what was passed on to a
    person should be different. COUPON: something about the coupon that was given.
    """

    CORRECTION = "correction"
    NEXT = "next"
    ANOTHER = "another"
    LEFT = "left"
    UNDO = "undo"
    DEADLINE = "deadline"
    STANDS = "stands"
    PASSED_ON = "passed_on"
    COUPON = "coupon"


def afterwards(utterance: Utterance, state: DialogueState, forms: Forms) -> Afterwards | None:
    """What a message that asks for no form means after one; None when it is about something else."""
    if state.form is not None or utterance.sticker is not None or utterance.picture is not None:
        return None
    text = utterance.text
    if len(text) > _MOST_CHARS:
        return None
    done = state.done
    if state.running == _FORM and state.ticket and detail_of(text) in OF_THE_TICKET:
        return Afterwards.STANDS
    if state.running == _FORM and done is not None and done.name == _COUPON and detail_of(text) in OF_THE_COUPON:
        return Afterwards.COUPON
    if done is not None and done.name in forms:
        if forms[done.name].deadline is not None and PHRASES.has("asks_deadline", text):
            return Afterwards.DEADLINE
        if forms[done.name].final is not None and PHRASES.has("restores", text):
            return Afterwards.UNDO
        corrects = consent(utterance) is False or PHRASES.has("amends", text)
        counted = any(slot.type == "date" for slot in forms[done.name].slots)
        if state.ticket and counted and corrects and state.last_case == _FORM and number_in(text) is not None:
            return Afterwards.PASSED_ON
        if forms[done.name].repeats and corrects and any(sign.isdigit() for sign in text):
            return Afterwards.CORRECTION
    names_another = PHRASES.has("other_one", text) or forms.names_product(text)
    if state.refused in forms and names_another and PHRASES.has("goes_on", text):
        return Afterwards.NEXT
    if done is not None and done.name in forms and state.last_case == "form" and len(text) <= _SHORT:
        meant = PHRASES.has("amends", text) and forms.names_product(text)
        if (PHRASES.has("other_one", text) and PHRASES.has("goes_on", text)) or meant:
            return Afterwards.ANOTHER
    if state.refused in forms and len(text) <= _SHORT and gives_up(text):
        return Afterwards.LEFT
    return None


def withdrawn(utterance: Utterance, state: DialogueState, forms: Forms) -> str:
    """The form that was just carried out and is not wanted after all, by words that name nothing; empty for none.

    What may be changed once more is not meant: "cancel it" after a new address is a wish for the order.
    """
    if state.form is not None or state.done is None or state.done.name not in forms:
        return ""
    if "people" in state.done.filled and PHRASES.has("cancels_table", utterance.text):
        return state.done.name
    if state.last_case != "form":
        return ""
    form = forms[state.done.name]
    meant = (form.regretted or form.final) is not None and not form.repeats and len(utterance.text) <= _SHORT
    return form.name if meant and PHRASES.has("withdraws", utterance.text) else ""
