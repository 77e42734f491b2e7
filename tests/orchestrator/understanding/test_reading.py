"""How the trained model and the words themselves make one understanding."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry

from orchestrator.journal.entries import Emotion
from orchestrator.metrics import Metrics
from orchestrator.retrieval.search import Hit, KnowledgeSearch
from orchestrator.understanding.encoder import TritonEncoder
from orchestrator.understanding.lexicon import Feeling, Lexicon
from orchestrator.understanding.reading import Reading, Slot, feeling_of, intent_of
from orchestrator.understanding.triton_reader import TritonReader
from orchestrator.understanding.understand import Understanding
from servicekit.errors import ServiceError
from servicekit.resilience import CircuitBreaker
from tests.fakes import FakeEncoder, FakePictures, FakeReader, said
from tests.orchestrator.harness import knowledge

pytestmark = pytest.mark.unit

NEAR = (Hit(knowledge().articles["shipping-delay"], 0.7), Hit(knowledge().articles["order-status"], 0.3))


@pytest.mark.parametrize(
    ("intents", "hits", "intent"),
    [
        ({"refund_status": 0.9}, NEAR, "refund_status"),
        ({"refund_status": 0.4}, NEAR, "logistics_delay"),
        ({"human_agent": 0.7}, NEAR, "logistics_delay"),
        ({"human_agent": 0.9}, NEAR, "human_agent"),
        ({}, NEAR, "logistics_delay"),
        ({}, (), "out_of_scope"),
    ],
)
def test_intents(intents: dict[str, float], hits: tuple[Hit, ...], intent: str) -> None:
    """A sure model decides, surer still where much depends on it; else the nearest knowledge does."""
    assert intent_of(Reading(intents=intents), hits)[0] == intent


@pytest.mark.parametrize(
    ("emotions", "words", "emotion"),
    [
        ({Emotion.ANGER: 0.9}, Feeling(Emotion.NEUTRAL, 0.0), Emotion.ANGER),
        ({Emotion.ANGER: 0.5}, Feeling(Emotion.NEUTRAL, 0.0), Emotion.NEUTRAL),
        ({Emotion.NEUTRAL: 0.9}, Feeling(Emotion.ANXIETY, 0.4), Emotion.NEUTRAL),
        ({Emotion.NEUTRAL: 0.9}, Feeling(Emotion.ANGER, 0.9), Emotion.ANGER),
        ({}, Feeling(Emotion.JOY, 0.5), Emotion.JOY),
    ],
)
def test_feelings(emotions: dict[Emotion, float], words: Feeling, emotion: Emotion) -> None:
    """A sure model decides unless the words are outspoken."""
    assert feeling_of(Reading(emotions=emotions), words).emotion is emotion


def understanding(reader: FakeReader) -> Understanding:
    metrics = Metrics(CollectorRegistry())
    return Understanding(reader, KnowledgeSearch(knowledge()), Lexicon(), FakePictures(), metrics, 1.0)


async def test_an_utterance_carries_what_was_read() -> None:
    """Intent, emotion, slots and knowledge of one message."""
    slots = (Slot("order_number", "PW1", 0.9),)
    reader = FakeReader(reading=Reading(None, {"refund_status": 0.9}, {Emotion.ANXIETY: 0.8}, slots))
    utterance = await understanding(reader).understand(said("a question on the refund of PW1"), "en")
    assert (utterance.intent, utterance.emotion, utterance.slots) == ("refund_status", Emotion.ANXIETY, slots)
    assert utterance.hits


async def test_words_alone_when_the_model_is_dead() -> None:
    """Nothing fails; knowledge is found by words."""
    encoder = FakeEncoder()
    encoder.down = True
    utterance = await understanding(FakeReader(encoder)).understand(said("how do I return a jacket"), "en")
    assert utterance.intent == "return_request"


@pytest.mark.integration
async def test_triton_reads_both_languages(triton_url: str) -> None:
    """One call gives intent, emotion, slots and the same embedding as the encoder."""
    encoder = TritonEncoder(triton_url, CircuitBreaker("encoder"))
    reader = TritonReader(triton_url, encoder, CircuitBreaker("reader"))
    try:
        for text, intent in (("where's my refund", "refund_status"), ("快递三天没更新了", "logistics_delay")):
            reading = await reader.read(text, timeout_s=30)
            (vector,) = await encoder.encode([text], timeout_s=30)
            assert intent_of(reading, ())[0] == intent
            assert reading.vector is not None
            assert float(reading.vector @ vector) > 0.99
    finally:
        await reader.close()
        await encoder.close()


@pytest.mark.integration
async def test_a_dead_triton_is_unavailable() -> None:
    """The caller goes on without."""
    encoder = TritonEncoder("127.0.0.1:1", CircuitBreaker("encoder"))
    reader = TritonReader("127.0.0.1:1", encoder, CircuitBreaker("reader"))
    with pytest.raises(ServiceError) as caught:
        await reader.read("hello", timeout_s=3)
    assert caught.value.code == 503
    await reader.close()
    await encoder.close()


async def test_a_text_and_the_same_behind_its_topic_are_read_together() -> None:
    """Both at once; where it does not go on, or its wish is stated, only the text is read."""
    reader, read = FakeReader(FakeEncoder()), []

    class Noting:
        async def read(self, text: str, *, timeout_s: float) -> Reading:
            read.append(text)
            return await reader.read(text, timeout_s=timeout_s)

    understanding = Understanding(
        Noting(), KnowledgeSearch(knowledge()), Lexicon(), FakePictures(), Metrics(CollectorRegistry()), 0.5
    )
    both = await understanding.understand(said("and how long?", "m"), "en", going_on=lambda text, _: f"Invoice: {text}")
    assert read == ["and how long?", "Invoice: and how long?"]
    assert both.following
    assert both.following[0].article.id.startswith("invoice")
    read.clear()
    alone = await understanding.understand(said("and how long?", "m"), "en", going_on=lambda text, _: "")
    stated = await understanding.understand(said("hello", "m"), "en", going_on=lambda text, _: f"Invoice: {text}")
    assert (read, alone.following, stated.following) == (["and how long?"], None, None)
