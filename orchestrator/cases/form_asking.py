"""What a form asks: its next question, the choices where two tries did not do, and the question once more."""

from __future__ import annotations

import msgspec

from orchestrator.cases.form_words import AGENT, NO, YES, FormWords
from orchestrator.cases.told import Part, Told
from orchestrator.dialogue.forms import Form, text_name
from orchestrator.dialogue.mentions import mentioned
from orchestrator.dialogue.runner import CHOOSE, Kind, Step
from orchestrator.dialogue.said import Said
from orchestrator.dialogue.state import DialogueState, FormPosition
from orchestrator.dialogue.world import World

_MOST_QUICK_REPLIES = 4


class FormAsking:
    """Puts questions into words, with what can be pressed for an answer.

    Args:
        words: What forms say.
    """

    def __init__(self, words: FormWords) -> None:
        self._words = words

    def ask(self, form: Form, step: Step, said: Said, world: World, state: DialogueState) -> Told:
        """The question of a step, or what is to be confirmed, behind what is to be said of the answer before it."""
        if step.kind is Kind.ASK and step.problem == CHOOSE:
            return self._choose(form, step, world, state)
        problem = (Part(step.problem, self.problem_facts(form, step, world)),) if step.problem else ()
        if form.whole is not None and step.kind is Kind.CONFIRM and _names_a_part(step.position, said, world):
            problem = (*problem, Part(text_name(form.name, "whole"), {}))
        shown = self._words.shown(form, step.position, world) or state.shown
        prompt = self._words.prompt(form, step.position, world)
        return Told(
            (*problem, *self._words.question(form, step.position, world)),
            quick_replies=tuple(choice.value for choice in prompt.choices)[:_MOST_QUICK_REPLIES],
            form=prompt,
            after=msgspec.structs.replace(state, form=step.position, shown=shown, offered=""),
            exact=True,
        )

    def _choose(self, form: Form, step: Step, world: World, state: DialogueState) -> Told:
        """What was asked twice is not asked a third time: what fits is told, and who else can help."""
        prompt, language = self._words.prompt(form, step.position, world), world.language
        listed = self._words.alternatives([choice.label for choice in prompt.choices], language)
        facts = {"choices": listed} if listed else {"label": form.slot(step.position.asked).label[language]}
        after = msgspec.structs.replace(
            state, form=step.position, shown=self._words.shown(form, step.position, world) or state.shown, offered=""
        )
        replies = (*(choice.value for choice in prompt.choices[: _MOST_QUICK_REPLIES - 1]), AGENT[language])
        return Told((Part(CHOOSE, facts),), quick_replies=replies, form=prompt, after=after, exact=True)

    def problem_facts(self, form: Form, step: Step, world: World) -> dict[str, str]:
        """What a sentence on a problem may name: what is filled, and the days that the step tells."""
        values = self._words.values(form, step.position.filled, world)
        return values | self._words.days(step.facts, world.language)

    def aside(self, form: Form, position: FormPosition, world: World, state: DialogueState) -> Told:
        """The question once more, after the answer to something else; a form that was left is offered once."""
        if position.paused:
            if position.misses:
                return Told((), aside=True, after=msgspec.structs.replace(state, form=None))
            waiting = msgspec.structs.replace(position, misses=1)
            part = Part("form_resume", {"title": form.title[world.language]})
            replies = (YES[world.language], NO[world.language])
            after = msgspec.structs.replace(state, form=waiting)
            return Told((part,), aside=True, after=after, quick_replies=replies)
        if not position.asked and not position.confirming:
            return Told((), aside=True, after=state)
        prompt = self._words.prompt(form, position, world)
        parts = self._words.question(form, position, world)
        again = tuple(choice.value for choice in prompt.choices)[:_MOST_QUICK_REPLIES]
        return Told(parts[:1], aside=True, form=prompt, after=state, quick_replies=again)


def _names_a_part(position: FormPosition, said: Said, world: World) -> bool:
    """Whether only some of the things in the order are named."""
    order = world.order(position.filled.get("order", ""))
    if order is None or len(order.items) < 2:
        return False
    return 0 < len(mentioned(said.text, order.items, world.aliases)) < len(order.items)
