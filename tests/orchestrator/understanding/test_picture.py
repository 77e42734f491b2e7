"""What the models say of a picture becomes what is believed of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from orchestrator.journal.entries import Emotion, ImageSeen
from orchestrator.understanding.picture import NOTHING, READING, SEEING, Sureness, TritonPictures, interpret
from servicekit.resilience import CircuitBreaker

pytestmark = pytest.mark.unit


def seen(confidence: tuple[float, float] = (0.9, 0.9), anger: float = 0.8) -> dict[str, Any]:
    emotion = np.full(9, (1 - anger) / 8, np.float32)
    emotion[list(Emotion).index(Emotion.ANGER)] = anger
    return {
        "CAPTION": np.array([b"a crying cat", "一只哭泣的猫".encode()], dtype=object),
        "CONFIDENCE": np.array(confidence, np.float32),
        "EMOTION": emotion,
        "POLARITY": np.array([0.1, 0.1, 0.8], np.float32),
        "JOINT_EMBEDDING": np.full(256, 1 / 16, np.float32),
    }


def words(text: str) -> dict[str, Any]:
    return {"TEXT": np.array([text.encode()], dtype=object), "CONFIDENCE": np.array([0.9], np.float32)}


def test_everything_is_joined() -> None:
    """Caption in both languages, emotion by the fixed order, polarity, embedding and words."""
    what = interpret(seen(), words(" 订单 88\n未发货 "), Sureness())
    assert what.caption == {"en": "a crying cat", "zh": "一只哭泣的猫"}
    assert (what.emotion, what.polarity, what.words) == (Emotion.ANGER, "negative", "订单 88\n未发货")
    assert len(what.embedding) == 256
    assert what.record() == ImageSeen(
        caption_en="a crying cat", caption_zh="一只哭泣的猫", words="订单 88\n未发货", emotion=Emotion.ANGER
    )


def test_what_is_not_sure_is_left_out() -> None:
    """A caption by its language, an emotion with its polarity; the embedding stays."""
    what = interpret(seen((0.9, 0.2), anger=0.3), {}, Sureness())
    assert what.caption == {"en": "a crying cat"}
    assert (what.emotion, what.polarity, what.words) == (None, "", "")
    assert what.embedding


@pytest.mark.parametrize("said", ["HE 0123 4567 89", "Sorted out for you:\n" + "one line of a long letter\n" * 4])
def test_a_picture_of_text_is_not_taken_for_a_drawing(said: str) -> None:
    """A label's number or a page of words is what a picture is about, whatever a model of drawings sees in it."""
    what = interpret(seen(), words(said), Sureness())
    assert (what.caption, what.emotion) == ({}, None)
    assert what.words == said.strip()


@pytest.mark.parametrize(
    ("sight", "read", "known"), [({}, words("hi"), True), ({}, {}, False), ({}, words("  "), False)]
)
def test_a_model_that_is_away_leaves_the_other(sight: dict[str, Any], read: dict[str, Any], known: bool) -> None:
    """Each part stands for itself."""
    assert interpret(sight, read, Sureness()).known is known


def test_another_versions_tensors_are_refused() -> None:
    """Rather than read wrongly."""
    with pytest.raises(ValueError, match="shapes"):
        interpret({**seen(), "EMOTION": np.zeros(7, np.float32)}, {}, Sureness())


@pytest.mark.parametrize("number", [np.nan, np.inf, 0.0])
def test_an_embedding_without_direction_is_left_out(number: float) -> None:
    """It would poison a search."""
    assert interpret({**seen(), "JOINT_EMBEDDING": np.full(256, number, np.float32)}, {}, Sureness()).embedding == ()


def test_an_embedding_has_length_one() -> None:
    """Whatever the model's rounding."""
    what = interpret({**seen(), "JOINT_EMBEDDING": np.full(256, 3, np.float32)}, {}, Sureness())
    assert sum(number * number for number in what.embedding) == pytest.approx(1.0)


@pytest.mark.parametrize("preview", [b"", b"\xff\xd8\xff"])
async def test_a_server_that_is_away_is_nothing_seen(preview: bytes) -> None:
    """No preview asks nobody; no server degrades both parts, opens the breakers, and fails nothing."""
    told: list[str] = []
    breakers = {model: CircuitBreaker(model, failure_threshold=1) for model in (SEEING, READING)}
    pictures = TritonPictures("127.0.0.1:1", breakers, Sureness(budget_s=5.0), told.append)
    assert await pictures.look(preview) == NOTHING
    assert await pictures.look(preview) == NOTHING
    await pictures.close()
    assert sorted(told) == ([READING, READING, SEEING, SEEING] if preview else [])
