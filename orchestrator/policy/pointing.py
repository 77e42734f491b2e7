"""Messages that point at a place in the list that was shown last: "where is the second one?", "那第一个呢"."""

from __future__ import annotations

import re
from dataclasses import replace

from orchestrator.dialogue.numerals import ordinal_in
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.understanding.utterance import Utterance

_NUMBER = re.compile(r"[A-Z]{2}\d{6,}")
_SHORT = {"en": 32, "zh": 12}  # characters
_LAST = -1
_PARCEL, _TWO = "parcel", 2


def pointed_at(utterance: Utterance, state: DialogueState) -> Utterance:
    """The message with the number of the order or parcel that it points at; as it was when it points at none."""
    listed = state.shown
    if state.form is not None or utterance.number or not listed or not all(_NUMBER.match(one) for one in listed):
        return utterance
    if utterance.sticker is not None or utterance.picture is not None:
        return utterance
    place, text = ordinal_in(utterance.text), utterance.text
    if place is None and state.last_case == _PARCEL and len(listed) == _TWO and PHRASES.has("other_one", text):
        place = _TWO  # the first was told of
    if place is None or not (place == _LAST or 1 <= place <= len(listed)):
        return utterance
    if len(text) > _SHORT[utterance.language] and not PHRASES.has("where_or_when", text):
        return utterance
    number = listed[place if place == _LAST else place - 1]
    return replace(
        utterance, text=f"{text} {number}", intent="order_status", certainty=1.0, general=False, small_talk=""
    )
