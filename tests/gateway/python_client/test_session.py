"""The client's decisions without a socket."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.client.closing import Verdict, delay_s, verdict_of
from gateway.client.events import Acknowledged, Draft, Entry
from gateway.client.session import Session
from gateway.client.upload import Transfer

pytestmark = pytest.mark.unit

_HEAD = {"conversation": "c", "epoch": "e", "last_seq": 0, "heartbeat_s": 25, "token": "t", "resumed": False}


def online(restored: list[dict[str, Any]] | None = None) -> Session:
    """A session that is caught up."""
    session = Session(restored or [], lambda: 0.5)
    session.hello("en", "tests")
    session.receive({"type": "welcome", **_HEAD, "language": "en", "state": "open"}, 0.0)
    session.receive({"type": "caught_up", "last_seq": 0}, 0.0)
    return session


def entry(seq: int, **more: Any) -> dict[str, Any]:
    """An entry of the assistant."""
    return {"type": "entry", "seq": seq, "at": "2026-01-01T00:00:00Z", "author": "assistant", "text": f"n{seq}"} | more


def seqs(session: Session) -> list[int]:
    """The entries that were told."""
    return [event.seq for event in session.heard if isinstance(event, Entry)]


def test_a_hole_is_asked_for_once_and_then_ends_the_connection() -> None:
    """The entry behind it waits for the replay."""
    session = online()
    session.receive(entry(1), 0.0)
    session.receive(entry(3), 0.0)
    assert seqs(session) == [1]
    assert [frame for frame in session.send if frame["type"] == "resume"] == [
        {"type": "resume", "conversation": "c", "last_seq": 1, "epoch": "e"}
    ]
    session.receive(entry(3), 0.0)
    assert session.broken


def test_pieces_of_an_older_attempt_are_void() -> None:
    """A higher attempt begins the answer again; what is out of place is not shown."""
    session = online()
    for attempt, index, text in ((1, 0, "a"), (1, 1, "b"), (2, 0, "x"), (1, 2, "c"), (2, 2, "z"), (2, 1, "y")):
        session.receive({"type": "delta", "turn": "t", "attempt": attempt, "index": index, "text": text}, 0.0)
    assert [event.text for event in session.heard if isinstance(event, Draft)] == ["a", "ab", "x", "xy"]


def test_messages_go_one_at_a_time_and_again_when_no_ack_comes() -> None:
    """The second waits for the first's ack; silence sends the same again."""
    session = online([{"type": "message", "client_msg_id": "a", "text": "1"}])
    session.outbox.add({"type": "message", "client_msg_id": "b", "text": "2"})
    assert [frame["client_msg_id"] for frame in session.send] == ["a"]
    session.tick(1.0)
    session.tick(30.0)
    assert [frame["client_msg_id"] for frame in session.send] == ["a", "a"]
    session.receive({"type": "ack", "client_msg_id": "a", "seq": 1, "duplicate": True, "turn": "t1"}, 31.0)
    assert [frame["client_msg_id"] for frame in session.send] == ["a", "a", "b"]
    assert session.settled == ["a"]


def test_an_unknown_or_half_frame_changes_nothing() -> None:
    """Frames of a newer server are ignored."""
    session = online()
    before = (session.last_seq, len(session.send), len(session.heard))
    for frame in ({"type": "hologram"}, {"type": None}, {"nothing": 1}):
        session.receive(frame, 0.0)
    assert (session.last_seq, len(session.send), len(session.heard)) == before


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["message", "drop", "deliver", "lose_ack", "repeat", "refuse"]), max_size=40))
def test_any_order_of_drops_and_repeats_loses_nothing(steps: list[str]) -> None:
    """A server that keeps each id once ends with every message once, in the order of writing."""
    session = online()
    journal: list[str] = []
    now, number = 0.0, 0

    def deliver(*, ack: bool) -> None:
        for frame in [frame for frame in session.send if frame["type"] == "message"]:
            session.send.remove(frame)
            identity = frame["client_msg_id"]
            if identity not in journal:
                journal.append(identity)
            place = {"seq": journal.index(identity) + 1, "duplicate": False, "turn": ""}
            if ack:
                session.receive({"type": "ack", "client_msg_id": identity, **place}, now)

    for step in [*steps, *(["deliver"] * (len(steps) + 1))]:
        now += 100.0
        if step == "message":
            number += 1
            session.outbox.add({"type": "message", "client_msg_id": f"m{number}", "text": "x"})
        elif step == "drop":
            session.lost()
            session.caught_up = True
        elif step == "refuse" and session.send:
            fault = {"code": 503, "reason": "UNAVAILABLE", "message": "later", "retryable": True, "trace_id": ""}
            session.receive({"type": "error", **fault, "client_msg_id": session.send[0].get("client_msg_id")}, now)
            session.send.clear()
        session.tick(now)
        if step in ("deliver", "repeat", "lose_ack"):
            deliver(ack=step != "lose_ack")
    assert journal == [f"m{place + 1}" for place in range(number)]
    assert len(session.outbox) == 0


def test_an_ack_after_its_entry_is_told_with_its_turn() -> None:
    """Who waits for the turn hears of it, whichever came first."""
    session = online([{"type": "message", "client_msg_id": "a", "text": "1"}])
    session.receive(entry(1, author="customer", client_msg_id="a"), 0.0)
    session.receive({"type": "ack", "client_msg_id": "a", "seq": 1, "duplicate": False, "turn": "t1"}, 0.0)
    assert [event.turn for event in session.heard if isinstance(event, Acknowledged)] == ["", "t1"]


@given(size=st.integers(1, 200_000), chunk=st.integers(1000, 65_536), wrong=st.integers(0, 200_000))
@settings(max_examples=60, deadline=None)
def test_pieces_make_the_picture_from_wherever_the_server_wants(size: int, chunk: int, wrong: int) -> None:
    """A server that asks to go back gets the exact bytes."""
    data = bytes(place % 251 for place in range(size))
    transfer = Transfer(data, "image/png")
    got = bytearray()

    def take(pieces: list[bytes]) -> None:
        for piece in pieces:
            identity = piece[2 : 2 + piece[1]].decode()
            offset = int.from_bytes(piece[2 + piece[1] : 10 + piece[1]], "big")
            assert identity == transfer.id
            if offset == len(got):
                got.extend(piece[10 + piece[1] :])

    take(list(transfer.ready(0, chunk))[:1])
    del got[min(wrong, len(got)) :]
    take(list(transfer.ready(len(got), chunk)))
    for _ in range(len(data) // chunk + 2):
        take(list(transfer.progress(len(got))))
    assert bytes(got) == data


def test_close_codes_mean_what_the_protocol_says() -> None:
    """Reconnect, renew or stop; a drain's hint and too many frames are waited for."""
    assert [verdict_of(code) for code in (1006, 1012, 4409, 4410, 4403, 4401, 1000)] == [
        *[Verdict.RECONNECT] * 4, Verdict.RENEW, Verdict.STOP, Verdict.STOP,
    ]  # fmt: skip
    assert delay_s(0, 1012, "retry_after_ms=1500", lambda: 0.0) == 1.5
    assert delay_s(0, 4429, "", lambda: 0.0) == 5.0
    assert delay_s(50, 1006, "", lambda: 1.0) == 20.0
