"""Questions about a thing that is named: its own article answers, whatever was spoken of before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from orchestrator.dialogue.mentions import stands_in
from orchestrator.dialogue.phrases import PHRASES
from orchestrator.dialogue.state import DialogueState
from orchestrator.policy.following import WISHES
from orchestrator.retrieval.knowledge import Article
from orchestrator.retrieval.search import Hit
from orchestrator.understanding.utterance import Utterance

_SURE, _LIKELY = 0.8, 0.45
_IT = re.compile(r"\b(it|its|that|this|they|them)\b", re.IGNORECASE)
# Of what was spoken of: does it bring another thing with it ("does it come with cups?")?
_BRINGS = re.compile(
    r"\b(?:it|that|this|they)\b.{0,12}\b(?:com(?:e|es|ing)|sold|suppl\w+|deliver\w+)\b.{0,8}\bwith\b"
    r"|\b(?:it|that|this|they)\b.{0,8}\binclud\w+|^(?:and )?(?:are|is) (?:the |any |there )?\w+ (?:also )?included\b"
    r"|^(?:那|请问|它|这个?|那个?|，)*(?:会|有|是)?(?:附?带|配|附送?|送|包含?|含)(?:不(?:带|配|送|含))?[^，。？?]{1,6}(?:吗|么|不|没有?|[？?])",
    re.IGNORECASE,
)


def about_named_thing(
    utterance: Utterance, state: DialogueState, articles: Mapping[str, Article], products: Sequence[frozenset[str]]
) -> Utterance:
    """The message led by the article of the one product that it names, where it asks what a thing is like.

    Args:
        utterance: The message.
        state: Before it.
        articles: All.
        products: Words for each product of the shop.
    """
    if utterance.sticker is not None or utterance.picture is not None or utterance.number or state.form is not None:
        return utterance
    named = [group for group in products if _names(utterance.text, group)]
    own = _article(named[0], articles) if len(named) == 1 else None
    first = utterance.hits[0].article if utterance.hits else None
    topic = articles.get(state.topic)
    of_topic = topic is not None and topic.thing == "one" and (named or not PHRASES.has("about_bought", utterance.text))
    if topic is not None and of_topic and _asks_of_topic(utterance.text, bool(named)):
        return replace(utterance, hits=(Hit(topic, _SURE),), intent="product_question", general=True)
    goes_on = topic is not None and bool(topic.thing) and PHRASES.has("elliptical", utterance.text)
    if own is None or utterance.small_talk or (utterance.intent in WISHES and not goes_on):
        return utterance
    if first is own:  # another thing that was spoken of before must not come in between
        other = topic is not None and bool(topic.thing) and topic is not own
        return replace(utterance, intent="product_question", general=True) if other else utterance
    if not goes_on and (first is None or not first.thing or PHRASES.has("about_bought", utterance.text)):
        return utterance
    score = max(_SURE, utterance.hits[0].score if utterance.hits else 0.0)
    rest = tuple(hit for hit in utterance.hits if hit.article is not own)
    return replace(utterance, hits=(Hit(own, score), *rest), intent="product_question", general=True)


def _asks_of_topic(text: str, named: bool) -> bool:
    """Whether a message can only mean the thing that was spoken of: what comes with it, or how big it is."""
    return bool(_BRINGS.search(text)) or (not named and PHRASES.has("asks_measure", text))


def about_it(utterance: Utterance, topic: Article) -> Utterance:
    """A question about "it" that nothing is near, after one about a thing: it is asked of that thing."""
    near = utterance.hits[0].score if utterance.hits else 0.0
    if topic.thing != "one" or near >= _LIKELY or not _IT.search(utterance.text):
        return utterance
    return replace(utterance, hits=(Hit(topic, _LIKELY),), intent="product_question", general=True)


def _article(words: frozenset[str], articles: Mapping[str, Article]) -> Article | None:
    """The article about the product that these are words for."""
    things = (one for one in articles.values() if one.thing == "one")
    return next((one for one in things if any(_names(title, words) for title in one.title.values())), None)


def _names(text: str, words: frozenset[str]) -> bool:
    """Whether a text names a product: English words by themselves, Chinese ones anywhere."""
    low = text.casefold()
    return any(stands_in(one, low) for one in words)
