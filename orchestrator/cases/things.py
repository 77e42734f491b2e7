"""What is in orders and parcels, by its names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from orchestrator.dialogue.mentions import mentioned

FactsT = TypeVar("FactsT", bound=Mapping[str, Any])


@dataclass(frozen=True)
class Thing:
    """Something by its names."""

    names: tuple[str, ...]


def names_of(item: Mapping[str, Any]) -> tuple[str, str]:
    """What an item or a product is called, in both languages."""
    return item["name"], item["also_called"]


def holding(text: str, orders: Sequence[FactsT], aliases: Sequence[frozenset[str]]) -> list[FactsT]:
    """The orders that hold what a text names; none when it names nothing."""
    things = [Thing(tuple(name for item in one["items"] for name in names_of(item))) for one in orders]
    named = mentioned(text, things, aliases)
    return [one for one, thing in zip(orders, things, strict=True) if thing in named]
