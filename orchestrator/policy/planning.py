"""From what was understood to what an answer rests on: decide and act, until a rule answers or asks for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from orchestrator.cases.forms import FormCase
from orchestrator.cases.remembering import RememberingCase
from orchestrator.cases.told import SAID, Part, Told
from orchestrator.dialogue.forms import Form, Forms, text_name
from orchestrator.dialogue.gist import gist
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.entries import Author, Body, Entry, Summary
from orchestrator.policy.acting import Acting
from orchestrator.policy.besides import tells_more
from orchestrator.policy.binding import bound
from orchestrator.policy.decision import Action, Case, Decision, DecisionTree
from orchestrator.policy.following import IT, about_topic, goes_on, matter, may_go_on
from orchestrator.policy.naming import about_it, about_named_thing
from orchestrator.policy.noting import without_notes
from orchestrator.policy.pointing import pointed_at
from orchestrator.reply.engine import Brief
from orchestrator.retrieval.search import Hit
from orchestrator.tools.tool import ToolContext, ToolResult
from orchestrator.understanding.understand import Understanding
from orchestrator.understanding.utterance import Utterance

FORM = "form"
_NEAR = 0.4
_MOST_CHARS = 200
# How an article about what is being done scores for a question that comes in between.
_BY_ITSELF, _TOGETHER, _OF_FORM = 0.6, 0.4, 0.2
# And for one that follows what was just done: how near another subject and how far from this one leaves it.
_OF_DONE, _OTHER_SURE, _FAR = 0.3, 0.95, 0.6
_LIKELY = 0.25
_VAGUE = frozenset("anyth noth someth anything nothing something help idea think still just".split())
_MOST_OF_IT, _LIKELY_MEANT = 0.75, 0.6  # of a message; how near an article is to the one thing that it asks
# Of a thing that was sent, the article that holds in place of another.
_SENT = {"order-cancel": "order-cancel-after-dispatch", "order-change-address": "shipping-address-after-dispatch"}
_WHOLE_SURE = 0.95  # from which a whole message means one article
_TABLE, _SAME = "table_not_yet", "same_holds"
_JOKE, _NO_TABLE = "small_talk_joke", "table_not_known"
_WAY_OUT = "small_talk_next"  # "what do I do now?"
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
        understanding: Understands the second of two questions in one message.
        forms: All forms, for what is offered after an article.
        form_case: The case of forms; None in a deployment without tools.
        remembering: What is kept of the customer with consent; None without a back office.
    """

    def __init__(
        self,
        tree: DecisionTree,
        acting: Acting,
        understanding: Understanding,
        forms: Forms,
        form_case: FormCase | None = None,
        remembering: RememberingCase | None = None,
    ) -> None:
        self._tree, self._acting, self._understanding, self._forms = tree, acting, understanding, forms
        self._form_case, self._remembering = form_case, remembering

    async def plan(self, heard: Heard) -> Brief | Escalation:
        """What the answer rests on, or that a person is needed. What has effects is done when this returns."""
        if text := without_notes(heard.utterance.text):
            heard = replace(heard, utterance=await self._part(heard.utterance, text))
        if (told := await self._word_on_what_waits(heard)) is not None:
            decision = Decision(Action.ACT, rule="customer_decided")
            return self._brief(heard, heard.utterance, decision, _cleared(heard.state), told)
        subject, state, aside, tried = await self._completed(heard), heard.state, None, frozenset[str]()
        if not self._is_form(subject, state):
            subject = pointed_at(await self._wanted(await self._gist(subject)), state)
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
            if decision.case != FORM and aside is None and (each := await self._each(heard, decision)) is not None:
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
                subject = await self._part(subject, besides)
            aside, subject = told, await self._within(subject, state) if decision.case == FORM else subject
        if aside is not None and not aside.aside and decision.action not in (Action.ANSWER, Action.ESCALATE):
            asked = Decision(Action.ACT, decision.tone, case=FORM, rule=FORM)  # the rest of the message is no question
            return self._brief(heard, heard.utterance, asked, state, aside)
        brief = await self._answered(heard, subject, decision, state)
        return replace(brief, aside=aside) if aside is not None else await self._with_more(heard, brief)

    def _led_over(self, heard: Heard, state: DialogueState, aside: Told | None) -> Told | None:
        """A form that is opened behind what was looked up says what it is."""
        if aside is None or state.form is None or heard.state.form is not None or aside.aside:
            return aside
        title = self._forms[state.form.name].title[heard.context.language]
        return replace(aside, parts=(Part("form_next", {"title": title}), *aside.parts))

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

    def _is_form(self, utterance: Utterance, state: DialogueState) -> bool:
        if self._form_case is None or (utterance.small_talk in (_JOKE, _NO_TABLE) and state.form is None):
            return False
        agreed = self._form_case.agrees(utterance, state)
        idle = utterance.intent == "thanks" or PHRASES.has("asks_beforehand", utterance.text)  # wants nothing done
        wanted = not idle and self._form_case.wanted(utterance)
        return state.form is not None or agreed or wanted or self._form_case.follows(utterance, state)

    def _besides(self, utterance: Utterance) -> str:
        return self._form_case.besides(utterance) if self._form_case is not None else ""

    async def _completed(self, heard: Heard) -> Utterance:
        """Half a question ("and normal delivery?") with the article that it means together with the one before it."""
        utterance, state = heard.utterance, heard.state
        if (after := await self._after_done(utterance, state)) is not None:
            return after
        if state.form is None and PHRASES.has("is_table_had", utterance.text):  # not asked for in this conversation
            return replace(utterance, small_talk=_NO_TABLE, intent="chitchat", certainty=1.0)
        if self._asks_the_same(utterance, state):
            return replace(utterance, small_talk=_SAME, intent="chitchat", certainty=1.0, hits=())
        named = about_named_thing(utterance, state, self._acting.articles, self._forms.products)
        if named is not utterance:
            return named
        asked = [entry.body.text for entry in heard.history if entry.body.author is Author.CUSTOMER and entry.body.text]
        if len(asked) > 1 and (wish := self._bound(utterance, asked[-2], state)):
            return await self._part(utterance, wish)
        if PHRASES.has("once_more", utterance.text) and self._joked(asked):
            return replace(utterance, small_talk=_JOKE, intent="chitchat", certainty=1.0)
        if state.form is not None or not state.topic or len(asked) < 2 or not PHRASES.has("elliptical", utterance.text):
            return await self._on_topic(utterance, state)
        whole = await self._part(utterance, f"{asked[-2][:_MOST_CHARS]} {utterance.text}")
        if (topic := self._acting.article(state.topic)) is None:
            return utterance
        near = about_topic(utterance.hits, whole.hits, topic, self._acting.articles, utterance.text)
        hits = tuple(hit for hit in near if hit.article.id != state.topic)
        if not hits or hits[0].score < _NEAR:
            return utterance
        return replace(whole, text=utterance.text, hits=hits, general=True)

    def _bound(self, utterance: Utterance, before: str, state: DialogueState) -> str:
        """A short wish with the thing that was spoken of before it; empty for any other message."""
        if self._form_case is None or state.form is not None or self._form_case.follows(utterance, state):
            return ""
        return bound(utterance.text, before[:_MOST_CHARS], utterance.language, self._forms.products)

    def _joked(self, asked: Sequence[str]) -> bool:
        """Whether the last thing that was asked for, but for more of it, was a joke."""
        before = next((one for one in reversed(asked[:-1]) if not PHRASES.has("once_more", one)), "")
        return self._understanding.small_talk(before) == _JOKE

    def _asks_the_same(self, utterance: Utterance, state: DialogueState) -> bool:
        """Whether it asks of another thing ("and the tote?") what a rule answered that was told with an offer."""
        topic = self._acting.article(state.topic)
        half = PHRASES.has("elliptical", utterance.text) and self._forms.names_product(utterance.text)
        return half and state.offered in self._forms and topic is not None and not topic.thing

    def with_topic(self, state: DialogueState, text: str, language: str) -> str:
        """A text that may go on from the last answer, behind the title of what that was about; empty for others."""
        topic = self._acting.article(state.topic)
        if topic is None or not may_go_on(text, state):
            return ""
        return f"{topic.title[language]}: {text[:_MOST_CHARS]}"

    async def _on_topic(self, utterance: Utterance, state: DialogueState) -> Utterance:
        """A question that goes on from the last answer, with the articles that it means together with that."""
        topic = self._acting.article(state.topic)
        if topic is not None and not state.last_case and utterance.small_talk == _WAY_OUT:  # the way that was just told
            return replace(utterance, small_talk="", intent=topic.intents[0], general=True, hits=(Hit(topic, 1.0),))
        if topic is None or not goes_on(utterance, state):
            return utterance
        together = utterance.following
        if together is None:
            together = (await self._part(utterance, self.with_topic(state, utterance.text, utterance.language))).hits
        hits = about_topic(utterance.hits, together, topic, self._acting.articles, utterance.text)
        if hits and len(hits) < len(utterance.hits) and all(hit in utterance.hits for hit in hits):
            return about_it(replace(utterance, hits=hits), topic)  # of the thing that was spoken of
        if not hits or hits[0].article.topic != topic.topic or hits[0].score < _NEAR:
            return about_it(utterance, topic)
        return replace(utterance, hits=hits, general=True)

    async def _after_done(self, utterance: Utterance, state: DialogueState) -> Utterance | None:
        """A question after a form was carried out ("when does the new one go out?"), with the articles about that.

        Whoever asks on about a return does not ask about another parcel. None for a message with a subject of its own.
        """
        if state.last_case != FORM or state.done is None or state.form is not None or not utterance.hits:
            return None
        if "people" in state.done.filled and PHRASES.has("is_table_had", utterance.text):
            return replace(utterance, small_talk=_TABLE, intent="chitchat", certainty=1.0, about_done=True)
        order = state.done.filled.get("order", "")
        if order and PHRASES.has("is_it_done", utterance.text):  # the books tell
            text = f"{utterance.text} {order}"
            return replace(utterance, text=text, intent="order_status", small_talk="", general=False, about_done=True)
        presses = PHRASES.has("presses", utterance.text)
        if not goes_on(utterance, msgspec.structs.replace(state, topic=state.done.name), presses=presses):
            return None
        form = self._forms[state.done.name]
        whole = await self._part(utterance, f"{form.title[utterance.language]}: {utterance.text[:_MOST_CHARS]}")
        own = {hit.article.id: hit.score for hit in utterance.hits}
        near = [
            Hit(hit.article, min(1.0, _BY_ITSELF * own.get(name, 0.0) + _TOGETHER * hit.score + _OF_DONE))
            for hit in whole.hits
            if (name := hit.article.id) in form.about
        ]
        first = utterance.hits[0]
        other = first.score >= _OTHER_SURE and max((own.get(name, 0.0) for name in form.about), default=0.0) < _FAR
        if not near or (other and not presses):
            return None
        hits = self._rather(form, tuple(sorted(near, key=lambda hit: -hit.score)))
        return replace(utterance, hits=hits, general=True, about_done=True) if hits[0].score >= _NEAR else None

    async def _within(self, utterance: Utterance, state: DialogueState) -> Utterance:
        """A question inside a form, with the articles that it means together with what is being done."""
        if state.form is None or state.form.paused or utterance.small_talk or not utterance.hits:
            return utterance
        form = self._forms[state.form.name]
        whole = await self._part(utterance, f"{form.title[utterance.language]}: {utterance.text[:_MOST_CHARS]}")
        own, together = ({hit.article.id: hit.score for hit in said.hits} for said in (utterance, whole))
        ranked = {}
        for hit in (*utterance.hits, *whole.hits):
            name, alone = hit.article.id, own.get(hit.article.id, 0.0)
            if alone or name in form.about:
                bonus = _OF_FORM * (name in form.about and alone >= _LIKELY)
                score = _BY_ITSELF * alone + _TOGETHER * together.get(name, 0.0) + bonus
                ranked[name] = Hit(hit.article, min(1.0, score))
        hits = self._rather(form, tuple(sorted(ranked.values(), key=lambda hit: -hit.score)))
        return utterance if hits[0].article.id == utterance.hits[0].article.id else replace(utterance, hits=hits)

    def _rather(self, form: Form, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        """Near articles, with the one that holds for what a form does in place of a like one that does not."""
        first = form.rather.get(hits[0].article.id, "")
        article = self._acting.article(first)
        return (Hit(article, hits[0].score), *hits) if article is not None else hits

    async def _part(self, whole: Utterance, text: str) -> Utterance:
        """A part of a message, understood by itself."""
        part = await self._alone(text, whole.language)
        return replace(part, emotion=whole.emotion, intensity=whole.intensity)

    async def _alone(self, text: str, language: str) -> Utterance:
        part = await self._understanding.understand(Body(author=Author.CUSTOMER, text=text), language)
        return replace(part, language=language)

    async def _escalated(self, heard: Heard, decision: Decision) -> Escalation:
        ticket = await self._acting.hand_over(heard.utterance, decision, heard.context, heard.state, heard.history)
        return Escalation(decision, msgspec.structs.replace(_cleared(heard.state), form=None, queue=()), ticket)

    async def _answered(self, heard: Heard, subject: Utterance, decision: Decision, state: DialogueState) -> Brief:
        subject = self._under_way(await self._asked(heard, subject, decision), heard.state)
        facts = await self._acting.look_up(subject, decision, heard.context)
        template = self._acting.template(subject, decision, heard.state)
        brief = self._brief(heard, subject, decision, _cleared(state))
        return replace(brief, template=template, facts=facts)

    async def _gist(self, utterance: Utterance) -> Utterance:
        """Of a letter the question at its end; how it feels is read there too, for a story is easily misread."""
        text = gist(utterance.text, utterance.language) if not utterance.risk_words else ""
        if not text:
            return utterance
        return replace(await self._alone(text, utterance.language), spelt=utterance.spelt)

    async def _wanted(self, utterance: Utterance) -> Utterance:
        """What is wanted by a message that says besides what is not."""
        text = self._form_case.besides_unwanted(utterance) if self._form_case is not None else ""
        return replace(await self._part(utterance, text), text=utterance.text) if text else utterance

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
        part = await self._part(subject, questions[0])
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
        """What there is to say to a question beside the one that is answered."""
        if self._form_case is None or heard.utterance.text != brief.utterance.text:
            return None
        first = brief.facts[0].article.id
        questions = self._form_case.questions(heard.utterance)
        for text in (*questions[1:], questions[0]) if len(questions) > 1 else ():
            told = await self._told_of(heard, text, brief.state, topic=first if text is not questions[0] else "")
            if told is not None and (told.parts[0].template != SAID or told.article != first):
                return _also(told)
        return None

    async def _each(self, heard: Heard, decision: Decision) -> Brief | None:
        """What there is to say to each of two questions, one by one: what one names is not looked up for the other."""
        questions = self._form_case.questions(heard.utterance) if self._form_case is not None else ()
        if len(questions) < 2 or heard.state.form is not None or not any(matter(one) for one in questions[:2]):
            return None
        state = _cleared(heard.state)
        whole = heard.utterance.text  # "where is it?" asks about what the rest of the message names
        answers = [await self._told_of(heard, one if matter(one) else whole, state) for one in questions[:2]]
        told = [one for one in answers if one is not None]
        if not told:
            return None
        first, others = told[0], told[1:]
        also = next((_also(one) for one in others if tells_more(one, first)), None)
        after = next((one.after for one in told if one.after is not None), state)
        return self._brief(heard, heard.utterance, decision, after, first, also)

    async def _told_of(self, heard: Heard, text: str, state: DialogueState, *, topic: str = "") -> Told | None:
        """What there is to say to one question of a message; None where nothing surely answers."""
        part = await self._part(heard.utterance, text)
        if topic:
            part = await self._on_topic(part, msgspec.structs.replace(state, topic=topic, last_case=""))
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
        kept = PHRASES.has("but_first", heard.utterance.text) or subject.small_talk == _SAME
        if heard.state.offered and state.form is None and kept:
            state = msgspec.structs.replace(state, offered=heard.state.offered)  # "yes, but first …"
        return Brief(
            subject, decision, state, facts=facts, history=heard.history, told=told, context=heard.context,
            preview=heard.preview, aside=aside, summary=heard.summary,
        )  # fmt: skip


def _also(told: Told) -> Told:
    """What answers another question of a message, behind the first answer."""
    return replace(told, parts=(Part("answer_also", {}), *told.parts), aside=True)


def _cleared(state: DialogueState, case: str = "") -> DialogueState:
    """An offer is good for the next message only, and only forms look at it."""
    return state if case == FORM or not state.offered else msgspec.structs.replace(state, offered="")
