"""Receipts, history, ratings and the life of a token, as pure decisions."""

from __future__ import annotations

import json
import math
import random

import pytest

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.edge.actions import Close, Fetch, HistoryPage, Offer, OpenUpstream, Send, Visitor
from gateway.edge.limits import Limits
from gateway.edge.session import Session
from servicekit.errors import unavailable
from tests.gateway.edge.test_session import ENDS_S, OPENED, Desk, Rig, entry, sent

pytestmark = pytest.mark.unit


def offered(actions: list[object]) -> list[object]:
    return [action.frame for action in actions if isinstance(action, Offer)]


def test_receipts_only_rise() -> None:
    """A lower or equal one is not passed on; what was read has arrived."""
    rig = Rig().live()
    assert offered(rig.say("receipt", delivered=3)) == [frames.ReceiptSignal(delivered=3, read=0)]
    assert offered(rig.say("receipt", read=5)) == [frames.ReceiptSignal(delivered=5, read=5)]
    assert rig.say("receipt", delivered=4, read=5) == []


def test_receipts_outlive_a_lost_orchestrator() -> None:
    """What was said while it was away, and what may have died on the way, is told on the next stream."""
    rig = Rig().live()
    rig.say("receipt", delivered=3)
    rig.lose()
    assert rig.say("receipt", read=2) == []
    assert offered(rig.hear(OPENED)) == [frames.ReceiptSignal(delivered=3, read=2)]


def test_receipts_of_a_lost_journal_are_forgotten() -> None:
    """Another epoch has other seqs."""
    rig = Rig()
    rig.say("hello", conversation="c1", epoch="e0", last_seq=9)
    rig.say("receipt", delivered=9)
    assert offered(rig.hear(OPENED)) == []


@pytest.mark.parametrize("event", [frames.Receipt(reader="assistant", delivered=1, read=1), frames.Queue(position=2)])
def test_news_of_the_other_side_pass(event: frames.AnyServerFrame) -> None:
    """Receipts and the line for a person go to the client as they come."""
    assert Rig().live().hear(event) == [Send(event)]


def test_history_is_fetched_and_answered() -> None:
    """The page comes back under the id of its question and moves no cursor."""
    rig = Rig().live()
    query = frames.HistoryQuery(history_id="h1", before_seq=9, limit=2)
    assert rig.say("history", history_id="h1", before_seq=9, limit=2) == [Fetch(query, "c1", 2)]
    page = HistoryPage((entry(7), entry(8)), has_more=True, epoch="e1")
    (answer,) = sent(rig.session.fetched(query, page))
    assert (answer.history_id, [one.seq for one in answer.entries], answer.has_more) == ("h1", [7, 8], True)
    assert rig.session.cursor.last_seq == 0
    assert rig.say("history", history_id="h2", before_seq=3) == [
        Fetch(frames.HistoryQuery(history_id="h2", before_seq=3), "c1", 50)
    ]


def test_history_needs_an_open_conversation() -> None:
    """A conversation that was only claimed in hello is not read; nor is one whose journal changed meanwhile."""
    rig = Rig()
    rig.say("hello", conversation="c-of-somebody-else")
    (error,) = sent(rig.say("history", history_id="h1", before_seq=9))
    assert (error.reason, error.history_id) == ("RECONNECTING", "h1")
    rig.hear(OPENED)
    query = frames.HistoryQuery(history_id="h1", before_seq=9)
    (stale,) = sent(rig.session.fetched(query, HistoryPage((), has_more=False, epoch="e0")))
    assert (stale.reason, stale.history_id) == ("RECONNECTING", "h1")
    (failed,) = sent(rig.session.not_fetched(query, unavailable("UNAVAILABLE", "x")))
    assert (failed.reason, failed.history_id, failed.retryable) == ("UNAVAILABLE", "h1", True)


def test_a_rating_is_offered_until_it_is_acknowledged() -> None:
    """Seq 0 is a rating's ack; a message of the same id is another matter."""
    rig = Rig().live()
    rating = frames.Rating(rating_id="r1", score=4, comment="ok")
    assert offered(rig.say("rating", rating_id="r1", score=4, comment="ok")) == [rating]
    rig.lose()
    assert offered(rig.hear(OPENED)) == [rating]
    ack = frames.Ack(client_msg_id="r1", seq=0, duplicate=True, turn="")
    assert rig.hear(ack) == [Send(ack)]
    rig.lose()
    assert offered(rig.hear(OPENED)) == []


