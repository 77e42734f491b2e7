"""Change a labelled text as other people would have written it, without touching what its slots say."""

import random
import re

Segment = tuple[str, str | None]

_POINTED = 0.2
_POINTERS = (
    *("这个", "那个", "这款", "那款", "这件", "那件", "那双", "这双", "那块", "这台", "那台", "那张", "这把", "那条"),
    *(
        "那套",
        "那盒",
        "那箱",
        "那瓶",
        "这批",
        "我的",
        "我那",
        "我那个",
        "你家",
        "你们的",
        "你家的",
        "新的",
        "那种",
        "这俩",
    ),
)
_POINTS = "这那的个件款双块台张把条套盒箱瓶批家我你俩"


def unpunctuated(segments: list[Segment], language: str) -> list[Segment]:
    """Leave out the marks between clauses outside slot values, as texts spoken into a telephone have none."""
    gap = " " if language == "en" else ""
    bare = [(part if slot else re.sub(r"\s*[,.!?，。！？…～]+\s*", gap, part), slot) for part, slot in segments]
    return [(part, slot) for part, slot in bare if part]


def pointed(segments: list[Segment], rng: random.Random) -> list[Segment]:
    """Put a word that points (“那块”, “你家的”) before some Chinese products that none stands before."""
    result: list[Segment] = []
    for part, slot in segments:
        before, before_slot = result[-1] if result else ("", None)
        free = before_slot is None and not before.endswith(tuple(_POINTS))
        if slot == "product" and free and rng.random() < _POINTED:
            result.append((rng.choice(_POINTERS), None))
        result.append((part, slot))
    return result
