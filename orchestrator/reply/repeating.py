"""What was told a moment ago is not told again word for word: only the part that is asked about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orchestrator.journal.entries import Author, Entry
from orchestrator.retrieval.terms import terms

_LATELY = 6  # entries before the message
_SENTENCES = {"en": re.compile(r"(?<=[.!?;])\s+"), "zh": re.compile(r"(?<=[。！？；])")}
# What a question asks for, and what tells that.
_KINDS = (
    (
        r"how much|costs?\b|price|expensive|\bfee\b|多少钱|收费|贵|要钱",
        r"\d[\d.,]* ?(CNY|USD|元)|\bfree\b|免费|包邮|不收",
    ),
    (
        r"how (long|soon|many days)|\bwhen\b|\buntil\b|多久|几天|什么时候|多长时间",
        r"\d[\d–-]* ?(working |个?工作)?(minutes?|hours?|days?|months?|years?|日|天|小时|分钟|个月|年)",
    ),
)
_ASKED = tuple((re.compile(asks, re.IGNORECASE), re.compile(tells, re.IGNORECASE)) for asks, tells in _KINDS)


def was_said(answer: str, history: Sequence[Entry]) -> bool:
    """Whether an answer stands in one of the last entries."""
    lately = history[-_LATELY:]
    return any(entry.body.author is not Author.CUSTOMER and answer in (entry.body.text or "") for entry in lately)


def nearest_part(answer: str, question: str, language: str) -> str:
    """The sentence of an answer that is nearest to a question; empty when none is nearer than the others."""
    asked = set(terms(question))
    kinds = [tells for asks, tells in _ASKED if asks.search(question)]

    def near(sentence: str) -> float:
        return len(asked & set(terms(sentence))) + sum(2.0 for kind in kinds if kind.search(sentence))

    sentences = [one.strip() for one in _SENTENCES[language].split(answer) if one.strip()]
    best = max(sentences, key=near, default="")
    return best if best and near(best) > 0 else ""
