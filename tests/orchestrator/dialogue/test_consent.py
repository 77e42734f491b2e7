"""Yes, no and giving up, in words, emoji and stickers."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.consent import consent, gives_up, said_yes
from orchestrator.journal.entries import Emotion
from orchestrator.understanding.utterance import Utterance
from tests.fakes import sticker

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "Yes please!",
        "ok, go ahead",
        "sure",
        "that's right",
        "好的",
        "嗯嗯可以",
        "对，帮我取消吧",
        "确认",
        "可以，麻烦办理一下",
        "👍",
        "✅",
    ],
)
def test_yes(text: str) -> None:
    """People agree in many ways."""
    assert said_yes(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "not yet",
        "No, wait",
        "不用了",
        "先不要",
        "不是",
        "等等",
        "👎",
        "never mind",
        "算了",
    ],
)
def test_no(text: str) -> None:
    """And refuse in as many."""
    assert said_yes(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "ok but make it four",
        "yes?",
        "可以退吗",
        "how long does it take",
        "",
        "    ",
        "damaged",
        "是不是很贵",
        "x" * 4000,
    ],
)
def test_neither(text: str) -> None:
    """A condition, a question or something else is no answer: nothing is done on it."""
    assert said_yes(text) is None


@pytest.mark.parametrize("text", ["never mind", "forget it", "算了算了", "先不退了", "cancel this request", "不弄了"])
def test_giving_up(text: str) -> None:
    """What is being done is left."""
    assert gives_up(text)


@pytest.mark.parametrize("text", ["I changed my mind", "cancel my order", "取消订单", "不想要了"])
def test_a_reason_is_not_giving_up(text: str) -> None:
    """A wish or a reason is not taken for leaving it."""
    assert not gives_up(text)


@pytest.mark.parametrize(
    ("emoji", "emotion", "answer"),
    [
        ("👍", None, True),
        ("👎", None, False),
        ("🐱", Emotion.JOY, True),
        ("🐱", Emotion.ANGER, None),
        ("🐱", None, None),
    ],
)
def test_stickers_answer_too(emoji: str, emotion: Emotion | None, answer: bool | None) -> None:
    """By their emoji, else by what they express; anger agrees to nothing."""
    shown = sticker(emotion=emotion or Emotion.NEUTRAL)
    shown = type(shown)(id=shown.id, emoji=emoji, emotion=emotion)
    assert consent(Utterance("alt", "en", sticker=shown)) is answer
