from __future__ import annotations

from collections import Counter
from typing import Any

import jsonschema
import pytest

from tests.orchestrator.knowledge.library import ARTICLES, FILES, HAN, LANGUAGES, fold

pytestmark = pytest.mark.unit

INTENTS = [
    *("greeting", "thanks", "goodbye", "order_status", "logistics_delay", "address_change"),
    *("cancel_order", "return_request", "refund_status", "exchange_request", "coupon_inquiry", "invoice_request"),
    *("product_question", "payment_problem", "account_problem", "complaint", "human_agent", "chitchat"),
    "support_hours",  # stated by words alone
]
# What the built-in engine answers from replies.yaml, without an article of its own.
SOCIAL_INTENTS = {"thanks", "goodbye"}
MIN_ARTICLES = 66
MIN_QUESTIONS, MAX_QUESTIONS = 5, 20


def _both(value: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object with exactly one `value` per language."""
    return {
        "type": "object",
        "properties": dict.fromkeys(LANGUAGES, value),
        "required": list(LANGUAGES),
        "additionalProperties": False,
    }


_TEXT = {"type": "string", "pattern": r"^\S(.*\S)?$"}
_ID = {"type": "string", "pattern": r"^[a-z]+(-[a-z]+)+$"}
_IDS = {"type": "array", "items": _ID, "uniqueItems": True}
_QUESTIONS = {"type": "array", "items": _TEXT, "minItems": MIN_QUESTIONS, "maxItems": MAX_QUESTIONS}
_FIELDS: dict[str, Any] = {
    "id": _ID,
    "topic": {"enum": sorted(FILES)},
    "intents": {"type": "array", "items": {"enum": INTENTS}, "minItems": 1, "uniqueItems": True},
    "title": _both(_TEXT),
    "questions": _both(_QUESTIONS),
    "answer": _both({**_TEXT, "minLength": 30, "maxLength": 600}),
    "facts": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "related": {**_IDS, "minItems": 1, "maxItems": 3},
    "sticker_hint": _both({"type": "string", "maxLength": 40}),
}
_MARKS: dict[str, Any] = {
    "own": {"const": True},
    "thing": {"enum": ["one", "any"]},
    "cue": {"type": "array", "items": {"type": "string"}, "minItems": 3},
}
SCHEMA = {
    "type": "object",
    "properties": _FIELDS | _MARKS,
    "required": list(_FIELDS),
    "additionalProperties": False,
}


def _by_id(article: dict[str, Any]) -> str:
    return str(article["id"])


@pytest.mark.parametrize("article", ARTICLES, ids=_by_id)
def test_article_has_its_fields(article: dict[str, Any]) -> None:
    """An article has every field, of the right shape, in both languages, and no other."""
    jsonschema.Draft202012Validator(SCHEMA).validate(article)


def test_library_is_large_enough() -> None:
    """The first knowledge base holds the promised number of articles."""
    assert len(ARTICLES) >= MIN_ARTICLES


def test_ids_are_unique() -> None:
    """No two articles share an id or, within a language, a title."""
    names = Counter(article["id"] for article in ARTICLES)
    names.update(f"{language}:{article['title'][language]}" for article in ARTICLES for language in LANGUAGES)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("topic", FILES)
def test_article_lies_in_the_file_of_its_topic(topic: str) -> None:
    """The topic of a file and of all its articles is the file's name."""
    assert FILES[topic]["topic"] == topic
    assert {article["topic"] for article in FILES[topic]["articles"]} == {topic}


def test_related_articles_exist() -> None:
    """A related article exists and is another one."""
    known = {article["id"] for article in ARTICLES}
    dangling = [
        (article["id"], other)
        for article in ARTICLES
        for other in article["related"]
        if other not in known or other == article["id"]
    ]
    assert dangling == []


def test_no_question_belongs_to_two_articles() -> None:
    """The same wording never stands twice, whatever its case, width, spaces and punctuation."""
    counts = Counter(
        fold(question) for article in ARTICLES for language in LANGUAGES for question in article["questions"][language]
    )
    assert [question for question, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("article", ARTICLES, ids=_by_id)
def test_text_is_in_its_language(article: dict[str, Any]) -> None:
    """English text holds no Han character, and each Chinese one holds some."""
    english = [
        article["title"]["en"],
        article["answer"]["en"],
        *article["questions"]["en"],
        article["sticker_hint"]["en"],
    ]
    chinese = [article["title"]["zh"], article["answer"]["zh"], *article["questions"]["zh"]]
    assert [text for text in english if HAN.search(text)] == []
    assert [text for text in chinese if not HAN.search(text)] == []


def test_every_intent_finds_an_article() -> None:
    """Each intent that is not mere politeness leads to at least one article."""
    assert set(INTENTS) - {intent for article in ARTICLES for intent in article["intents"]} == SOCIAL_INTENTS


def test_complaints_get_no_sticker() -> None:
    """An article that answers a complaint first of all suggests no sticker."""
    unfit = [a["id"] for a in ARTICLES if a["intents"][0] == "complaint" and any(a["sticker_hint"].values())]
    assert unfit == []
