"""The edge session as pure decisions."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.edge.actions import Action, Close, Offer, Opened, OpenUpstream, Send, Visitor
from gateway.edge.limits import Limits
from gateway.edge.session import Session, State
from servicekit.errors import ServiceError, exhausted, forbidden, internal, unauthenticated, unavailable

pytestmark = pytest.mark.unit

OPENED = Opened(conversation="c1", epoch="e1", last_seq=0, state="open", language="en", resumed=False)
ENDS_S = 1_000_000.0
LOST = unavailable("UNAVAILABLE", "gone")


class Desk:
    """Knows one token, and its successor."""

    def issue(self) -> tuple[str, Visitor]:
        return "good", Visitor("v1", "default", 0.0, ENDS_S)

    def verify(self, token: str) -> Visitor:
        if token != "good":
            raise unauthenticated("TOKEN_INVALID", "no")
        return self.issue()[1]

    def refresh(self, token: str, visitor: Visitor) -> str:
        return token

    def spend(self, visitor: Visitor) -> float:
        return 0.0

    def renew(self, visitor: Visitor) -> tuple[str, Visitor]:
        return "fresh", Visitor(visitor.subject, visitor.tenant, ENDS_S, 2 * ENDS_S)


class Rig:
    """A session with a clock."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.now_s = 1000.0
        self.session = Session(limits or Limits(), Desk(), random.Random(1), "trace", self.now_s)

    def say(self, kind: str, **fields: Any) -> list[Action]:
        return self.session.receive(json.dumps({"type": kind, **fields}), self.now_s)

    def hear(self, event: Any) -> list[Action]:
        return list(self.session.upstream(event, self.session.generation, self.now_s))

    def lose(self, error: ServiceError = LOST) -> list[Action]:
        return self.session.upstream_lost(error, self.session.generation, self.now_s)

    def live(self, **hello: Any) -> Rig:
        self.say("hello", **hello)
        self.hear(OPENED)
        self.hear(frames.CaughtUp(last_seq=0))
        assert self.session.state is State.LIVE
        return self


def sent(actions: list[Action]) -> list[Any]:
    return [action.frame for action in actions if isinstance(action, Send)]


def entry(seq: int, **fields: Any) -> frames.Entry:
    return frames.Entry(seq=seq, at="2026-01-01T00:00:00Z", author=fields.pop("author", "customer"), **fields)


def delta(index: int, attempt: int = 1, turn: str = "t1") -> frames.Delta:
    return frames.Delta(turn=turn, attempt=attempt, index=index, text=str(index))


def test_hello_opens_and_welcome_follows() -> None:
    """Hello asks for the stream; opened becomes welcome; caught_up passes once."""
    rig = Rig()
    assert rig.say("hello", locale="zh") == [OpenUpstream()]
    assert rig.session.open_request().customer == "v1"
    (welcome,) = sent(rig.hear(OPENED))
    assert (welcome.conversation, welcome.token, welcome.heartbeat_s) == ("c1", "good", 25.0)
    assert sent(rig.hear(frames.CaughtUp(last_seq=0))) == [frames.CaughtUp(last_seq=0)]
    assert sent(rig.hear(frames.CaughtUp(last_seq=0))) == []


def test_last_seq_counts_only_with_its_epoch() -> None:
    """Numbers without an epoch mean nothing."""
    rig = Rig()
    rig.say("hello", last_seq=9)
    assert rig.session.open_request().last_seq == 0
    rig = Rig()
    rig.say("hello", last_seq=9, epoch="e1", conversation="c1")
    assert (rig.session.open_request().last_seq, rig.session.open_request().epoch) == (9, "e1")


def test_another_epoch_voids_the_clients_numbers() -> None:
    """Even when the orchestrator forgets to send the gap, entries from 1 reach the client."""
    rig = Rig()
    rig.say("hello", last_seq=9, epoch="e0", conversation="c1")
    rig.hear(OPENED)
    assert [frame.seq for frame in sent(rig.hear(entry(1)) + rig.hear(entry(2)))] == [1, 2]


