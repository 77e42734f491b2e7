"""What an answer of a turn may rest on, from its brief."""

from __future__ import annotations

from orchestrator.journal.entries import Author, Body
from orchestrator.reply.checking import Evidence
from orchestrator.reply.engine import Brief
from orchestrator.reply.prompt import ZONE, Prompt


def gathered(brief: Brief, prompt: Prompt) -> Evidence:
    """The evidence before any tool is called: exactly what the prompt tells."""
    evidence = Evidence(ZONE)
    language = brief.language
    evidence.today(prompt.now())
    for value in prompt.values[language].values():
        evidence.article(value)
    for hit in brief.facts:
        evidence.article(f"{hit.article.title[language]}\n{hit.article.answer[language]}")
    for fact in brief.told.facts if brief.told is not None else ():
        evidence.tool(str(fact.get("tool", "")), str(fact.get("outcome", "found")), fact.get("facts", fact))
    if brief.summary is not None:
        evidence.customer(brief.summary.text)  # it may be repeated, but it is no source for giving anything
    for entry in brief.history:
        _heard(entry.body, evidence)
    if brief.utterance.picture is not None:
        evidence.customer(brief.utterance.picture.words)
    return evidence


def _heard(body: Body, evidence: Evidence) -> None:
    text = body.text or (body.notice.text if body.notice is not None else "")
    if body.author is Author.CUSTOMER:
        evidence.customer(text)
    else:
        evidence.answer(text)
