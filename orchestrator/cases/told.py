"""What a case found and did, for an engine to word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from orchestrator.tools.tool import OrderCard, TicketCard, ToolContext
from orchestrator.understanding.utterance import Utterance


@dataclass(frozen=True)
class Part:
    """A sentence or two: a template and what fills it. Every number in `values` comes from a tool."""

    template: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Told:
    """What there is to say.

    Attributes:
        parts: In order.
        article: The article whose rule was applied; empty for none.
        facts: Results of tools, for a language model.
        cards: To draw.
        quick_replies: What the customer may want to ask next.
    """

    parts: tuple[Part, ...]
    article: str = ""
    facts: tuple[Mapping[str, Any], ...] = ()
    cards: tuple[OrderCard | TicketCard, ...] = ()
    quick_replies: tuple[str, ...] = ()


class Case(Protocol):
    """A procedure that the decision tree names."""

    async def handle(self, utterance: Utterance, context: ToolContext) -> Told | None:
        """What there is to say; None when it does not apply to this customer.

        Raises:
            ServiceError: What it needs could not be looked up.
        """
        ...
