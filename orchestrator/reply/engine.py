"""What an engine is given and what it gives back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from orchestrator.cases.told import Told
from orchestrator.dialogue.state import DialogueState, PendingCall
from orchestrator.journal.entries import Citation, Entry, Summary
from orchestrator.policy.decision import Decision
from orchestrator.retrieval.search import Hit
from orchestrator.tools.tool import Card, ToolContext
from orchestrator.understanding.utterance import Utterance
from servicekit.resilience import Deadline

RETRIEVAL = "retrieval"


@dataclass(frozen=True)
class Brief:
    """Everything that an answer may rest on.

    Attributes:
        template: The name of the template, when the decision is to say one.
        facts: What was looked up.
        told: What a case found and did, when the decision is to act.
        aside: What is said after the answer, in its own words: the question of a form that was left for a moment.
        history: Entries before the message, in order, and the message last.
        context: For whom it is; None where nothing may be looked up.
        preview: A small copy of the picture that was sent, for an engine that sees.
        summary: What was said before the history, or before the newest part of it, in short.
    """

    utterance: Utterance
    decision: Decision
    state: DialogueState
    template: str = ""
    facts: tuple[Hit, ...] = ()
    history: tuple[Entry, ...] = ()
    told: Told | None = None
    context: ToolContext | None = None
    preview: bytes = field(default=b"", repr=False)
    aside: Told | None = None
    summary: Summary | None = None

    @property
    def language(self) -> str:
        """Of the answer."""
        return self.utterance.language


@dataclass(frozen=True)
class Closing:
    """Ends an answer: without it the answer is truncated.

    Attributes:
        engine: "retrieval", or the model's name.
        variants: Template variants that were used, for the state.
        understood: Whether it was an answer rather than a question back.
        cards: What tools that the engine called have to show.
        pending: Calls with an effect that the engine asked the customer to confirm.
        handed_over: Whether the engine brought a person in.
    """

    engine: str
    citations: tuple[Citation, ...] = ()
    quick_replies: tuple[str, ...] = ()
    variants: dict[str, int] = field(default_factory=dict)
    understood: bool = True
    cards: tuple[Card, ...] = ()
    pending: tuple[PendingCall, ...] = ()
    handed_over: bool = False


@dataclass(frozen=True)
class Anew:
    """Voids what the engine said so far: what comes now replaces it."""


class ReplyEngine(Protocol):
    """Words an answer.

    Attributes:
        name: For metrics.
    """

    @property
    def name(self) -> str:
        """For metrics and logs."""
        ...

    def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Anew | Closing]:
        """Pieces of text and, last, a `Closing`. Closing the iterator stops the work behind it.

        Raises:
            ServiceError: It cannot, or cannot go on.
        """
        ...
