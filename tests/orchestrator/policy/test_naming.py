"""A thing that is named is asked about, whatever was spoken of before."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.forms import Forms
from orchestrator.dialogue.state import DialogueState
from orchestrator.policy.naming import about_it, about_named_thing
from orchestrator.retrieval.search import Hit
from orchestrator.understanding.utterance import Utterance
from tests.orchestrator.harness import knowledge

pytestmark = pytest.mark.unit

ARTICLES, PRODUCTS = knowledge().articles, Forms().products


def said(text: str, near: str, score: float = 0.9, **other: str) -> Utterance:
    return Utterance(text, "en", hits=(Hit(ARTICLES[near], score),), intent="product_question", **other)


def led(utterance: Utterance, topic: str = "") -> str:
    return about_named_thing(utterance, DialogueState(topic=topic), ARTICLES, PRODUCTS).hits[0].article.id


@pytest.mark.parametrize(
    ("text", "near", "topic", "article"),
    [
        ("and the mug, can that go in the dishwasher?", "product-care", "product-teapot", "product-mug"),
        ("那杯子呢，能放吗", "product-teapot", "product-teapot", "product-mug"),
        ("毯子能机洗吗", "product-care", "", "product-throw"),
        ("那布袋呢", "product-personal", "product-throw", "product-tote"),
        ("what is the lamp made of", "product-material", "", "product-lamp"),
        # Of two things that are named neither leads, nor does one in a question about something else.
        ("mug or teapot in the dishwasher?", "product-care", "", "product-care"),
        ("postage for one candle", "shipping-fee", "", "shipping-fee"),
        ("can I exchange the mug for another size", "product-size", "", "product-size"),
    ],
)
def test_its_own_article_leads(text: str, near: str, topic: str, article: str) -> None:
    """Before what any product is like, and before the thing that was spoken of."""
    assert led(said(text, near), topic) == article


def test_it_is_the_thing_that_was_spoken_of() -> None:
    """A question about "it" that nothing is near is asked of the thing; others are left alone."""
    throw = ARTICLES["product-throw"]
    assert about_it(said("is it insured?", "payment-security", 0.2), throw).hits[0].article is throw
    assert about_it(said("is it insured?", "payment-security", 0.9), throw).hits[0].article is not throw
    assert about_it(said("any insurance?", "payment-security", 0.2), throw).hits[0].article is not throw
    assert about_it(said("is it insured?", "payment-security", 0.2), ARTICLES["shipping-fee"]).hits[0].score == 0.2
