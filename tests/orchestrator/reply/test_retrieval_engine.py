"""What the built-in engine says."""

from __future__ import annotations

from itertools import pairwise

import pytest

from orchestrator.dialogue.state import DialogueState
from orchestrator.journal.entries import Emotion
from orchestrator.policy.decision import Action, DecisionTree, Tone
from orchestrator.reply.engine import Closing
from orchestrator.reply.retrieval import RetrievalEngine, pieces
from orchestrator.reply.templates import ASK_FOR_PERSON, Templates
from orchestrator.understanding.lexicon import Lexicon
from servicekit.resilience import Deadline
from tests.orchestrator.harness import knowledge
from tests.orchestrator.reply.briefs import brief

pytestmark = pytest.mark.unit

TEMPLATES = Templates(knowledge())
ENGINE = RetrievalEngine(knowledge(), TEMPLATES, DecisionTree(), pace_s=0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_answer_is_the_article_and_cites_it(language: str) -> None:
    """Its words, its title, what is related, and a person."""
    text, closing = ENGINE.compose(brief(language=language))
    article = knowledge().articles["shipping-delay"]
    assert text == article.answer[language]
    assert closing.citations[0].title == article.title[language]
    assert closing.quick_replies[-1] == ASK_FOR_PERSON[language]
    assert len(closing.quick_replies) <= 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_says_what_it_does_not_know(language: str) -> None:
    """A question back or an admission, never a guess; a person is offered."""
    asked, closing = ENGINE.compose(brief(language=language, action=Action.ASK))
    assert knowledge().articles["shipping-delay"].title[language] in asked
    assert not closing.understood
    unknown, closing = ENGINE.compose(brief(language=language, action=Action.SAY, template="not_understood"))
    assert unknown
    assert not closing.understood
    assert ASK_FOR_PERSON[language] in closing.quick_replies


def test_an_apology_comes_first_where_it_belongs() -> None:
    """The tone puts it before an answer that has none."""
    text, _ = ENGINE.compose(brief(article="order-cancel", tone=Tone.APOLOGETIC))
    assert text.startswith("I'm sorry")


def test_no_variant_comes_twice_in_a_row() -> None:
    """Templates take turns."""
    state, texts = DialogueState(), []
    for _ in range(4):
        text, closing = ENGINE.compose(brief(action=Action.SAY, template="greeting", state=state))
        texts.append(text)
        state = DialogueState(variants=closing.variants)
    assert all(one != two for one, two in pairwise(texts))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("emotion", list(Emotion))
def test_there_is_a_word_for_every_sticker(language: str, emotion: Emotion) -> None:
    """Every emotion that a sticker may have has a template in both languages."""
    text, _ = TEMPLATES.say(f"sticker_{emotion}", language, {}, {"sticker_text": "x"})
    assert text
    assert "{" not in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_offer_of_a_person_is_understood(language: str) -> None:
    """Tapping the quick reply asks for a person."""
    assert Lexicon().intent(ASK_FOR_PERSON[language]) == "human_agent"


async def test_it_streams_in_pieces_that_make_the_whole() -> None:
    """Many pieces, a closing at the end, a pause after each piece that stays within its bound."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    engine = RetrievalEngine(knowledge(), TEMPLATES, DecisionTree(), pace_s=0.5, sleep=sleep)
    parts = [part async for part in engine.stream(brief(), Deadline.after(10))]
    assert isinstance(parts[-1], Closing)
    assert "".join(part for part in parts if isinstance(part, str)) == engine.compose(brief())[0]
    assert len(parts) > 20
    assert sum(slept) <= 1.51


@pytest.mark.parametrize("text", ["Hello, you! 3–5 days.", "您好，3–5 个工作日「到」。", "混 mixed 文\n\nok", " ", ""])
def test_pieces_lose_nothing(text: str) -> None:
    """Whatever is cut, together it is the same."""
    assert "".join(pieces(text)) == text
