"""Things that a message names and wants nothing done about: kept, praised, or told of as what was bought."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orchestrator.dialogue.mentions import mentioned
from orchestrator.dialogue.world import Item

_PRAISE_EN = (
    "fine|ok|okay|good|perfect|great|alright|all right|lovely|beautiful|gorgeous|nice|wonderful|intact|whole|unharmed|"
    "undamaged|amazing|brilliant|excellent|adorable|delightful|superb|pretty"
)
_PRAISE_ZH = "没问题|是好的|没事|没坏|没碎|没破|挺好|很好|蛮好|都好|完好|好好的|不错|很棒|很漂亮|很喜欢|很满意"
_STAYS = re.compile(
    r"\b(?:keep(?:ing)?|except(?: for)?|not|without|"
    r"(?:don't|do not) (?:want to )?(?:return|send back|exchange|refund|swap))"
    r"\s+(?:the|my|those|these|that)\s+\w+|\b(?:the|my)\s+(?:\w+\s+)?\w+\s+(?:is|are|was|were|looks?)\s+"
    rf"(?:(?:really|very|so|quite|just|absolutely|perfectly|totally|all)\s+)?(?:{_PRAISE_EN})\b|"
    rf"\bi (?:really )?(?:love|like|adore) (?:the|my)\s+(?:\w+\s+)?\w+|"
    r"(?<!是)不是[^，。是]{1,8}(?=[，,、 ]*(?:而)?(?:是|要|我说的))|"
    r"(?:留着|留下|不退|不换|除了|别退|不想退|不要退)[^，。]{1,8}|"
    r"(?:只有|只收到了?|只到了|只发了)[^，。坏破碎裂]{1,8}(?=[，,。；][^。]{0,12}(?:没|少|缺|不见))|"
    rf"[^，。]{{1,6}}(?:{_PRAISE_ZH}|留着|不退|不换|不用退)的?(?![^，。]{{0,2}}[货款])",
    re.IGNORECASE,
)
# What was bought altogether, in a clause of its own.
_BOUGHT = re.compile(
    r"\b(?:i|we)(?:'ve| have| had)? (?:just |recently )?(?:bought|ordered|purchased|got|received)\b[^.;,!?]*[.;,!]|"
    r"(?:买|订|拍|下单)了[^，。；！？]*[，。；！]",
    re.IGNORECASE,
)


def without_spared(text: str) -> str:
    """A text without what is said to be kept or to be in order."""
    return _STAYS.sub(" ", text)


def affected(text: str, items: Sequence[Item], aliases: Sequence[frozenset[str]]) -> tuple[str, tuple[Item, ...]]:
    """The part of a text that tells of what something is wanted for, and the items that it may be about.

    A list of what was bought names nothing that is meant as long as more is said of some of it; what is praised
    is not meant as long as something else is named.
    """
    told = without_spared(text)
    rest = _BOUGHT.sub(" ", told)
    told = rest if mentioned(rest, items, aliases) else told
    praised = {one.sku for found in _STAYS.finditer(text) for one in mentioned(found[0], items, aliases)}
    left = tuple(one for one in items if one.sku not in praised)
    return told, left if mentioned(told, left, aliases) else tuple(items)


_ONLY = re.compile(
    r"\bonly (?:got |received |found |have |had )?(?:the|a|an|my|one)? ?([a-z ]{3,24}?)"
    r"(?: (?:was|were|is|came|arrived|in|inside)\b|[,.;!]|$)|"
    r"(?:只有|只收到了?|只到了|只发了|就收到了?)([^，。；]{1,8})",
    re.IGNORECASE,
)


def not_there(text: str, items: Sequence[Item], aliases: Sequence[frozenset[str]]) -> Item | None:
    """The only thing that did not come, when it is told what alone did; None where that leaves none or several."""
    came = [one for found in _ONLY.finditer(text) for one in mentioned(found[1] or found[2], items, aliases)]
    left = [one for one in items if one not in came]
    return left[0] if came and len(left) == 1 else None