def test_a_refused_rating_is_over() -> None:
    """An error with its id ends it like an ack."""
    rig = Rig().live()
    rig.say("rating", rating_id="r1", score=4)
    error = frames.Error(code=409, reason="X", message="x", retryable=False, trace_id="", client_msg_id="r1")
    rig.hear(error)
    rig.lose()
    assert offered(rig.hear(OPENED)) == []


def test_ratings_and_messages_have_ids_of_their_own() -> None:
    """While one waits, the other may not take its id: their acks could not be told apart."""
    rig = Rig().live()
    rig.say("message", client_msg_id="a", text="x")
    assert sent(rig.say("rating", rating_id="a", score=1))[0].reason == "MESSAGE_ID_CONFLICT"
    rig.say("rating", rating_id="b", score=1)
    assert sent(rig.say("message", client_msg_id="b", text="x"))[0].reason == "MESSAGE_ID_CONFLICT"


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "receipt"},
        {"type": "receipt", "read": -1},
        {"type": "rating", "rating_id": "r1", "score": 6},
        {"type": "rating", "rating_id": "r1", "score": 1, "comment": "x" * 1001},
        {"type": "history", "history_id": "h1", "before_seq": 0},
        {"type": "history", "history_id": "h1", "before_seq": 5, "limit": 101},
    ],
)
def test_bounds_are_kept(bad: dict[str, object]) -> None:
    """What breaks them is refused under its own id."""
    rig = Rig().live()
    (error,) = sent(rig.session.receive(json.dumps(bad), rig.now_s))
    assert error.reason == "INVALID_FRAME"
    assert (error.client_msg_id, error.history_id) == (bad.get("rating_id"), bad.get("history_id"))


def test_a_token_is_refreshed_in_place() -> None:
    """Without a token the edge makes one; with one it must be the same customer's."""
    rig = Rig().live()
    assert sent(rig.say("refresh")) == [frames.Refreshed(token="fresh", expires_at=int(2 * ENDS_S))]
    assert sent(rig.say("refresh", token="good")) == [frames.Refreshed(token="good", expires_at=int(ENDS_S))]
    assert sent(rig.say("refresh", token="bad"))[0].reason == "TOKEN_INVALID"
    assert rig.say("ping", t=1) == [Send(frames.ServerPong(t=1))]


def test_somebody_elses_token_is_refused() -> None:
    """The session goes on with the one it has."""

    class Crowd(Desk):
        def verify(self, token: str) -> Visitor:
            return Visitor(token, "default", 0.0, ENDS_S)

    session = Session(Limits(), Crowd(), random.Random(1), "trace", 0.0)
    session.receive('{"type":"hello","token":"kim"}', 0.0)
    (refused,) = session.receive('{"type":"refresh","token":"lee"}', 0.0)
    assert isinstance(refused, Send)
    assert isinstance(refused.frame, frames.Error)
    assert refused.frame.reason == "TOKEN_FORBIDDEN"
    assert session.visitor.subject == "kim"


def test_an_ending_token_is_told_once_and_then_ends_the_session() -> None:
    """A minute before: expiring. Half a minute after: 4403, unless it was refreshed."""
    rig = Rig(Limits(heartbeat_s=math.inf)).live()
    assert rig.session.due_at_s == ENDS_S - 60
    assert rig.session.tick(ENDS_S - 61) == []
    assert rig.session.tick(ENDS_S - 60) == [Send(frames.Expiring(expires_at=int(ENDS_S)))]
    assert rig.session.tick(ENDS_S) == []
    assert rig.session.due_at_s == ENDS_S + 30
    error, close = rig.session.tick(ENDS_S + 30)
    assert isinstance(error, Send)
    assert close == Close(CloseCode.FORBIDDEN, "TOKEN_EXPIRED")


def test_a_refreshed_session_lives_on() -> None:
    """The next warning belongs to the new token."""
    rig = Rig(Limits(heartbeat_s=math.inf)).live()
    rig.session.tick(ENDS_S - 60)
    rig.say("refresh")
    assert rig.session.tick(ENDS_S + 30) == []
    assert rig.session.tick(2 * ENDS_S - 60) == [Send(frames.Expiring(expires_at=int(2 * ENDS_S)))]


def test_a_token_is_measured_by_the_wall_clock() -> None:
    """The session's clock starts anywhere; tokens end in seconds since 1970."""
    session = Session(Limits(heartbeat_s=math.inf), Desk(), random.Random(1), "trace", 5.0, wall_ahead_s=ENDS_S - 100)
    assert session.receive('{"type":"hello"}', 5.0) == [OpenUpstream()]
    session.upstream(OPENED, session.generation, 5.0)
    assert session.tick(39.0) == []
    assert session.tick(40.0) == [Send(frames.Expiring(expires_at=int(ENDS_S)))]
