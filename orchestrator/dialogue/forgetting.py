"""Which of the things that are remembered should be forgotten: the last one, the one that is named, or all."""

from __future__ import annotations

import re
from collections.abc import Mapping

from orchestrator.dialogue.numerals import at_place, ordinal_in
from orchestrator.dialogue.phrases import PHRASES, plain

_STEM = 5
_WORDS = re.compile(r"[a-z][a-z']{2,}")
_COMMON = frozenset(
    "the and that this with about what have has had not don dont note notes forget delete erase remove one bit part "
    "thing things please just only you your for are was were told remember again again now then i'm i've".split()
)
_COMMON_ZH = frozenset(
    "我的 我是 我对 我不 我有 我喜 不要 那条 这条 的那 的这 备注 记录 笔记 忘掉 忘记 删掉 删除 一下 关于".split()
)
_LABELS = {"email": re.compile(r"\be-?mail|邮箱|邮件", re.I), "address": re.compile(r"\baddress|地址", re.I),
           "name": re.compile(r"\b(?:nick)?name\b|称呼|名字", re.I)}  # fmt: skip
_FORGET = re.compile(r"\b(?:forget|delete|erase|remove|drop)\b|忘|删|清|别记|不用记", re.IGNORECASE)
_MANY = re.compile(r"\b(?:all|everything|them|these|those|lot)\b|都|全|所有|这些|那些", re.IGNORECASE)


def to_forget(text: str, facts: Mapping[str, str], noted: str, *, listed: bool) -> tuple[str, ...] | None:
    """The facts that a message wants forgotten.

    Args:
        text: The message.
        facts: What is remembered, by name, the newest last.
        noted: The name of what was just noted; empty when that is not what was spoken of last.
        listed: Whether what is remembered was just told.

    Returns:
        Names; empty when none of the facts is what is meant; None when nothing is to be forgotten, or everything.
    """
    if not facts:
        return () if PHRASES.has("forgets_noted", text) and _names_note(text) else None
    last = noted if noted in facts else next(iter(facts), "") if len(facts) == 1 else ""
    it = PHRASES.has("forgets_it", text) and not _MANY.search(text)
    if PHRASES.has("forgets_noted", text) or (it and noted):
        return (last,) if last else tuple(facts)[-1:] if noted or listed or _names_note(text) else None
    if listed and (place := ordinal_in(text)) and _FORGET.search(text):
        named = at_place(tuple(facts), place)
        return (named,) if named else ()
    if not PHRASES.has("forgets_about", text):
        return None
    meant = _about(text, facts)
    return meant if meant or _names_note(text) or _labelled(text) else None


def _about(text: str, facts: Mapping[str, str]) -> tuple[str, ...]:
    """The facts that share a word with a text, or are of a kind that it names."""
    words, pairs = _stems(text), _pairs(text)
    return tuple(
        name
        for name, value in facts.items()
        if words & _stems(value) or pairs & _pairs(value) or (name in _LABELS and _LABELS[name].search(text))
    )


def _names_note(text: str) -> bool:
    return re.search(r"\b(?:note|memo|entry|fact)s?\b|备注|笔记", text, re.IGNORECASE) is not None


def _labelled(text: str) -> bool:
    return any(label.search(text) for label in _LABELS.values())


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:_STEM] for word in _WORDS.findall(plain(text).lower()) if word not in _COMMON)


def _pairs(text: str) -> frozenset[str]:
    signs = re.findall(r"[㐀-鿿]+", text)
    return frozenset(run[at : at + 2] for run in signs for at in range(len(run) - 1)) - _COMMON_ZH