def test_messages_before_the_stream_is_open_are_offered_after() -> None:
    """In the order in which they came, once."""
    rig = Rig()
    rig.say("hello")
    assert rig.say("message", client_msg_id="a", text="1") == []
    assert rig.say("message", client_msg_id="b", text="2") == []
    offers = [action.frame.client_msg_id for action in rig.hear(OPENED) if isinstance(action, Offer)]  # type: ignore[union-attr]
    assert offers == ["a", "b"]


def test_only_unacknowledged_messages_are_offered_again() -> None:
    """Acked and refused ones are settled; the others go up again after each loss."""
    rig = Rig().live()
    for name in "abc":
        rig.say("message", client_msg_id=name, text=name)
    rig.hear(frames.Ack(client_msg_id="a", seq=1, duplicate=False, turn="t1"))
    rig.hear(
        frames.Error(code=404, reason="STICKER_NOT_FOUND", message="", retryable=False, trace_id="", client_msg_id="b")
    )
    for _ in range(2):
        assert isinstance(rig.lose()[0], OpenUpstream)
        offers = [action for action in rig.hear(OPENED) if isinstance(action, Offer)]
        assert [offer.frame.client_msg_id for offer in offers] == ["c"]  # type: ignore[union-attr]


def test_a_reconnect_says_nothing_to_the_client() -> None:
    """No second welcome, no second caught_up, no entry twice."""
    rig = Rig().live()
    rig.hear(entry(1))
    rig.lose()
    assert rig.session.open_request().last_seq == 1
    assert sent(rig.hear(OPENED)) == []
    assert sent(rig.hear(entry(1))) == []
    assert sent(rig.hear(frames.CaughtUp(last_seq=1))) == []
    assert sent(rig.hear(entry(2))) == [entry(2)]


def test_a_hole_asks_for_a_replay() -> None:
    """An entry beyond the next is not passed on; the stream is opened again from where the client stands."""
    rig = Rig().live()
    rig.hear(entry(1))
    before = rig.session.generation
    assert rig.hear(entry(3)) == [OpenUpstream()]
    assert rig.session.open_request().last_seq == 1
    assert list(rig.session.upstream(entry(2), before, rig.now_s)) == []
    rig.hear(OPENED)
    assert [frame.seq for frame in sent(rig.hear(entry(2)) + rig.hear(entry(3)))] == [2, 3]


def test_backoff_grows_and_heeds_retry_after() -> None:
    """Full jitter below a rising cap; never sooner than the orchestrator asks."""
    rig = Rig(Limits(reconnect_base_s=0.1, reconnect_cap_s=3.0)).live()
    for attempt in range(12):
        (action,) = rig.lose()
        assert isinstance(action, OpenUpstream)
        assert 0.0 <= action.delay_s <= min(3.0, 0.1 * 2**attempt)
    (action,) = rig.lose(unavailable("DRAINING", "later", retry_after_s=7.0))
    assert isinstance(action, OpenUpstream)
    assert action.delay_s == 7.0


@pytest.mark.parametrize(
    ("error", "close"),
    [
        (forbidden("CONVERSATION_FORBIDDEN", "no"), CloseCode.FORBIDDEN),
        (exhausted("TOO_SLOW", "no"), CloseCode.RATE_LIMITED),
        (unauthenticated("NO_CERTIFICATE", "no"), CloseCode.UNAVAILABLE),
    ],
)
def test_some_losses_are_for_good(error: ServiceError, close: CloseCode) -> None:
    """An error frame, then the close; nothing after it has any effect."""
    rig = Rig().live()
    told, end = rig.lose(error)
    assert isinstance(told, Send)
    assert isinstance(end, Close)
    assert end.code is close
    assert rig.say("ping", t=1) == rig.hear(entry(1)) == rig.lose() == rig.session.tick(9e9) == []
    assert rig.session.receive_binary(b"", 0.0) == rig.session.drain() == rig.session.end_drain() == []


