"""Briefs as the steps before a reply make them."""

from __future__ import annotations

from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.entries import Author, Body, Entry
from orchestrator.policy.decision import Action, Decision, Tone
from orchestrator.reply.engine import Brief
from orchestrator.retrieval.search import Hit
from orchestrator.understanding.utterance import Utterance
from tests.orchestrator.harness import knowledge


def brief(
    text: str = "my parcel hasn't moved",
    *,
    language: str = "en",
    action: Action = Action.ANSWER,
    template: str = "",
    article: str = "shipping-delay",
    tone: Tone = Tone.PLAIN,
    state: DialogueState | None = None,
    history: tuple[Entry, ...] = (),
) -> Brief:
    """A brief about one article."""
    said = Entry(1, 0, Body(author=Author.CUSTOMER, client_msg_id="m", text=text))
    return Brief(
        Utterance(text, language),
        Decision(action, tone=tone),
        state or DialogueState(),
        template,
        (Hit(knowledge().articles[article], 0.9),),
        (*history, said),
    )
