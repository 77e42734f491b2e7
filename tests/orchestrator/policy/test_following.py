"""Questions that go on from the last answer, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.dialogue.state import DialogueState, FormPosition
from orchestrator.policy.following import about_topic, goes_on, matter, speaks_of
from orchestrator.retrieval.search import Hit
from orchestrator.understanding.utterance import Utterance
from tests.orchestrator.harness import knowledge

pytestmark = pytest.mark.unit

ARTICLES = knowledge().articles


def hits(**scores: float) -> tuple[Hit, ...]:
    return tuple(Hit(ARTICLES[name.replace("_", "-")], score) for name, score in scores.items())


@pytest.mark.parametrize(
    ("text", "said", "state", "expected"),
    [
        ("and how long does it take?", {}, {"topic": "invoice-how"}, True),
        ("要等多久", {}, {"topic": "account-locked"}, True),
        ("and how long does it take?", {}, {}, False),
        ("how long?", {}, {"topic": "shipping-delay", "last_case": "parcel"}, False),
        ("how long?", {}, {"topic": "invoice-how", "form": FormPosition("invoice_request")}, False),
        ("where is my parcel?", {"intent": "parcel_status", "certainty": 1.0}, {"topic": "invoice-how"}, False),
        ("can I talk to someone?", {"intent": "human_agent", "certainty": 0.9}, {"topic": "invoice-how"}, False),
        ("is PW1234567890 sent?", {}, {"topic": "invoice-how"}, False),
        ("it is broken and the lid is off", {}, {"topic": "invoice-how"}, False),
        ("could you please tell me again what I have to write into the second field?", {}, {"topic": "x"}, False),
    ],
)
def test_what_goes_on(text: str, said: dict[str, Any], state: dict[str, Any], expected: bool) -> None:
    """A short question without a wish of its own, after an answer from an article."""
    assert goes_on(Utterance(text, "en", **said), DialogueState(**state)) is expected


def test_a_bare_question_is_about_the_topic() -> None:
    """A bare "how long?" after invoices means the invoice, though parcels are nearer to the words."""
    found = about_topic(
        hits(shipping_time=1.0), hits(invoice_how=1.0, invoice_time=0.94), ARTICLES["invoice-how"], ARTICLES
    )
    assert found[0].article.id == "invoice-time"


def test_another_topic_that_is_named_wins() -> None:
    """Who changes the subject is followed."""
    found = about_topic(
        hits(payment_methods=1.0),
        hits(payment_methods=0.76, product_care=0.6),
        ARTICLES["product-care"],
        ARTICLES,
        "which payment methods do you take?",
    )
    assert found[0].article.id == "payment-methods"


def test_a_neighbour_that_is_named_needs_no_help() -> None:
    """Points that are asked for after coupons are answered by their own article."""
    own = hits(points_how=0.73, coupon_stack=0.43)
    together = hits(coupon_where=1.0, coupon_stack=0.82)
    assert about_topic(own, together, ARTICLES["coupon-where"], ARTICLES) == own


def test_nothing_near_is_nothing() -> None:
    """No article is made up."""
    assert about_topic((), (), ARTICLES["coupon-where"], ARTICLES) == ()


@pytest.mark.parametrize(
    "text", ["and how long does it take?", "how much?", "and when?", "要多久", "多少钱", "那什么时候"]
)
def test_question_words_name_nothing(text: str) -> None:
    """A bare question has no matter of its own."""
    assert not matter(text)


@pytest.mark.parametrize(
    ("topic", "text", "speaks"),
    [
        ("return-shipping-cost", "who pays the postage?", True),
        ("return-how", "do you ship to Canada?", False),
        ("coupon-where", "can I pay in instalments?", False),
        ("points-how", "and points?", True),
        ("return-shipping-cost", "运费谁出", True),
        ("coupon-where", "能寄到加拿大吗", False),
        ("invoice-how", "可以分期吗", False),
        ("product-teapot", "能放洗碗机吗", True),
        ("product-teapot", "能微波吗", True),
    ],
)
def test_what_an_article_speaks_of(topic: str, text: str, speaks: bool) -> None:
    """An article has what the question names, or words that mean the same."""
    assert speaks_of(ARTICLES[topic], matter(text)) is speaks


def test_a_thing_that_was_spoken_of_stays() -> None:
    """After the teapot "it" is no mug, though the mug's article is nearer to the words."""
    own = hits(product_mug=1.0, product_teapot=0.7)
    found = about_topic(own, own, ARTICLES["product-teapot"], ARTICLES, "can it go in the microwave?")
    assert found[0].article.id == "product-teapot"


def test_a_bare_question_leaves_the_topic_to_nobody_else() -> None:
    """How long an account stays locked is not how long a parcel takes."""
    own = hits(shipping_time=1.0, product_warranty=0.8)
    found = about_topic(
        own, hits(account_locked=0.9, shipping_time=0.6), ARTICLES["account-locked"], ARTICLES, "要多久"
    )
    assert found[0].article.id == "account-locked"
