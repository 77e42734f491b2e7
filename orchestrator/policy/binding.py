"""Short wishes that name nothing are about the one thing that was spoken of just before: "ok cancel then"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.reads import ORDER_NUMBER

_SAID = {
    "cancels_then": {"en": "cancel the {thing}", "zh": "取消{thing}的订单"},
    "mere_dislike": {"en": "I'd like to return the {thing}, I don't like it", "zh": "我想退货{thing}，不喜欢"},
}
_ORDER = {"en": "cancel order {number}", "zh": "取消订单{number}"}


def bound(text: str, before: str, language: str, products: Sequence[frozenset[str]]) -> str:
    """The wish with the thing that it is about; empty where it names one itself, or none or several were named.

    Args:
        text: The message.
        before: What the customer said before it.
        language: Of the message.
        products: Words for each product of the shop.
    """
    kind = next((one for one in _SAID if PHRASES.has(one, text)), "")
    if not kind or any(_word_of(group, text) for group in products):
        return ""
    numbers = frozenset(ORDER_NUMBER.findall(before))
    if kind == "cancels_then" and len(numbers) == 1:
        return _ORDER[language].format(number=next(iter(numbers)))
    things = [word for group in products if (word := _word_of(group, before))]
    return _SAID[kind][language].format(thing=things[0]) if len(things) == 1 else ""


def _word_of(group: frozenset[str], text: str) -> str:
    """The word by which a text names a product; empty when it does not."""
    said = text.lower()
    found = [one for one in group if re.search(rf"(?<![a-z]){re.escape(one.lower())}(?:s|es)?(?![a-z])", said)]
    return max(found, key=len, default="")
