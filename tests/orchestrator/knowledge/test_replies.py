from __future__ import annotations

from string import Formatter
from typing import Any

import pytest

from tests.orchestrator.knowledge.library import HAN, LANGUAGES, REPLIES

pytestmark = pytest.mark.unit

NAMES: dict[str, dict[str, Any]] = REPLIES["replies"]
EMOTIONS = ("joy", "gratitude", "love", "surprise", "anxiety", "sadness", "anger", "confusion", "neutral")
NEEDED = {
    *("greeting", "thanks", "goodbye", "small_talk_identity", "not_understood", "offer_person"),
    *("overloaded", "turn_failed"),
    *(f"sticker_{emotion}" for emotion in EMOTIONS),
}
MIN_VARIANTS, MAX_VARIANTS = 2, 4


def _placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def test_engine_has_a_reply_for_each_occasion() -> None:
    """Every occasion that needs no article, and every emotion of a sticker, has its reply."""
    assert set(NAMES) >= NEEDED


@pytest.mark.parametrize("name", NAMES)
def test_reply_is_well_formed(name: str) -> None:
    """A reply has two to four different variants per language, each in that language."""
    reply = NAMES[name]
    assert set(reply) == {"uses", *LANGUAGES}
    for language in LANGUAGES:
        assert MIN_VARIANTS <= len(set(reply[language])) == len(reply[language]) <= MAX_VARIANTS
    assert [text for text in reply["en"] if HAN.search(text)] == []
    assert [text for text in reply["zh"] if not HAN.search(text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_placeholders_are_declared(name: str) -> None:
    """A variant uses documented placeholders that its reply lists, as plain names, and formats with them."""
    uses = NAMES[name]["uses"]
    assert set(uses) <= set(REPLIES["placeholders"])
    for text in (text for language in LANGUAGES for text in NAMES[name][language]):
        assert _placeholders(text) <= set(uses)
        assert "{" not in text.format_map(dict.fromkeys(uses, "x"))


def test_every_placeholder_is_used() -> None:
    """No placeholder is documented that no reply mentions."""
    used = {
        field for reply in NAMES.values() for lang in LANGUAGES for text in reply[lang] for field in _placeholders(text)
    }
    assert used == set(REPLIES["placeholders"])


def test_topics_are_named_in_both_languages() -> None:
    """What the assistant can help with is listed in each language."""
    assert set(REPLIES["topics"]) == set(LANGUAGES)
    assert all(REPLIES["topics"].values())
