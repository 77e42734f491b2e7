"""What of a second answer is new beside the first."""

from __future__ import annotations

import re

from orchestrator.cases.told import Told

_NUMBER = re.compile(r"\b[A-Z]{2}\d{6,}\b")
_ORDER = re.compile(r"\bPW\d{6,}\b")


def tells_more(told: Told, first: Told) -> bool:
    """Whether it is about another order, or of another kind, than what is told already."""
    if not told.parts:
        return False
    orders = _found(_ORDER, told) or _found(_NUMBER, told)
    if orders:
        return not orders <= (_found(_ORDER, first) | _found(_NUMBER, first))
    return {part.template for part in told.parts}.isdisjoint(part.template for part in first.parts)


def _found(pattern: re.Pattern[str], told: Told) -> frozenset[str]:
    return frozenset(one for part in told.parts for value in part.values.values() for one in pattern.findall(value))
