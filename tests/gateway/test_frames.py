"""Reading client frames: anything gives a frame within its bounds or a typed complaint."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import frames
from gateway.errors import REASON_CODES
from tests.fuzz import examples
from tests.gateway.client import CONTRACT

pytestmark = pytest.mark.unit

# A final newline is left out: Python's "$" matches before it, that of JSON Schema (ECMA 262) does not.
_TEXT = st.text(max_size=80).map(lambda text: text.rstrip("\n"))
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
_KINDS = sorted(CONTRACT.types("receive"))
_FIELDS = sorted({name for kind in _KINDS for name in CONTRACT.schema("receive", kind)["properties"]} - {"type"})


@settings(max_examples=examples(100), deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300))
def test_anything_is_a_frame_or_a_complaint(data: str | bytes) -> None:
    """No other exception leaves `decode`."""
    complaint = ""
    try:
        frames.decode(data)
    except frames.BadFrame as bad:
        complaint = bad.reason
    assert complaint in {"", *REASON_CODES}


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from(_KINDS), st.dictionaries(st.sampled_from(_FIELDS), _VALUES, max_size=5))
def test_the_edge_and_the_document_agree_on_what_is_good(kind: str, fields: dict[str, Any]) -> None:
    """What the document allows is taken, and what is taken the document allows."""
    frame = {"type": kind, **{name: value for name, value in fields.items() if value is not None}}
    try:
        frames.decode(json.dumps(frame))
        taken = True
    except frames.BadFrame:
        taken = False
    try:
        CONTRACT.check("receive", frame)
        allowed = True
    except Exception:
        allowed = False
    if kind == "message" and isinstance(frame.get("text"), str) and not frame["text"].strip():
        allowed = False  # "not blank" is in the document's words only
    assert taken == allowed, frame


@pytest.mark.parametrize("kind", _KINDS)
def test_unknown_fields_are_ignored(kind: str) -> None:
    """A newer client may say more."""
    samples: dict[str, dict[str, Any]] = {
        "message": {"client_msg_id": "m", "text": "x"},
        "suggest": {"suggest_id": "s", "text": ""},
        "typing": {"active": True},
        "resume": {"conversation": "c", "last_seq": 0, "epoch": "e"},
        "feedback": {"sticker": "p/n", "kind": "clicked", "position": 0},
        "ping": {"t": 1},
        "pong": {"t": 1},
        "receipt": {"read": 1},
        "history": {"history_id": "h", "before_seq": 1},
        "rating": {"rating_id": "r", "score": 5},
        "upload": {"upload_id": "u", "media_type": "image/png", "size": 1},
        "upload_cancel": {"upload_id": "u"},
    }
    frame = {"type": kind, **samples.get(kind, {}), "of_tomorrow": {"x": [1]}}
    assert frames.decode(json.dumps(frame)).__struct_config__.tag == kind


def test_absent_fields_are_left_out() -> None:
    """No nulls on the wire; false and 0 stay."""
    text = frames.encode(frames.Typing(author="agent", active=False))
    assert msgspec.json.decode(text) == {"type": "typing", "author": "agent", "active": False}
