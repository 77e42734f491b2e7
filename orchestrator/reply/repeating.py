"""What was told a moment ago is not told again word for word: only the part that is asked about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orchestrator.journal.entries import Author, Entry
from orchestrator.policy.following import matter
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
    (
        r"what (do|should|can|shall) i do\b|怎么办|咋办|怎么弄|下一步",
        r"\b(go to|tap|tell me|send me|ask|choose|contact|report)\b|点开|点「|告诉我|联系|申请|发给",
    ),
)
_WEAK = frozenset({"add", "put", "us", "have", "giv", "send", "mak"})  # done to anything
_YES = re.compile(r"^(yes|no|sure)[:,] |^(可以|有的|是的|能|会)[，：,]", re.IGNORECASE)
_ASKED = tuple((re.compile(asks, re.IGNORECASE), re.compile(tells, re.IGNORECASE)) for asks, tells in _KINDS)


def was_said(answer: str, history: Sequence[Entry]) -> bool:
    """Whether an answer stands in one of the last entries."""
    lately = history[-_LATELY:]
    return any(entry.body.author is not Author.CUSTOMER and answer in (entry.body.text or "") for entry in lately)


def nearest_part(answer: str, question: str, language: str) -> str:
    """The sentence of an answer that answers a question; empty when none surely does.

    A question for an amount or a span wants the sentence with one; any other the sentence that has more of what it
    names than every other has: a wrong part is worse than the whole.
    """
    sentences = [one.strip() for one in _SENTENCES[language].split(answer) if one.strip()]
    kinds = [tells for asks, tells in _ASKED if asks.search(question)]
    if kinds:
        sentences = [one for one in sentences if all(kind.search(one) for kind in kinds)]
        if len(sentences) == 1:
            return _opened(sentences[0])
    named = {one for one in matter(question) if one not in _WEAK}
    scores = sorted(((len(named & _told(one)), -at) for at, one in enumerate(sentences)), reverse=True)
    if not scores or not scores[0][0] or (len(scores) > 1 and scores[1][0] == scores[0][0]):
        return ""
    return _opened(sentences[-scores[0][1]])


def _told(sentence: str) -> frozenset[str]:
    return frozenset(terms(sentence)) | matter(sentence)


def _opened(sentence: str) -> str:
    """A sentence that no longer follows a question, without its yes."""
    bare = _YES.sub("", sentence)
    return bare[:1].upper() + bare[1:] if bare else sentence
