"""From what was understood to what an answer rests on: decide and act, until a rule answers or asks for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from orchestrator.cases.forms import FormCase
from orchestrator.cases.remembering import RememberingCase
from orchestrator.cases.told import SAID, Part, Told
from orchestrator.dialogue.forms import Forms, text_name
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.entries import Entry, Summary
from orchestrator.policy.acting import Acting
from orchestrator.policy.besides import tells_more
from orchestrator.policy.completing import FORM, JOKE, NO_TABLE, SAME, Completing
from orchestrator.policy.decision import Action, Case, Decision, DecisionTree
from orchestrator.policy.following import IT, matter
from orchestrator.policy.naming import about_named_thing
from orchestrator.policy.noting import without_declined_person, without_notes
from orchestrator.policy.pointing import of_that_number, pointed_at
from orchestrator.reply.engine import Brief
from orchestrator.retrieval.search import Hit
from orchestrator.tools.tool import ToolContext, ToolResult
from orchestrator.understanding.utterance import Utterance

_VAGUE = frozenset("anyth noth someth anything nothing something help idea think still just".split())
_MOST_OTHERS = 2
_NEVER_MIND = "small_talk_never_mind"
_MOST_OF_IT, _LIKELY_MEANT = 0.75, 0.6  # of a message; how near an article is to the one thing that it asks
# Of a thing that was sent, the article that holds in place of another.
_SENT = {"order-cancel": "order-cancel-after-dispatch", "order-change-address": "shipping-address-after-dispatch"}
_WHOLE_SURE = 0.95  # from which a whole message means one article
_OF_ALL = frozenset((FORM, "sums"))  # these read a message as a whole
_RUN_ON = frozenset((FORM, "parcel", "refund"))  # what is seen to, not only told
_YES = {"en": "Yes, please", "zh": "好的"}


@dataclass(frozen=True)
class Heard:
    """A message with all that a plan may look at besides its words."""

    utterance: Utterance
    state: DialogueState
    handed_over: bool
    context: ToolContext
    history: tuple[Entry, ...] = ()
    preview: bytes = b""
    summary: Summary | None = None


@dataclass(frozen=True)
class Escalation:
    """A person should take over. `ticket` is what was opened for that; None when it could not be."""

    decision: Decision
    state: DialogueState
    ticket: ToolResult | None


class Planning:
    """Steps 2 and 3 of a turn.

    Args:
        tree: Decides.
        acting: Calls tools.
        completing: Reads a message together with what came before it, or a part of it by itself.
        forms: All forms, for what is offered after an article.
        form_case: The case of forms; None in a deployment without tools.
        remembering: What is kept of the customer with consent; None without a back office.
    """

    def __init__(
        self,
        tree: DecisionTree,
        acting: Acting,
        completing: Completing,
        forms: Forms,
        form_case: FormCase | None = None,
        remembering: RememberingCase | None = None,
    ) -> None:
        self._tree, self._acting, self._completing, self._forms = tree, acting, completing, forms
        self._form_case, self._remembering = form_case, remembering

    async def plan(self, heard: Heard) -> Brief | Escalation:
        """What the answer rests on, or that a person is needed. What has effects is done when this returns."""
        if text := without_notes(heard.utterance.text):
            heard = replace(heard, utterance=await self._completing.part(heard.utterance, text))
        heard = await self._without_declined_person(heard)
        if (told := await self._word_on_what_waits(heard)) is not None:
            decision = Decision(Action.ACT, rule="customer_decided")
            return self._brief(heard, heard.utterance, decision, _cleared(heard.state), told)
        state, aside, tried = heard.state, None, frozenset[str]()
        subject = await self._completing.completed(heard.utterance, state, heard.history)
        if not self._is_form(subject, state) and not subject.small_talk:
            subject = pointed_at(await self._completing.wanted(await self._completing.gist_of(subject)), state)
            subject = self._of_that_number(subject, state)
        while True:
            case = Case(
                subject,
                state,
                heard.handed_over,
                self._is_form(subject, state),
                tried,
                self._forms.names_product(subject.text),
                self._acting.people,
            )
            decision = self._tree.decide(case)
            if decision.action is Action.ESCALATE:
                return await self._escalated(heard, decision)
            if decision.action is not Action.ACT:
                break
            whole = decision.case not in _OF_ALL and aside is None and subject.text == heard.utterance.text
            if whole and (each := await self._each(heard, decision)) is not None:
                return each
            told = await self._acting.handle(subject, decision, heard.context, _cleared(state, decision.case))
            tried |= {decision.case}
            if told is None:
                continue
            state = told.after or state
            besides = self._besides(subject) if decision.case == FORM else ""
            if not told.aside and not besides:
                return self._brief(heard, subject, decision, state, told, self._led_over(heard, state, aside))
            if besides:
                told = await self._with_others(heard, told, subject)
                subject = await self._completing.beside(subject, besides)
            aside, subject = told, await self._completing.within(subject, state) if decision.case == FORM else subject
            subject = self._of_that_number(subject, state)
        if aside is not None and not aside.aside and decision.action not in (Action.ANSWER, Action.ESCALATE):
            asked = Decision(Action.ACT, decision.tone, case=FORM, rule=FORM)  # the rest of the message is no question
            return self._brief(heard, heard.utterance, asked, state, aside)
        brief = await self._answered(heard, subject, decision, state)
        return replace(brief, aside=aside) if aside is not None else await self._with_more(heard, brief)

    async def _with_others(self, heard: Heard, told: Told, subject: Utterance) -> Told:
        """What a form says, behind the answers to further questions that stand in the same message."""
        others = self._form_case.more_besides(subject)[:_MOST_OTHERS] if self._form_case is not None else ()
        for text in reversed(others):
            if (other := await self._told_of(heard, text, _cleared(heard.state))) is not None:
                parts, facts = (*_also(other).parts, *told.parts), (*other.facts, *told.facts)
                told = replace(told, parts=parts, facts=facts, cards=(*other.cards, *told.cards))
        return told

    def _led_over(self, heard: Heard, state: DialogueState, aside: Told | None) -> Told | None:
        """A form that is opened behind what was looked up says what it is."""
        if aside is None or state.form is None or heard.state.form is not None or aside.aside:
            return aside
        title = self._forms[state.form.name].title[heard.context.language]
        return replace(aside, parts=(Part("form_next", {"title": title}), *aside.parts))

    def with_topic(self, state: DialogueState, text: str, language: str) -> str:
        """See `Completing.with_topic`: what the message is read as besides, in the same call of the models."""
        return self._completing.with_topic(state, text, language)

    async def know(self, state: DialogueState, context: ToolContext) -> DialogueState:
        """The state with what is known of the customer, looked up once in its life."""
        if self._remembering is None or state.profile is not None:
            return state
        profile = await self._remembering.recall(context)
        return state if profile is None else msgspec.structs.replace(state, profile=profile)

    async def note(self, brief: Brief) -> None:
        """Keeps what was closed for the next conversation."""
        for told in (brief.told, brief.aside):
            if self._remembering is not None and told is not None and brief.context is not None:
                await self._remembering.note(told, brief.context)

    async def _word_on_what_waits(self, heard: Heard) -> Told | None:
        told = await self._acting.confirmed(heard.utterance, heard.state, heard.context)
        if told is None and self._remembering is not None and heard.state.form is None:
            told = await self._remembering.handle(heard.utterance, heard.context, heard.state)
        return told

    async def _without_declined_person(self, heard: Heard) -> Heard:
        """What is said beside that nobody should take over; by itself it is only noted."""
        left = without_declined_person(heard.utterance.text)
        if left is None or heard.utterance.intent != "human_agent":
            return heard
        if left:
            return replace(heard, utterance=await self._completing.part(heard.utterance, left))
        said = replace(heard.utterance, intent="chitchat", certainty=1.0, small_talk=_NEVER_MIND, hits=())
        return replace(heard, utterance=said)

    def _of_that_number(self, subject: Utterance, state: DialogueState) -> Utterance:
        return of_that_number(subject, state, product=self._forms.names_product(subject.text))

    def _is_form(self, utterance: Utterance, state: DialogueState) -> bool:
        if self._form_case is None or (utterance.small_talk in (JOKE, NO_TABLE) and state.form is None):
            return False
        agreed = self._form_case.agrees(utterance, state)
        idle = utterance.intent == "thanks" or PHRASES.has("asks_beforehand", utterance.text)  # wants nothing done
        wanted = not idle and self._form_case.wanted(utterance)
        return state.form is not None or agreed or wanted or self._form_case.follows(utterance, state)

    def _besides(self, utterance: Utterance) -> str:
        return self._form_case.besides(utterance) if self._form_case is not None else ""

    async def _escalated(self, heard: Heard, decision: Decision) -> Escalation:
        ticket = await self._acting.hand_over(heard.utterance, decision, heard.context, heard.state, heard.history)
        return Escalation(decision, msgspec.structs.replace(_cleared(heard.state), form=None, queue=()), ticket)

    async def _answered(self, heard: Heard, subject: Utterance, decision: Decision, state: DialogueState) -> Brief:
        subject = self._under_way(await self._asked(heard, subject, decision), heard.state)
        facts = await self._acting.look_up(subject, decision, heard.context)
        template = self._acting.template(subject, decision, heard.state)
        brief = self._brief(heard, subject, decision, _cleared(state))
        return replace(brief, template=template, facts=facts)

    def _under_way(self, subject: Utterance, state: DialogueState) -> Utterance:
        """What holds before dispatch does not for the parcel that was just told of."""
        first = _SENT.get(subject.hits[0].article.id, "") if subject.hits and state.last_case == "parcel" else ""
        article = self._acting.article(first)
        return replace(subject, hits=(Hit(article, subject.hits[0].score), *subject.hits)) if article else subject

    async def _asked(self, heard: Heard, subject: Utterance, decision: Decision) -> Utterance:
        """A message that tells much and asks one thing, with the articles near what it asks."""
        sure = bool(subject.hits) and subject.hits[0].score >= _WHOLE_SURE  # "no longer wanted, it is sent" says more
        if self._form_case is None or decision.action not in (Action.ANSWER, Action.ASK) or sure:
            return subject
        questions = self._form_case.questions(subject) if subject is heard.utterance else ()
        if not questions or len(questions[0]) >= _MOST_OF_IT * len(subject.text) or not matter(questions[0]) - _VAGUE:
            return subject
        part = await self._completing.part(subject, questions[0])
        hits = about_named_thing(part, heard.state, self._acting.articles, self._forms.products).hits
        return replace(subject, hits=hits) if hits and hits[0].score >= _LIKELY_MEANT else subject

    async def _with_more(self, heard: Heard, brief: Brief) -> Brief:
        """The answer to a second question, or the offer to do what the article tells how to do."""
        if brief.decision.action is not Action.ANSWER or not brief.facts:
            return brief
        if (second := await self._second(heard, brief)) is not None:
            return replace(brief, aside=second)
        form = self._forms.offered_after(brief.facts[0].article.id)
        if form is None or self._form_case is None or brief.state.form is not None:
            return brief
        after = msgspec.structs.replace(brief.state, offered=form.name)
        offer = (Part(text_name(form.name, "offer"), {}),)
        told = Told(offer, aside=True, after=after, quick_replies=(_YES[brief.language],))
        return replace(brief, aside=told, state=after)

    async def _second(self, heard: Heard, brief: Brief) -> Told | None:
        """What there is to say to the questions beside the one that is answered."""
        if self._form_case is None or heard.utterance.text != brief.utterance.text:
            return None
        first, found = brief.facts[0].article.id, list[Told]()
        questions = self._form_case.questions(heard.utterance)[: _MOST_OTHERS + 1]
        for text in (*questions[1:], questions[0]) if len(questions) > 1 else ():
            goes_on = text is not questions[0] and not self._forms.names_product(text)
            told = await self._told_of(heard, text, brief.state, topic=first if goes_on else "")
            known = [first, *(one.article for one in found)]
            if told is not None and (told.parts[0].template != SAID or told.article not in known):
                found.append(told)
        return _together(found[:_MOST_OTHERS])

    async def _each(self, heard: Heard, decision: Decision) -> Brief | None:
        """What there is to say to each of several questions: what one names is not looked up for another."""
        questions = self._form_case.questions(heard.utterance) if self._form_case is not None else ()
        questions = questions[: _MOST_OTHERS + 1]
        if len(questions) < 2 or heard.state.form is not None or not any(matter(one) for one in questions):
            return None
        state = _cleared(heard.state)
        whole = heard.utterance.text  # "where is it?" asks about what the rest of the message names
        answers = [await self._told_of(heard, one if matter(one) else whole, state) for one in questions]
        told = [one for one in answers if one is not None]
        if not told:
            return None
        first, others = told[0], list[Told]()
        for one in told[1:]:
            if all(tells_more(one, known) for known in (first, *others)):
                others.append(one)
        after = next((one.after for one in told if one.after is not None), state)
        return self._brief(heard, heard.utterance, decision, after, first, _together(others))

    async def _told_of(self, heard: Heard, text: str, state: DialogueState, *, topic: str = "") -> Told | None:
        """What there is to say to one question of a message; None where nothing surely answers."""
        part = await self._completing.part(heard.utterance, text)
        if topic:
            part = await self._completing.on_topic(part, msgspec.structs.replace(state, topic=topic, last_case=""))
        named, tried = self._forms.names_product(text), frozenset((FORM,))
        while True:
            case = Case(part, state, heard.handed_over, False, tried, named, self._acting.people)
            decision = self._tree.decide(case)
            if decision.action is not Action.ACT:
                break
            told = await self._acting.handle(part, decision, heard.context, state)
            if told is not None:
                return told if told.parts else None
            tried |= {decision.case}
        unnamed = not named and IT.search(text) is not None and not topic  # "is it washable?" by itself
        if decision.action is not Action.ANSWER or unnamed or part.hits[0].score < _LIKELY_MEANT:
            return None
        article = part.hits[0].article
        return Told((Part(SAID, {"text": article.answer[heard.context.language]}),), article.id)

    def _brief(
        self, heard: Heard, subject: Utterance, decision: Decision, state: DialogueState, told: Told | None = None,
        aside: Told | None = None,
    ) -> Brief:  # fmt: skip
        facts = self._acting.rule_of(told) if told is not None else ()
        if told is not None and told.after is not None:
            state = told.after
        case = decision.case or (FORM if subject.about_done else "")
        state = msgspec.structs.replace(state, last_case=case, running=case if case in _RUN_ON else state.running)
        kept = PHRASES.has("but_first", heard.utterance.text) or subject.small_talk == SAME
        if heard.state.offered and state.form is None and kept:
            state = msgspec.structs.replace(state, offered=heard.state.offered)  # "yes, but first …"
        return Brief(
            subject, decision, state, facts=facts, history=heard.history, told=told, context=heard.context,
            preview=heard.preview, aside=aside, summary=heard.summary,
        )  # fmt: skip


def _together(others: Sequence[Told]) -> Told | None:
    """What answers the other questions of a message, one behind the other; None for none."""
    if not others:
        return None
    parts = tuple(part for one in others for part in _also(one).parts)
    facts, cards = (fact for one in others for fact in one.facts), (card for one in others for card in one.cards)
    return replace(_also(others[0]), parts=parts, facts=tuple(facts), cards=tuple(cards))


def _also(told: Told) -> Told:
    """What answers another question of a message, behind the first answer."""
    return replace(told, parts=(Part("answer_also", {}), *told.parts), aside=True)


def _cleared(state: DialogueState, case: str = "") -> DialogueState:
    """An offer is good for the next message only, and only forms look at it."""
    return state if case == FORM or not state.offered else msgspec.structs.replace(state, offered="")
