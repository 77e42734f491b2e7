"""What a case found and did, for an engine to word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.cards import FormPrompt
from orchestrator.tools.tool import Card, ToolContext
from orchestrator.understanding.utterance import Utterance

SAID = "said"
"""The template of a part that is worded already: it says its `text`."""


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
        quick_replies: What the customer may want to say next.
        form: The question of a form that it asks.
        after: The dialogue's state that it leaves; None: as it was.
        aside: The message was about something else: what is told follows the answer to that.
        exact: It is said in these words, whichever engine answers: it asks for consent or reports what was done.
    """

    parts: tuple[Part, ...]
    article: str = ""
    facts: tuple[Mapping[str, Any], ...] = ()
    cards: tuple[Card, ...] = ()
    quick_replies: tuple[str, ...] = ()
    form: FormPrompt | None = None
    after: DialogueState | None = None
    aside: bool = False
    exact: bool = False


class Case(Protocol):
    """A procedure that the decision tree names."""

    async def handle(self, utterance: Utterance, context: ToolContext, state: DialogueState) -> Told | None:
        """What there is to say; None when it does not apply to this customer.

        Raises:
            ServiceError: What it needs could not be looked up.
        """
        ...
