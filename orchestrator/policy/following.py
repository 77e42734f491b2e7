"""Questions that go on from the last answer: "and how long does that take?" asks about what was just told."""

from __future__ import annotations

import re
from collections.abc import Mapping

from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.retrieval.knowledge import Article
from orchestrator.retrieval.search import Hit
from orchestrator.understanding.utterance import Utterance

# How an article scores for such a question: by the question itself, by it together with the topic, and for being near.
_BY_ITSELF, _TOGETHER = 0.5, 0.5
_TOPIC, _RELATED, _SAME_SHELF = 0.18, 0.28, 0.22  # the topic's own title has raised it already
_OWN_SURE = 0.6  # a question that names another article of the same shelf needs no help
_MOST_WORDS, _MOST_HAN = 9, 14
_OWN_MATTERS = frozenset({"parcel", "orders", "refund"})  # cases that read on in the customer's books
_WORD = re.compile(r"[a-z0-9']+", re.IGNORECASE)
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_WISHES = frozenset({"greeting", "thanks", "goodbye", "human_agent", "complaint"})


def goes_on(utterance: Utterance, state: DialogueState, *, presses: bool = False) -> bool:
    """Whether a message may be about the topic of the last answer: short, a question, and with no wish of its own."""
    if not (presses or may_go_on(utterance.text, state)):
        return False
    if utterance.number or utterance.small_talk or utterance.sticker is not None or utterance.picture is not None:
        return False
    return utterance.intent not in _WISHES and (presses or utterance.certainty < 1.0)


def may_go_on(text: str, state: DialogueState) -> bool:
    """What can be said of that before a model has read the text."""
    if state.form is not None or not state.topic or state.last_case in _OWN_MATTERS:
        return False
    short = len(_WORD.findall(text)) <= _MOST_WORDS and len(_HAN.findall(text)) <= _MOST_HAN
    return short and PHRASES.has("asks", text)


def about_topic(
    own: tuple[Hit, ...], together: tuple[Hit, ...], topic: Article, articles: Mapping[str, Article]
) -> tuple[Hit, ...]:
    """The articles near a question that goes on, best first.

    Args:
        own: Near the question itself.
        together: Near the question with the topic's title before it.
        topic: The article of the last answer.
        articles: All.
    """
    if (
        own
        and own[0].score >= _OWN_SURE
        and own[0].article.id != topic.id
        and _near(own[0].article.id, topic, articles)
    ):
        return own
    by_itself = {hit.article.id: hit.score for hit in own}
    with_topic = {hit.article.id: hit.score for hit in together}
    ranked = [
        Hit(
            articles[one],
            min(
                1.0,
                _BY_ITSELF * by_itself.get(one, 0.0)
                + _TOGETHER * with_topic.get(one, 0.0)
                + _near(one, topic, articles),
            ),
        )
        for one in {**by_itself, **with_topic}
    ]
    return tuple(sorted(ranked, key=lambda hit: -hit.score))


def _near(one: str, topic: Article, articles: Mapping[str, Article]) -> float:
    if one == topic.id:
        return _TOPIC
    if one in topic.related:
        return _RELATED
    return _SAME_SHELF if articles[one].topic == topic.topic else 0.0
