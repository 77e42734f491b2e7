"""Lets an answer out sentence by sentence, and what states nothing at once: the first word does not wait for the last.

A sentence goes out as it comes until it begins to state something: a number, an amount, a promise. From there on it is
held until it is whole and has been checked. What is wrong never leaves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from orchestrator.reply.checking import Evidence, FactCheck
from servicekit.errors import Code, ServiceError

_END = re.compile(r"[。！？!?；;\n]+[”’」』）)\"']*|\.(?=\s)[”’)\"']*|\.[”’)\"']+(?=\s)")
_STATES = re.compile(
    r"[\d０-９$¥￥€£%％零〇一二两三四五六七八九十百千万半周]|星期|礼拜"
    r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
    r"|half|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:jan|febr)uary|march|april|may|june|july|august"
    r"|(?:septem|octo|novem|decem)ber|(?:jan|feb|mar|apr|aug|sept?|oct|nov|dec))\b",
    re.IGNORECASE,
)
_LONGEST = 600
"""Characters after which a sentence that does not end is taken for one."""


class Unsupported(Exception):
    """A sentence states what has no source.

    Attributes:
        kinds: What it states, as kinds.
        sentence: For the model, which wrote it; never for a log.
    """

    def __init__(self, kinds: list[str], sentence: str) -> None:
        super().__init__(", ".join(kinds))
        self.kinds, self.sentence = kinds, sentence


class Gate:
    """One answer on its way out.

    Args:
        check: Reads sentences.
        evidence: Gives what they may rest on. Asked for when the first sentence is whole, so that a first word does
            not wait for it.
    """

    def __init__(self, check: FactCheck, evidence: Callable[[], Evidence]) -> None:
        self._check, self._evidence = check, evidence
        self._risky = _risky(check.promises.any.pattern)
        self._sentence = ""
        self._out = 0

    def feed(self, text: str) -> Iterator[str]:
        """Takes a piece; gives what may leave.

        Raises:
            Unsupported: A sentence must not leave; nothing of this answer should stand.
        """
        self._sentence += text
        while (end := _END.search(self._sentence)) or len(self._sentence) > _LONGEST:
            yield from self._let_out(end.end() if end else _LONGEST)
        risky = self._risky.search(self._sentence)
        safe = max(self._out, risky.start() if risky else len(self._sentence))
        if safe > self._out:
            yield self._sentence[self._out : safe]
            self._out = safe

    def rest(self) -> Iterator[str]:
        """The end of the answer: what is left of it.

        Raises:
            Unsupported: As above.
        """
        if self._sentence:
            yield from self._let_out(len(self._sentence))

    def _let_out(self, end: int) -> Iterator[str]:
        sentence = self._sentence[:end]
        if kinds := self._check.faults(sentence, self._evidence()):
            raise Unsupported(kinds, sentence)
        out, self._out = self._out, 0
        self._sentence = self._sentence[end:]
        if sentence[out:]:
            yield sentence[out:]


@lru_cache(maxsize=8)
def _risky(promises: str) -> re.Pattern[str]:
    return re.compile(f"{_STATES.pattern}|{promises}", re.IGNORECASE)


def unsupported() -> ServiceError:
    """The model insists on what has no source."""
    return ServiceError(
        Code.INTERNAL, "LLM_UNSUPPORTED", "the language model stated what has no source", retryable=False
    )
