"""What a message means after a form was carried out or refused: a correction, the next thing, a wish to undo it."""

from __future__ import annotations

from enum import StrEnum

from orchestrator.dialogue.consent import consent
from orchestrator.dialogue.forms import Forms
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.understanding.utterance import Utterance

_MOST_CHARS = 160


class Afterwards(StrEnum):
    """What it may be.

    CORRECTION: of what was just done. NEXT: another thing of which the same is wanted. UNDO: it should be undone.
    """

    CORRECTION = "correction"
    NEXT = "next"
    UNDO = "undo"


def afterwards(utterance: Utterance, state: DialogueState, forms: Forms) -> Afterwards | None:
    """What a message that asks for no form means after one; None when it is about something else."""
    if state.form is not None or utterance.sticker is not None or utterance.picture is not None:
        return None
    text = utterance.text
    if len(text) > _MOST_CHARS:
        return None
    done = state.done
    if done is not None and done.name in forms:
        if forms[done.name].final is not None and PHRASES.has("restores", text):
            return Afterwards.UNDO
        corrects = consent(utterance) is False or PHRASES.has("amends", text)
        if forms[done.name].repeats and corrects and any(sign.isdigit() for sign in text):
            return Afterwards.CORRECTION
    names_another = PHRASES.has("other_one", text) or forms.names_product(text)
    if state.refused in forms and names_another and PHRASES.has("goes_on", text):
        return Afterwards.NEXT
    return None
