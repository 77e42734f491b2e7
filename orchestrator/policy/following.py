"""Questions that go on from the last answer: "and how long does that take?" asks about what was just told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.entries import Emotion
from orchestrator.retrieval.knowledge import Article
from orchestrator.retrieval.search import Hit
from orchestrator.retrieval.terms import CONCEPT, terms
from orchestrator.understanding.utterance import Utterance

# How an article scores for such a question: by the question itself, by it together with the topic, and for being near.
_BY_ITSELF, _TOGETHER = 0.5, 0.5
_TOPIC, _RELATED, _SAME_SHELF = 0.18, 0.28, 0.22  # the topic's own title has raised it already
_THING, _BARE = 0.4, 0.24  # the topic is one thing; the question names nothing
_OUTRIGHT = 0.9
_OWN_SURE = 0.6  # a question that names another article of the same shelf needs no help
_MOST_WORDS, _MOST_HAN = 9, 14
_OWN_MATTERS = frozenset({"parcel", "orders", "refund"})  # cases that read on in the customer's books
_WORD = re.compile(r"[a-z0-9']+", re.IGNORECASE)
_HAN = re.compile(r"[㐀-䶿一-鿿]")
# Question words and the words around them, as stems; none of them is a matter of its own.
_ASKING = frozenset(
    """
    how what when where who why which whose long much many often soon fast far lat earli ar wil wil would should must
    may might get got take tak mak do doe did it they them thi that one ones thing stuff and so ok then also too as wel
    what' how' when' where' who' it' that' there not no ye if about again still yet now need want know tel say sai
    mean long cost pay paid fre work happen go com give if after befor until from by up out any some more les only
    even be been wa were ha had can could you your my me i we us our u r pl pleas day hour week month time
    """.split()
)
_ASKING_HAN = re.compile(
    r"多久|多长时间|多少钱?|多长|几天|几号|几点|几个|什么时候|啥时候|何时|什么|怎么样?|咋样?|如何|为什么|为啥|哪里|哪儿|哪个|哪|谁|能不能|可不可以|是不是|要不要|有没有|需要|可以|能|会|要|得|吗|呢|么|嘛|吧|啊|呀|"
    r"的|了|那|这|个|它|他|我们?|你们?|您|还|也|都|就|再|又|是|有|在|和|跟|到|给|请问|那么|如果|一下|时间|天|钱|出|付|算|收|行|好|不|没"
)
_RUN = re.compile(r"[㐀-䶿一-鿿]+")
IT = re.compile(r"\b(it|its|that|this|they|them)\b|^[^a-z]{1,6}$", re.IGNORECASE)
WISHES = frozenset({"greeting", "thanks", "goodbye", "human_agent", "complaint"})


def goes_on(utterance: Utterance, state: DialogueState, *, presses: bool = False) -> bool:
    """Whether a message may be about the topic of the last answer: short, a question, and with no wish of its own."""
    if not (presses or may_go_on(utterance.text, state)):
        return False
    if utterance.number or utterance.small_talk or utterance.sticker is not None or utterance.picture is not None:
        return False
    bare = not matter(utterance.text)  # however sure a model is of what "how long?" means by itself
    return not _has_wish(utterance) and (presses or bare or utterance.certainty < 1.0)


def _has_wish(utterance: Utterance) -> bool:
    """Whether it wants something of its own; a calm question is no complaint because a model half thinks so."""
    calm = utterance.emotion is Emotion.NEUTRAL and utterance.certainty < _OUTRIGHT
    return utterance.intent in WISHES and not (utterance.intent == "complaint" and calm)


def may_go_on(text: str, state: DialogueState) -> bool:
    """What can be said of that before a model has read the text."""
    if state.form is not None or not state.topic or state.last_case in _OWN_MATTERS:
        return False
    short = len(_WORD.findall(text)) <= _MOST_WORDS and len(_HAN.findall(text)) <= _MOST_HAN
    return short and (PHRASES.has("asks", text) or PHRASES.has("wonders", text))


def about_topic(
    own: tuple[Hit, ...], together: tuple[Hit, ...], topic: Article, articles: Mapping[str, Article], text: str = ""
) -> tuple[Hit, ...]:
    """The articles near a question that goes on, best first.

    Args:
        own: Near the question itself.
        together: Near the question with the topic's title before it.
        topic: The article of the last answer.
        articles: All.
        text: The question; what it names beside question words must be spoken of near the topic.
    """
    said = matter(text)
    near = {one for one in articles if _near(one, topic, articles) and speaks_of(articles[one], said)}
    if said and not near:  # it names something that nothing near the topic speaks of
        return own if topic.thing != "one" or not IT.search(text) else _without_other_things(own, topic)
    if own and own[0].score >= _OWN_SURE and own[0].article.id != topic.id and own[0].article.id in near:
        return own
    if topic.thing == "one" and topic.id in near:  # it speaks of that itself: what things are like in general, does not
        own, together = (tuple(hit for hit in hits if hit.article.thing != "any") for hits in (own, together))
    by_itself = {hit.article.id: hit.score for hit in own}
    with_topic = {hit.article.id: hit.score for hit in together}
    ranked = {
        one: _BY_ITSELF * by_itself.get(one, 0.0)
        + _TOGETHER * with_topic.get(one, 0.0)
        + ((_near(one, topic, articles) if said or one != topic.id else _BARE) if one in near else 0.0)
        for one in {**by_itself, **with_topic}
        if said or one in near
    }
    return tuple(Hit(articles[one], min(1.0, ranked[one])) for one in sorted(ranked, key=lambda one: -ranked[one]))


def _without_other_things(own: tuple[Hit, ...], topic: Article) -> tuple[Hit, ...]:
    """Of what is near, what is not about another product: "does it keep tea warm?" asks about the one spoken of."""
    return tuple(hit for hit in own if hit.article.thing != "one" or hit.article.id == topic.id)


def matter(text: str) -> frozenset[str]:
    """What a question names beside question words: nothing in "and how long does it take?"."""
    english = {term for term in terms(" ".join(_WORD.findall(text))) if not term.startswith(CONCEPT)}
    chinese = [run for run in _RUN.findall(_ASKING_HAN.sub(" ", text)) if len(run) > 1]
    pairs = {run[at : at + 2] for run in chinese for at in range(len(run) - 1)}
    return frozenset(english - _ASKING) | pairs


def speaks_of(article: Article, said: frozenset[str]) -> bool:
    """Whether an article has what a question names, or words that mean the same: of English all, of Chinese half."""
    told = _told(article)
    english = {one for one in said if one.isascii()}
    han = said - english
    known = sum(one in told for one in han)
    return all(_meant(one) & told for one in english) and 2 * known >= len(han)


def _told(article: Article) -> frozenset[str]:
    languages = ("en", "zh")
    questions = (text for one in languages for text in article.questions[one])
    return _terms_of(
        (*(article.title[one] for one in languages), *(article.answer[one] for one in languages), *questions)
    )


@lru_cache(maxsize=1024)
def _terms_of(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(term for text in texts for term in terms(text))


@lru_cache(maxsize=4096)
def _meant(word: str) -> frozenset[str]:
    return frozenset((word, *terms(word)))


def _near(one: str, topic: Article, articles: Mapping[str, Article]) -> float:
    if one == topic.id:
        return _THING if topic.thing == "one" else _TOPIC
    if topic.thing == "one" and articles[one].thing:
        return 0.0  # "is it dishwasher safe?" asks about the thing that was spoken of
    if one in topic.related:
        return _RELATED
    return _SAME_SHELF if articles[one].topic == topic.topic else 0.0
