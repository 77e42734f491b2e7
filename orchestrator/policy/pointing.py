"""Messages that point at a place in the list that was shown last: "where is the second one?", "那第一个呢"."""

from __future__ import annotations

import re
from dataclasses import replace

from orchestrator.cases.details import Detail, detail_of
from orchestrator.dialogue.numerals import ordinal_in
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.understanding.utterance import Utterance

_ORDER = re.compile(r"(?<![A-Za-z0-9])PW\d{8,14}(?!\d)", re.IGNORECASE)
_NUMBER = re.compile(r"[A-Z]{2}\d{6,}")
_SHORT = {"en": 32, "zh": 12}  # characters
# What is asked of one order.
_OF_ORDERS = frozenset(
    {Detail.DELIVERED, Detail.SIGNED, Detail.CARRIER, Detail.TRACKING, Detail.PAID, Detail.IS_PAID, Detail.PLACED,
     Detail.SENT, Detail.DESTINATION, Detail.PHONE, Detail.HELD, Detail.CONTENTS}
)  # fmt: skip
_LAST = -1
_PARCEL, _TWO = "parcel", 2


def of_that_number(utterance: Utterance, state: DialogueState, *, product: bool) -> Utterance:
    """The message with the one order number of the message before it, where it asks further about an order.

    What is asked after a number that nobody knows is not told of another order.

    Args:
        utterance: The message.
        state: After it heard the message.
        product: Whether the message names a product, which then says what is meant.
    """
    numbers = frozenset(_ORDER.findall(state.before))
    if len(numbers) != 1 or product or utterance.number or utterance.small_talk:
        return utterance
    if utterance.sticker is not None or utterance.picture is not None or ordinal_in(utterance.text) is not None:
        return utterance
    text = utterance.text
    asks = detail_of(text) in _OF_ORDERS or PHRASES.has("whereabouts", text)
    return replace(utterance, text=f"{text} {next(iter(numbers))}") if asks else utterance


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
