"""Whatever a client sends, the session answers in documented frames, or closes; it never breaks."""

from __future__ import annotations

import json
import random
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import frames
from gateway.edge.actions import Close, Opened, Send
from gateway.edge.limits import Limits
from gateway.edge.session import Session, State
from tests.fuzz import examples
from tests.gateway.client import CONTRACT
from tests.gateway.edge.test_session import Desk

pytestmark = pytest.mark.unit

LIMITS = Limits(frames_per_s=1e9, frame_burst=10**9, max_strikes=5)
TYPES = sorted(kind.__struct_config__.tag for kind in get_args(frames.AnyClientFrame))
FIELDS = sorted({field for kind in get_args(frames.AnyClientFrame) for field in kind.__struct_fields__})
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.integers(-1, 101), st.floats(allow_nan=False))
WORDS = st.one_of(st.text(max_size=80), st.sampled_from(["good", "c1", "e1", "h1", "clicked", "noto-emoji/1f600", ""]))
ANY = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3)),
    max_leaves=4,
)
FRAME = st.fixed_dictionaries({"type": st.sampled_from(TYPES)}, optional=dict.fromkeys(FIELDS, ANY))
DATA = st.one_of(FRAME.map(json.dumps), st.text(max_size=200), ANY.map(json.dumps))


def take(actions: Any) -> None:
    for action in actions:
        if isinstance(action, Send):
            CONTRACT.check("send", json.loads(frames.encode(action.frame)))


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.one_of(DATA, st.binary(max_size=100)), max_size=12), st.booleans())
def test_any_input_is_answered_in_documented_frames(inputs: list[str | bytes], live: bool) -> None:
    """Before hello and after; text and binary; until the session closes."""
    session = Session(LIMITS, Desk(), random.Random(1), "trace", 0.0)
    if live:
        session.receive('{"type":"hello"}', 0.0)
        session.upstream(Opened("c1", "e1", 0, "open", "en", False), session.generation, 0.0)
    for data in inputs:
        closed = session.state is State.CLOSED
        actions = session.receive(data, 0.0) if isinstance(data, str) else session.receive_binary(data, 0.0)
        take(actions)
        assert not (closed and actions), "what is closed stays silent"
        assert (session.state is State.CLOSED) == (closed or any(isinstance(one, Close) for one in actions))