def test_an_outage_is_told_when_it_lasts_and_once() -> None:
    """After away_s, not before; its end is told only where it was told itself; a later one is told again."""
    rig = Rig(Limits(away_s=3.0, heartbeat_s=1000.0)).live()
    for _ in range(2):
        rig.lose()
        assert rig.session.due_at_s == rig.now_s + 3.0
        rig.now_s += 2.9
        assert rig.session.tick(rig.now_s) == []
        rig.now_s += 0.1
        assert sent(rig.session.tick(rig.now_s)) == [frames.Service(available=False)]
        assert rig.session.tick(rig.now_s) == []
        assert rig.session.due_at_s > rig.now_s
        assert frames.Service(available=True) in sent(rig.hear(OPENED))
    rig.lose()
    rig.now_s += 1.0
    assert sent(rig.hear(OPENED)) == []


def test_an_orchestrator_that_hangs_is_told_too() -> None:
    """Its stream stays open, but of a message nothing is heard: after ack_s, once; what it says at last ends it."""
    rig = Rig(Limits(ack_s=5.0, heartbeat_s=1000.0)).live()
    rig.now_s += 600.0
    assert rig.session.tick(rig.now_s) == []  # nobody waits for anything
    rig.say("message", client_msg_id="a", text="1")
    rig.now_s += 2.0
    rig.say("message", client_msg_id="b", text="2")
    assert rig.session.due_at_s == rig.now_s + 3.0
    rig.now_s += 3.0
    assert sent(rig.session.tick(rig.now_s)) == [frames.Service(available=False)]
    assert rig.session.tick(rig.now_s) == []
    ack = frames.Ack(client_msg_id="a", seq=1, duplicate=False, turn="t1")
    assert sent(rig.hear(ack)) == [ack, frames.Service(available=True)]
    rig.now_s += 4.9
    assert rig.session.tick(rig.now_s) == []  # it is there: the other message has its time again
    rig.session.refuse("b", internal())
    rig.now_s += 0.1
    assert rig.session.tick(rig.now_s) == []


def test_patience_ends() -> None:
    """A live connection outlasts an outage by patience_s, then 4503; a recovery in time starts it anew."""
    rig = Rig(Limits(patience_s=60.0, heartbeat_s=1000.0, away_s=60.0)).live()
    rig.lose()
    assert rig.session.due_at_s == rig.now_s + 60.0
    rig.now_s += 50.0
    rig.lose(internal())
    rig.hear(OPENED)
    rig.lose()
    rig.now_s += 59.0
    assert rig.session.tick(rig.now_s) == []
    rig.now_s += 1.0
    told, end = rig.session.tick(rig.now_s)
    assert isinstance(told, Send)
    assert isinstance(end, Close)
    assert end.code is CloseCode.UNAVAILABLE


def test_heartbeats_follow_silence() -> None:
    """Asked after each interval of silence; any frame counts as life; two unanswered end it."""
    rig = Rig(Limits(heartbeat_s=10.0)).live()
    rig.now_s += 9.9
    assert rig.session.tick(rig.now_s) == []
    rig.say("typing", active=True)
    rig.now_s += 10.0
    assert sent(rig.session.tick(rig.now_s)) == [frames.ServerPing(t=rig.now_s * 1000)]
    rig.now_s += 0.25
    rig.say("pong", t=(rig.now_s - 0.25) * 1000)
    assert rig.session.rtt_s == pytest.approx(0.25)
    for _ in range(2):
        rig.now_s += 10.0
        assert len(sent(rig.session.tick(rig.now_s))) == 1
    rig.now_s += 10.0
    (end,) = rig.session.tick(rig.now_s)
    assert isinstance(end, Close)
    assert end.code is CloseCode.TIMEOUT


@pytest.mark.parametrize("t", [0, 1e15])
def test_an_absurd_pong_is_no_round_trip(t: float) -> None:
    """A client cannot spoil the measurement."""
    rig = Rig().live()
    rig.now_s = 10_000.0
    rig.say("pong", t=t)
    assert rig.session.rtt_s is None


def test_deltas_pass_once_in_order_and_without_holes() -> None:
    """Repeated, late and skipping pieces are dropped; a higher attempt begins again; a finished turn is forgotten."""
    rig = Rig().live()
    pieces = [
        delta(0),
        delta(0),
        delta(1),
        delta(3),
        delta(4),
        delta(0, 2),
        delta(2, 1),
        delta(1, 2),
        delta(7, turn="x"),
    ]
    passed = [(frame.attempt, frame.index) for piece in pieces for frame in sent(rig.hear(piece))]
    assert passed == [(1, 0), (1, 1), (2, 0), (2, 1)]


