"""Messages that are no text, and what they ask."""

from __future__ import annotations

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from orchestrator.journal.entries import Author, Body, Emotion, Sticker
from orchestrator.metrics import Metrics
from orchestrator.retrieval.search import KnowledgeSearch
from orchestrator.understanding.lexicon import Lexicon
from orchestrator.understanding.understand import Understanding
from tests.fakes import FakeEncoder, FakePictures, FakeReader, sticker
from tests.orchestrator.harness import knowledge

pytestmark = pytest.mark.unit


def understanding() -> Understanding:
    encoder = FakeEncoder()
    metrics = Metrics(CollectorRegistry())
    return Understanding(FakeReader(encoder), KnowledgeSearch(knowledge()), Lexicon(), FakePictures(), metrics, 0.5)


def drawn(alt: str, emotion: Emotion) -> Sticker:
    return msgspec.structs.replace(sticker(emotion=emotion), alt_en=alt, alt_zh=alt)


@pytest.mark.parametrize(
    ("language", "alt"),
    [
        ("en", "Where is my parcel? (a confused cat thinking)"),
        ("zh", "快递到哪了（一只困惑的小鸡托腮思考，想着一个包裹）"),
    ],
)
async def test_a_sticker_on_which_a_wish_is_written_is_that_wish(language: str, alt: str) -> None:
    """The words on it are understood like words; what is drawn is not read as if it had been said."""
    body = Body(author=Author.CUSTOMER, sticker=drawn(alt, Emotion.CONFUSION))
    said = await understanding().understand(body, language)
    assert (said.intent, said.sticker, said.language) == ("parcel_status", None, language)
    assert "cat" not in said.text
    assert "小鸡" not in said.text


@pytest.mark.parametrize("alt", ["Hello (a happy cat waving)", "Thank you", "a cat with a parcel"])
async def test_other_stickers_stay_signs(alt: str) -> None:
    """A greeting, thanks or a mere picture is answered as a sticker."""
    body = Body(author=Author.CUSTOMER, sticker=drawn(alt, Emotion.JOY))
    said = await understanding().understand(body, "en")
    assert said.sticker is not None
