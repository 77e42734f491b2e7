"""The uploads of one connection, decided without a socket: what is asked, told, dropped."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import frames
from gateway.edge.actions import Action, AppendPart, Discard, Finish, Locate, Send, Suspend
from gateway.edge.uploads import MAX_AT_ONCE, Uploads
from gateway.errors import frame_of
from gateway.upload_frames import CHUNK_BYTES, Chunk, Upload, UploadCancel, decode_chunk, encode_chunk
from servicekit.errors import invalid, unavailable

pytestmark = pytest.mark.unit

VIEW = frames.ImageView(id="a" * 56, url="/u", thumb_url="/t", width=1, height=1, animated=False)


def upload(name: str = "u1", size: int = 100, **changes: Any) -> Upload:
    return Upload(**{"upload_id": name, "media_type": "image/png", "size": size, **changes})


def make() -> Uploads:
    return Uploads(lambda error: frame_of(error, "en", "trace"), life_s=60.0)


def begun(size: int = 100, offset: int = 0) -> Uploads:
    """With one upload that is located."""
    uploads = make()
    uploads.begin(upload(size=size), 0.0)
    uploads.located("u1", offset, 1000.0, 0.0)
    return uploads


def chunk(offset: int, size: int, name: str = "u1") -> Chunk:
    return Chunk(name, offset, b"x" * size)


def told(actions: list[Action]) -> list[frames.AnyServerFrame]:
    return [action.frame for action in actions if isinstance(action, Send)]


def reason(actions: list[Action]) -> str:
    (error,) = told(actions)
    assert isinstance(error, frames.Error)
    assert error.upload_id
    return error.reason


def test_what_was_held_back_is_told_when_its_time_comes() -> None:
    """A chunk right after another is not told of at once; if no more comes, it is told a moment later, and once."""
    uploads = begun(size=1000)
    assert uploads.due_at_s == float("inf")
    assert len(told(uploads.chunk(chunk(0, 100), 1.0))) == 1
    assert told(uploads.chunk(chunk(100, 100), 1.01)) == []
    assert told(uploads.tick(1.05)) == []
    assert uploads.due_at_s == pytest.approx(1.1)
    assert told(uploads.tick(1.1)) == [frames.UploadProgress(upload_id="u1", received=200, size=1000)]
    assert told(uploads.tick(2.0)) == []
    assert uploads.due_at_s == float("inf")


def test_a_fast_upload_is_told_by_bytes() -> None:
    """Whoever sends no more than half a mebibyte ahead never has to wait for time to pass."""
    uploads, offset, ahead = begun(size=4 * 1024 * 1024), 0, 0
    while offset < 4 * 1024 * 1024:
        size = min(CHUNK_BYTES, 4 * 1024 * 1024 - offset)
        ahead = 0 if told(uploads.chunk(chunk(offset, size), 1.0)) else ahead + size
        assert ahead < 512 * 1024 - CHUNK_BYTES
        offset += size


def test_a_picture_in_three_chunks() -> None:
    """Located, told where to begin, taken in order, finished once, told."""
    uploads = make()
    assert uploads.begin(upload(), 0.0) == [Locate(upload())]
    (ready,) = told(uploads.located("u1", 0, 1000.0, 0.0))
    assert ready == frames.UploadReady(upload_id="u1", offset=0, chunk_bytes=CHUNK_BYTES, expires_at=1060)
    assert uploads.chunk(chunk(0, 40), 0.0)[0] == AppendPart("u1", b"x" * 40)
    assert told(uploads.chunk(chunk(40, 40), 0.01)) == [], "progress is told ten times a second at most"
    last = uploads.chunk(chunk(80, 20), 0.02)
    assert told(last) == [frames.UploadProgress(upload_id="u1", received=100, size=100)]
    assert last[-1] == Finish("u1")
    assert told(uploads.finished("u1", VIEW)) == [frames.UploadDone(upload_id="u1", image=VIEW)]
    assert len(uploads) == 0


def test_a_resumed_upload_goes_on_and_a_whole_one_is_finished() -> None:
    """From the offset that the store has; with nothing left to send, without a chunk."""
    uploads = begun(offset=60)
    assert isinstance(uploads.chunk(chunk(60, 40), 0.0)[-1], Finish)
    whole = make()
    whole.begin(upload(), 0.0)
    assert whole.located("u1", 100, 1000.0, 0.0)[-1] == Finish("u1")


@pytest.mark.parametrize("offset", [0, 39, 41, 2**63])
def test_a_chunk_that_belongs_elsewhere_is_dropped_and_told_once_a_second(offset: int) -> None:
    """However many were sent before the client could know."""
    uploads = begun()
    uploads.chunk(chunk(0, 40), 0.0)
    (ready,) = told(uploads.chunk(chunk(offset, 10), 0.5))
    assert isinstance(ready, frames.UploadReady)
    assert ready.offset == 40
    assert uploads.chunk(chunk(offset, 10), 0.6) == []
    assert len(told(uploads.chunk(chunk(offset, 10), 1.6))) == 1
    assert uploads.chunk(chunk(40, 10), 1.7)[0] == AppendPart("u1", b"x" * 10)


def test_more_than_was_announced_ends_it() -> None:
    """A typed error, everything dropped; what was under way meanwhile is let pass."""
    uploads = begun()
    over = uploads.chunk(chunk(0, 101), 0.0)
    assert (over[0], reason(over)) == (Discard("u1"), "PICTURE_TOO_LARGE")
    assert uploads.chunk(chunk(101, 10), 0.0) == []


def test_a_chunk_of_nothing_known_is_an_error() -> None:
    """UPLOAD_NOT_FOUND; one whose place is still looked up is dropped."""
    uploads = make()
    assert reason(uploads.chunk(chunk(0, 5), 0.0)) == "UPLOAD_NOT_FOUND"
    uploads.begin(upload(), 0.0)
    assert uploads.chunk(chunk(0, 5), 0.0) == []


def test_the_same_again_is_where_it_is_and_something_else_is_a_conflict() -> None:
    """On one connection an id stands for one picture at a time."""
    uploads = begun()
    uploads.chunk(chunk(0, 40), 0.0)
    (ready,) = told(uploads.begin(upload(), 0.0))
    assert isinstance(ready, frames.UploadReady)
    assert ready.offset == 40
    assert reason(uploads.begin(upload(size=99), 0.0)) == "UPLOAD_CONFLICT"
    uploads.chunk(chunk(40, 60), 0.0)
    assert uploads.begin(upload(), 0.0) == [], "its end is told soon"


def test_few_at_once() -> None:
    """One more waits until one is over."""
    uploads = make()
    for number in range(MAX_AT_ONCE):
        uploads.begin(upload(f"u{number}"), 0.0)
    assert reason(uploads.begin(upload("more"), 0.0)) == "RATE_LIMITED"
    uploads.cancel(UploadCancel(upload_id="u0"))
    assert uploads.begin(upload("more"), 0.0) == [Locate(upload("more"))]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"size": 5 * 1024 * 1024 + 1}, "PICTURE_TOO_LARGE"),
        ({"size": 2**53 - 1}, "PICTURE_TOO_LARGE"),
        ({"media_type": "image/heic"}, "PICTURE_TYPE_HEIF"),
        ({"media_type": "IMAGE/AVIF"}, "PICTURE_TYPE_HEIF"),
        ({"media_type": "image/svg+xml"}, "PICTURE_TYPE_UNSUPPORTED"),
        ({"media_type": ""}, "PICTURE_TYPE_UNSUPPORTED"),
    ],
)
def test_what_cannot_become_a_picture_is_refused_before_a_byte(changes: dict[str, Any], expected: str) -> None:
    """By what is said of it."""
    assert reason(make().begin(upload(**changes), 0.0)) == expected


def test_a_cancel_is_answered_always() -> None:
    """Also of what another connection began, and twice; a result that comes late says nothing."""
    uploads = begun()
    for name in ("u1", "u1", "never"):
        cancelled = uploads.cancel(UploadCancel(upload_id=name))
        assert cancelled == [Discard(name), Send(frames.UploadCancelled(upload_id=name))]
    assert uploads.finished("u1", VIEW) == []
    assert uploads.failed("u1", invalid("PICTURE_BROKEN", "x")) == []
    assert uploads.located("u1", 5, 0.0, 0.0) == []


def test_a_failure_keeps_what_may_go_better_later() -> None:
    """Retryable: left in the store; else removed."""
    later = begun().failed("u1", unavailable("STORE_UNAVAILABLE", "x", retry_after_s=2.0))
    assert (later[0], reason(later)) == (Suspend("u1"), "UNAVAILABLE")
    never = begun().failed("u1", invalid("PICTURE_BROKEN", "x"))
    assert (never[0], reason(never)) == (Discard("u1"), "PICTURE_BROKEN")


def test_an_upload_that_rests_too_long_is_over() -> None:
    """A late chunk is not joined to what the store has dropped; it can be begun anew."""
    uploads = begun()
    uploads.chunk(chunk(0, 40), 0.0)
    late = uploads.chunk(chunk(40, 10), 61.0)
    assert (late[0], reason(late)) == (Discard("u1"), "UPLOAD_NOT_FOUND")
    uploads = begun()
    assert uploads.begin(upload(), 61.0) == [Discard("u1"), Locate(upload())]


def test_only_whole_chunks_in_their_place_are_free() -> None:
    """A million chunks of a byte each cost as many frames."""
    uploads = begun(size=100_000)
    assert uploads.takes(chunk(0, CHUNK_BYTES))
    assert not uploads.takes(chunk(0, 1))
    assert not uploads.takes(chunk(1, CHUNK_BYTES))
    assert not uploads.takes(chunk(0, CHUNK_BYTES, "other"))
    assert begun(size=10).takes(chunk(0, 10)), "the last may be as short as it is"


@given(st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True), st.integers(0, 2**64 - 1), st.binary(min_size=1))
def test_a_chunk_is_read_as_it_was_written(name: str, offset: int, data: bytes) -> None:
    """Every id, offset and content."""
    assert decode_chunk(encode_chunk(Chunk(name, offset, data))) == Chunk(name, offset, data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_chunk_or_nothing(data: bytes) -> None:
    """Never an exception; what is read is in bounds."""
    found = decode_chunk(data)
    assert found is None or encode_chunk(found) == data


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x01",
        b"\x02\x01a" + bytes(8) + b"x",
        b"\x01\x00" + bytes(8) + b"x",
        b"\x01\x01a" + bytes(8),
        b"\x01\x01a" + bytes(5),
        b"\x01\x01/" + bytes(8) + b"x",
        b"\x01\x41" + b"a" * 65 + bytes(8) + b"x",
        b"\x01\x01a" + bytes(8) + b"x" * (CHUNK_BYTES + 1),
    ],
)
def test_a_frame_out_of_shape_is_no_chunk(frame: bytes) -> None:
    """Another version, no id, no offset, no bytes, too many."""
    assert decode_chunk(frame) is None