def test_gaps_move_the_place() -> None:
    """A gap passes once; entries go on behind it; a voiding gap lets the next entry set the place."""
    rig = Rig().live()
    gap = frames.Gap(from_seq=1, to_seq=4, reason="history_trimmed")
    assert sent(rig.hear(gap)) == [gap]
    assert sent(rig.hear(gap)) == []
    assert sent(rig.hear(entry(4))) == []
    assert sent(rig.hear(entry(5))) == [entry(5)]
    ahead = frames.Gap(from_seq=3, to_seq=5, reason="ahead_of_journal")
    assert sent(rig.hear(ahead)) == [ahead]
    assert sent(rig.hear(entry(3))) == [entry(3)]


def test_resume_starts_a_new_stream() -> None:
    """What still comes from the old one is ignored; welcome and caught_up come again."""
    rig = Rig().live()
    rig.hear(entry(1))
    old = rig.session.generation
    assert rig.say("resume", conversation="c1", last_seq=0, epoch="e1") == [OpenUpstream()]
    assert list(rig.session.upstream(entry(2), old, rig.now_s)) == []
    assert rig.session.upstream_lost(LOST, old, rig.now_s) == []
    assert isinstance(sent(rig.hear(OPENED))[0], frames.Welcome)
    assert sent(rig.hear(entry(1))) == [entry(1)]
    assert sent(rig.hear(frames.CaughtUp(last_seq=1))) != []


def test_resume_before_the_first_welcome_waits() -> None:
    """There is no conversation to resume yet."""
    rig = Rig()
    rig.say("hello")
    (error,) = sent(rig.say("resume", conversation="c1", last_seq=0, epoch="e1"))
    assert (error.reason, error.retryable) == ("RECONNECTING", True)


def test_the_orchestrators_own_errors_pass() -> None:
    """An error event reaches the client as it is."""
    rig = Rig().live()
    error = frames.Error(code=409, reason="CONVERSATION_CLOSED", message="m", retryable=False, trace_id="t")
    assert sent(rig.hear(error)) == [error]


def test_drain_waits_for_answers() -> None:
    """Idle: at once. With a turn in flight: when its entry or its end has been passed on."""
    (end,) = Rig().live().session.drain()
    assert isinstance(end, Close)
    assert end.code is CloseCode.DRAINING
    assert end.reason.startswith("retry_after_ms=")
    rig = Rig().live()
    rig.say("message", client_msg_id="a", text="x")
    assert rig.session.drain() == []
    rig.hear(frames.Ack(client_msg_id="a", seq=1, duplicate=False, turn="t1"))
    rig.hear(entry(1, turn="t1"))
    answer = rig.hear(entry(2, author="assistant", turn="t1"))
    assert isinstance(answer[0], Send)
    assert isinstance(answer[1], Close)


def test_drain_does_not_wait_for_what_cannot_come() -> None:
    """Before hello, while opening, while the orchestrator is away: at once; and an outage during a drain ends it."""
    assert len(Rig().session.drain()) == 1
    opening = Rig()
    opening.say("hello")
    assert len(opening.session.drain()) == 1
    away = Rig().live()
    away.lose()
    assert len(away.session.drain()) == 1
    forced = Rig().live()
    forced.say("message", client_msg_id="a", text="x")
    assert forced.session.drain() == []
    assert len(forced.session.end_drain()) == 1


def test_a_duplicate_ack_is_not_waited_for() -> None:
    """Its turn may have ended long ago."""
    rig = Rig().live()
    rig.say("message", client_msg_id="a", text="x")
    rig.hear(frames.Ack(client_msg_id="a", seq=1, duplicate=True, turn="t1"))
    assert rig.session.idle


def test_a_frame_over_the_limit_ends_it() -> None:
    """The session holds the limit too, whoever feeds it."""
    rig = Rig().live()
    told, end = rig.session.receive(" " * 70_000, rig.now_s)
    assert isinstance(told, Send)
    assert isinstance(end, Close)
    assert end.code is CloseCode.TOO_LARGE
