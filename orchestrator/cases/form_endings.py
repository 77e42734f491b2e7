"""What is said when a form is over: that it was left, what stands, and until when."""

from __future__ import annotations

import msgspec

from orchestrator.cases.form_calls import arguments_of
from orchestrator.cases.form_words import FormWords
from orchestrator.cases.told import Part, Told
from orchestrator.dialogue.forms import Forms, text_name
from orchestrator.dialogue.state import DialogueState, FormPosition
from orchestrator.tools.belt import ToolBelt
from orchestrator.tools.tool import Outcome, ToolCall, ToolContext


class FormEndings:
    """Speaks of forms that are over; changes nothing.

    Args:
        belt: Where the tools are.
        forms: All forms.
        words: What they say.
    """

    def __init__(self, belt: ToolBelt, forms: Forms, words: FormWords) -> None:
        self._belt, self._forms, self._words = belt, forms, words

    def stands(self, state: DialogueState, language: str, name: str = "ticket_stands") -> Told:
        """Until when the ticket that was opened is answered."""
        number, reply_by = state.ticket
        facts = {"ticket": number, "reply_by": reply_by}
        looked = {"tool": "open_ticket", "outcome": "already", "facts": facts}
        return Told((Part(name, self._words.facts(facts, language)),), facts=(looked,), exact=True)

    async def deadline(self, done: FormPosition, context: ToolContext) -> Told | None:
        """Until when to send off what was just arranged: the tool tells it of what there is already."""
        form = self._forms[done.name]
        found = await self._belt.run(ToolCall(form.tool, arguments_of(form, done.filled)), context)
        if found.outcome is not Outcome.ALREADY:
            return None
        looked = {"tool": form.tool, "outcome": found.outcome.value, "facts": found.facts}
        values = self._words.facts(found.facts, context.language)
        return Told((Part(text_name(form.name, "deadline"), values),), form.article, (looked,), exact=True)

    def left(self, declined: frozenset[str], state: DialogueState, *, revoked: bool = False) -> Told:
        """Something is not wanted: nothing is done, and what was done already, now or before, is said to be."""
        done = self._forms[state.done.name] if state.done is not None and state.done.name in declined else None
        if done is None and revoked and len(declined) == 1:
            done = next((form for form in self._forms if form.name in declined and form.deadline is not None), None)
        after = msgspec.structs.replace(state, offered="")
        if done is not None and (done.regretted or done.final) is not None:
            name = text_name(done.name, "regretted" if done.regretted is not None else "final")
            return Told((Part(name, {}),), done.article, after=after, exact=True)
        return Told((Part("form_left", {}),), after=after, exact=True)
