"""Questions that go on from the last answer, and those that do not."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.dialogue.state import DialogueState, FormPosition
from orchestrator.policy.following import about_topic, goes_on
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
        hits(payment_methods=1.0), hits(payment_methods=0.76, product_care=0.6), ARTICLES["product-care"], ARTICLES
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
