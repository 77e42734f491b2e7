"""What a message means together with what came before it, understood anew where that says more than its own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from orchestrator.cases.forms import FormCase
from orchestrator.dialogue.forms import Form, Forms
from orchestrator.dialogue.gist import gist
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.entries import Author, Body, Emotion, Entry
from orchestrator.policy.acting import Acting
from orchestrator.policy.binding import bound
from orchestrator.policy.following import about_topic, goes_on, may_go_on
from orchestrator.policy.naming import about_it, about_named_thing
from orchestrator.retrieval.search import Hit
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
_TABLE, SAME = "table_not_yet", "same_holds"
JOKE, NO_TABLE = "small_talk_joke", "table_not_known"
_WAY_OUT = "small_talk_next"  # "what do I do now?"


class Completing:
    """Completes half a question, a short wish or a word about what was just done.

    Args:
        understanding: Reads a text by itself.
        acting: Knows the articles.
        forms: All forms.
        form_case: The case of forms; None in a deployment without tools.
    """

    def __init__(
        self, understanding: Understanding, acting: Acting, forms: Forms, form_case: FormCase | None = None
    ) -> None:
        self._understanding, self._acting, self._forms, self._form_case = understanding, acting, forms, form_case

    async def completed(self, utterance: Utterance, state: DialogueState, history: Sequence[Entry]) -> Utterance:
        """Half a question ("and normal delivery?") with the article that it means together with the one before it."""
        if (after := await self._after_done(utterance, state)) is not None:
            return after
        if self._of_no_table(utterance.text, state):
            return replace(utterance, small_talk=NO_TABLE, intent="chitchat", certainty=1.0)
        if self._asks_the_same(utterance, state):
            return replace(utterance, small_talk=SAME, intent="chitchat", certainty=1.0, hits=())
        named = about_named_thing(utterance, state, self._acting.articles, self._forms.products)
        if named is not utterance:
            return named
        asked = [entry.body.text for entry in history if entry.body.author is Author.CUSTOMER and entry.body.text]
        if len(asked) > 1 and (wish := self._bound(utterance, asked[-2], state)):
            return await self.part(utterance, wish)
        if PHRASES.has("once_more", utterance.text) and self._joked(asked):
            return replace(utterance, small_talk=JOKE, intent="chitchat", certainty=1.0)
        of_topic = self._is_thing(state.topic) and not self._forms.names_product(utterance.text)  # "and in the dryer?"
        half = PHRASES.has("elliptical", utterance.text) and not of_topic
        if state.form is not None or not state.topic or len(asked) < 2 or not half:
            return await self.on_topic(utterance, state)
        whole = await self.part(utterance, f"{asked[-2][:_MOST_CHARS]} {utterance.text}")
        if (topic := self._acting.article(state.topic)) is None:
            return utterance
        near = about_topic(utterance.hits, whole.hits, topic, self._acting.articles, utterance.text)
        hits = tuple(hit for hit in near if hit.article.id != state.topic)
        if not hits or hits[0].score < _NEAR:
            return utterance
        return replace(whole, text=utterance.text, hits=hits, general=True)

    def _is_thing(self, name: str) -> bool:
        """Whether an article is about one product."""
        article = self._acting.article(name)
        return article is not None and article.thing == "one"

    def _of_no_table(self, text: str, state: DialogueState) -> bool:
        """Whether it is about a table that was not asked for in this conversation."""
        if state.form is not None:
            return False
        booked = state.done is not None and "people" in state.done.filled
        return PHRASES.has("is_table_had", text) or (not booked and PHRASES.has("cancels_table", text))

    def _bound(self, utterance: Utterance, before: str, state: DialogueState) -> str:
        """A short wish with the thing that was spoken of before it; empty for any other message."""
        if self._form_case is None or state.form is not None or self._form_case.follows(utterance, state):
            return ""
        return bound(utterance.text, before[:_MOST_CHARS], utterance.language, self._forms.products)

    def _joked(self, asked: Sequence[str]) -> bool:
        """Whether the last thing that was asked for, but for more of it, was a joke."""
        before = next((one for one in reversed(asked[:-1]) if not PHRASES.has("once_more", one)), "")
        return self._understanding.small_talk(before) == JOKE

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

    async def on_topic(self, utterance: Utterance, state: DialogueState) -> Utterance:
        """A question that goes on from the last answer, with the articles that it means together with that."""
        topic = self._acting.article(state.topic)
        if topic is not None and not state.last_case and utterance.small_talk == _WAY_OUT:  # the way that was just told
            return replace(utterance, small_talk="", intent=topic.intents[0], general=True, hits=(Hit(topic, 1.0),))
        if topic is None or not goes_on(utterance, state):
            return utterance
        together = utterance.following
        if together is None:
            together = (await self.part(utterance, self.with_topic(state, utterance.text, utterance.language))).hits
        hits = about_topic(utterance.hits, together, topic, self._acting.articles, utterance.text)
        if hits and len(hits) < len(utterance.hits) and all(hit in utterance.hits for hit in hits):
            return about_it(replace(utterance, hits=hits), topic)  # of the thing that was spoken of
        if not hits or hits[0].article.topic != topic.topic or hits[0].score < _NEAR:
            return about_it(utterance, topic)
        intent = "product_question" if utterance.intent == "complaint" else utterance.intent  # it only asks
        return replace(utterance, hits=hits, general=True, intent=intent)

    async def _after_done(self, utterance: Utterance, state: DialogueState) -> Utterance | None:
        """A question after a form was carried out ("when does the new one go out?"), with the articles about that.

        Whoever asks on about a return does not ask about another parcel. None for a message with a subject of its own.
        """
        if state.last_case != FORM or state.done is None or state.form is not None or not utterance.hits:
            return None
        if "people" in state.done.filled and PHRASES.has("is_table_had", utterance.text):
            return replace(utterance, small_talk=_TABLE, intent="chitchat", certainty=1.0, about_done=True)
        order = state.done.filled.get("order", "")
        if order and (asked := self._asks_if_done(utterance, state.done.name)):  # the books tell
            text = f"{asked} {order}"
            return replace(utterance, text=text, intent="order_status", small_talk="", general=False, about_done=True)
        presses = PHRASES.has("presses", utterance.text)
        if not goes_on(utterance, msgspec.structs.replace(state, topic=state.done.name), presses=presses):
            return None
        form = self._forms[state.done.name]
        whole = await self.part(utterance, f"{form.title[utterance.language]}: {utterance.text[:_MOST_CHARS]}")
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

    def _asks_if_done(self, utterance: Utterance, done: str) -> str:
        """The question whether it was done, also beside the same wish once more ("did it? else cancel it again")."""
        if PHRASES.has("is_it_done", utterance.text):
            return utterance.text
        clauses = PHRASES.clauses(utterance.text, utterance.language)
        asked = next((one for one in clauses if PHRASES.has("is_it_done", one)), "")
        if not asked or self._form_case is None or utterance.number or self._forms.names_product(utterance.text):
            return ""
        again = self._form_case.wants_only(utterance, done) and not PHRASES.has("too", utterance.text)
        return asked if again else ""

    async def within(self, utterance: Utterance, state: DialogueState) -> Utterance:
        """A question inside a form, with the articles that it means together with what is being done."""
        if state.form is None or state.form.paused or utterance.small_talk or not utterance.hits:
            return utterance
        form = self._forms[state.form.name]
        whole = await self.part(utterance, f"{form.title[utterance.language]}: {utterance.text[:_MOST_CHARS]}")
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

    async def part(self, whole: Utterance, text: str) -> Utterance:
        """A part of a message, understood by itself."""
        part = await self._alone(text, whole.language)
        return replace(part, emotion=whole.emotion, intensity=whole.intensity)

    async def beside(self, whole: Utterance, text: str) -> Utterance:
        """A question beside a wish: a dislike told as a reason does not sadden it, anger stays."""
        if whole.emotion is Emotion.ANGER:
            return await self.part(whole, text)
        return await self._alone(text, whole.language)

    async def _alone(self, text: str, language: str) -> Utterance:
        part = await self._understanding.understand(Body(author=Author.CUSTOMER, text=text), language)
        return replace(part, language=language)

    async def gist_of(self, utterance: Utterance) -> Utterance:
        """Of a letter the question at its end; how it feels is read there too, for a story is easily misread."""
        text = gist(utterance.text, utterance.language) if not utterance.risk_words else ""
        if not text:
            return utterance
        return replace(await self._alone(text, utterance.language), spelt=utterance.spelt)

    async def wanted(self, utterance: Utterance) -> Utterance:
        """What is wanted by a message that says besides what is not."""
        text = self._form_case.besides_unwanted(utterance) if self._form_case is not None else ""
        return replace(await self.part(utterance, text), text=utterance.text) if text else utterance
