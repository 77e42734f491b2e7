"""What a conversation remembers between turns."""

from __future__ import annotations

import pytest

from orchestrator.dialogue.state import DialogueState, FormPosition, decode_state, encode_state
from orchestrator.journal.entries import Emotion
from orchestrator.understanding.utterance import Utterance

pytestmark = pytest.mark.unit


def test_it_survives_the_store() -> None:
    """Encoded and decoded it is the same."""
    state = DialogueState("refund_status", {"order": "P1"}, FormPosition("return", "reason"), (Emotion.ANGER,), 1)
    assert decode_state(encode_state(state)) == state


@pytest.mark.parametrize("raw", [b"", b"{", b'{"emotions": ["glee"]}', b"[]"])
def test_what_cannot_be_read_is_a_new_state(raw: bytes) -> None:
    """None, broken, or of another version: the dialogue begins anew rather than fails."""
    assert decode_state(raw) == DialogueState()


def test_the_intent_stays_through_small_talk() -> None:
    """Thanks do not make it forget what it is about."""
    state = DialogueState().heard(Utterance("x", "en", intent="refund_status"))
    assert state.heard(Utterance("thanks", "en", intent="thanks")).intent == "refund_status"


def test_the_mood_has_a_trend() -> None:
    """It notices when it falls, and forgets what is long ago."""
    state = DialogueState()
    for emotion in (Emotion.JOY, Emotion.ANGER):
        state = state.heard(Utterance("x", "en", emotion=emotion))
    assert state.worsening
    for _ in range(10):
        state = state.heard(Utterance("x", "en", emotion=Emotion.ANGER))
    assert not state.worsening
    assert len(state.emotions) == 6


def test_shown_stickers_are_remembered_for_a_while() -> None:
    """The newest stay."""
    state = DialogueState()
    for number in range(30):
        state = state.showed((f"p/{number}",))
    assert state.shown_stickers[-1] == "p/29"
    assert len(state.shown_stickers) == 24
