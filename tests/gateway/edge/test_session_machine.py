"""Any interleaving of client, orchestrator, losses and resumes keeps the promises of the protocol."""

from __future__ import annotations

import itertools
import json
import random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway import frames
from gateway.edge.actions import Action, Close, Fetch, HistoryPage, Offer, Opened, OpenUpstream, Send
from gateway.edge.limits import Limits
from gateway.edge.session import Session, State
from servicekit.errors import unavailable
from tests.fuzz import examples
from tests.gateway.edge.test_session import Desk

pytestmark = pytest.mark.unit

NAMES = st.sampled_from([f"m{number}" for number in range(8)])


class Wire(RuleBasedStateMachine):
    """A client, the session, and an orchestrator with a journal; the wire between the last two breaks at will.

    What the orchestrator sends waits in a queue and is delivered piece by piece; a loss throws the queue away. What is
    offered to a broken stream is lost too.
    """

    def __init__(self) -> None:
        super().__init__()
        limits = Limits(frames_per_s=1e9, frame_burst=10**9, max_pending=4, max_strikes=10**9)
        self.session = Session(limits, Desk(), random.Random(0), "trace", 0.0)
        self.journal: list[tuple[str, str]] = []
        self.queue: list[object] = []
        self.connected = False
        self.stream = -1
        self.received: list[int] = []
        self.acked: dict[str, int] = {}
        self.accepted: set[str] = set()
        self.refused = ""
        self.said_receipt = (0, 0)
        self.known_receipt = (0, 0)
        self.rating = ""
        self.ratings: list[str] = []
        self.asked: set[str] = set()
        self.pages: list[Fetch] = []
        self.numbers = itertools.count()
        self.perform(self.session.receive('{"type":"hello"}', 0.0))

    # ---- the runtime ----

    def perform(self, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, OpenUpstream):
                self.connected, self.queue = False, []
            elif isinstance(action, Offer):
                self.handle(action.frame)
            elif isinstance(action, Fetch):
                self.pages.append(action)
            elif isinstance(action, Send):
                self.take(action.frame)
            else:
                assert not isinstance(action, Close), "nothing here is a reason to close"

    def take(self, frame: frames.AnyServerFrame) -> None:
        if isinstance(frame, frames.Entry):
            assert frame.seq == len(self.received) + 1, "once and in order"
            self.received.append(frame.seq)
        elif isinstance(frame, frames.History):
            assert [one.seq for one in frame.entries] == sorted(one.seq for one in frame.entries)
            self.asked.remove(frame.history_id)
        elif isinstance(frame, frames.Error) and frame.history_id:
            self.asked.remove(frame.history_id)
        elif isinstance(frame, frames.Ack) and frame.seq == 0:
            if frame.client_msg_id == self.rating:
                self.rating = ""
        elif isinstance(frame, frames.Ack):
            assert self.acked.setdefault(frame.client_msg_id, frame.seq) == frame.seq
        elif isinstance(frame, frames.Error) and frame.client_msg_id:
            self.refused = frame.client_msg_id

    # ---- the orchestrator ----

    def handle(self, frame: object) -> None:
        if not self.connected:
            return
        if isinstance(frame, frames.ReceiptSignal):
            delivered, read = self.known_receipt
            self.known_receipt = max(delivered, frame.delivered or 0), max(read, frame.read or 0)
        elif isinstance(frame, frames.Rating):
            known_rating = frame.rating_id in self.ratings
            self.ratings += [] if known_rating else [frame.rating_id]
            self.queue.append(frames.Ack(client_msg_id=frame.rating_id, seq=0, duplicate=known_rating, turn=""))
        if not isinstance(frame, frames.Message):
            return
        known = [name for name, _ in self.journal]
        duplicate = frame.client_msg_id in known
        if not duplicate:
            self.journal.append((frame.client_msg_id, frame.text or ""))
            self.queue.append(self.entry(len(self.journal)))
        seq = [name for name, _ in self.journal].index(frame.client_msg_id) + 1
        self.queue.append(frames.Ack(client_msg_id=frame.client_msg_id, seq=seq, duplicate=duplicate, turn=""))

    def entry(self, seq: int) -> frames.Entry:
        name, text = self.journal[seq - 1]
        return frames.Entry(seq=seq, at="", author="customer", client_msg_id=name, text=text)

    # ---- what happens ----

    @precondition(lambda self: not self.connected)
    @rule()
    def open(self) -> None:
        """The runtime opens the stream that was asked for; the orchestrator replays."""
        request = self.session.open_request()
        self.connected, self.stream = True, self.session.generation
        self.queue = [Opened("c1", "e1", len(self.journal), "open", "en", True)]
        self.queue += [self.entry(seq) for seq in range(request.last_seq + 1, len(self.journal) + 1)]
        self.queue.append(frames.CaughtUp(last_seq=len(self.journal)))

    @precondition(lambda self: self.connected and self.queue)
    @rule(count=st.integers(1, 6))
    def deliver(self, count: int) -> None:
        """Some of what the orchestrator sent arrives."""
        for _ in range(count):
            if not self.queue:
                return
            event = self.queue.pop(0)
            self.perform(list(self.session.upstream(event, self.stream, 0.0)))  # type: ignore[arg-type]

    @precondition(lambda self: self.connected)
    @rule()
    def lose(self) -> None:
        """The orchestrator dies with what it had not sent."""
        self.connected, self.queue = False, []
        self.perform(self.session.upstream_lost(unavailable("UNAVAILABLE", "x"), self.stream, 0.0))

    @precondition(lambda self: self.connected and len(self.queue) > 1)
    @rule()
    def skip(self) -> None:
        """An entry or an ack gets lost on the way down (a pub/sub hiccup)."""
        if isinstance(self.queue[0], frames.Entry):
            self.queue.pop(0)

    @rule(name=NAMES)
    def say(self, name: str) -> None:
        """The client sends, or sends again."""
        self.refused = ""
        frame = {"type": "message", "client_msg_id": name, "text": name}
        self.perform(self.session.receive(json.dumps(frame), 0.0))
        if self.refused != name:
            self.accepted.add(name)

    @rule(times=st.integers(1, 3))
    def repeat(self, times: int) -> None:
        """Old events come a second time."""
        for seq in range(1, min(times, len(self.received)) + 1):
            if self.session.state is State.LIVE:
                self.perform(list(self.session.upstream(self.entry(seq), self.session.generation, 0.0)))

    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        """The client asks for a replay from where it stands."""
        if not self.received:
            return
        frame = {"type": "resume", "conversation": "c1", "last_seq": len(self.received), "epoch": "e1"}
        self.perform(self.session.receive(json.dumps(frame), 0.0))

    @rule(delivered=st.integers(0, 12), read=st.integers(0, 12))
    def receive(self, delivered: int, read: int) -> None:
        """The client tells how far it is, in any order."""
        frame = {"type": "receipt", "delivered": delivered, "read": read}
        self.perform(self.session.receive(json.dumps(frame), 0.0))
        before = self.said_receipt
        self.said_receipt = max(before[0], delivered, read), max(before[1], read)

    @rule()
    def rate(self) -> None:
        """The client judges anew."""
        self.rating = f"r{next(self.numbers)}"
        self.perform(self.session.receive(json.dumps({"type": "rating", "rating_id": self.rating, "score": 3}), 0.0))

    @rule(before=st.integers(1, 20))
    def scroll_back(self, before: int) -> None:
        """The client asks for older entries."""
        name = f"h{next(self.numbers)}"
        self.asked.add(name)
        frame = {"type": "history", "history_id": name, "before_seq": before, "limit": 2}
        self.perform(self.session.receive(json.dumps(frame), 0.0))

    @precondition(lambda self: self.pages)
    @rule(found=st.booleans())
    def turn_page(self, found: bool) -> None:
        """A page is read, or cannot be."""
        page = self.pages.pop(0)
        assert page.conversation == "c1", "nobody reads what was not opened"
        if not found:
            self.perform(self.session.not_fetched(page.query, unavailable("UNAVAILABLE", "x")))
            return
        last = min(page.query.before_seq - 1, len(self.journal))
        entries = tuple(self.entry(seq) for seq in range(max(1, last - page.limit + 1), last + 1))
        self.perform(self.session.fetched(page.query, HistoryPage(entries, has_more=False, epoch="e1")))

    @rule(token=st.sampled_from(["", "good", "bad"]))
    def refresh(self, token: str) -> None:
        """The client brings a token, or asks for one; a bad one changes nothing."""
        before = self.session.visitor.subject
        self.perform(self.session.receive(json.dumps({"type": "refresh", "token": token}), 0.0))
        assert self.session.visitor.subject == before

    @precondition(lambda self: self.connected and self.session.state is State.LIVE)
    @rule(read=st.integers(0, 12), position=st.integers(0, 5))
    def news(self, read: int, position: int) -> None:
        """The other side reads, the line moves."""
        self.queue.append(frames.Receipt(reader="agent", delivered=read, read=read))
        self.queue.append(frames.Queue(position=position))

    @invariant()
    def the_journal_has_each_message_once(self) -> None:
        names = [name for name, _ in self.journal]
        assert len(names) == len(set(names))

    def teardown(self) -> None:
        """When the wire holds after one more loss, everything arrives."""
        if self.connected:
            self.lose()
        for _ in range(4):
            if not self.connected:
                self.open()
            while self.queue:
                self.deliver(1)
        assert self.received == list(range(1, len(self.journal) + 1))
        assert self.accepted <= set(self.acked)
        assert self.known_receipt == self.said_receipt, "how far the client is, is known in the end"
        assert self.rating == "", "the newest judgement is acknowledged"
        while self.pages:
            self.turn_page(found=True)
        assert not self.asked, "every question for a page is answered"


Wire.TestCase.settings = settings(max_examples=examples(150), stateful_step_count=40, deadline=None)
TestWire = Wire.TestCase
