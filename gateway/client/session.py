"""One client's conversation as pure decisions: frames and times go in, events and frames come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gateway.client import events
from gateway.client.events import Event, Frame
from gateway.client.outbox import Outbox

_RECEIPT_EVERY_S = 0.5
_VOIDING_GAPS = frozenset({"epoch_changed", "ahead_of_journal"})


@dataclass
class _Draft:
    attempt: int
    next_index: int
    text: str


@dataclass
class Session:
    """Where the client stands in the journal, what is being written, what waits to be sent.

    Attributes:
        send: What to send now; the shell takes it and empties the list.
        heard: What happened; the shell takes it and empties the list.
        settled: Ids of messages that the store may forget.
        broken: Whether the journal has a hole that a replay did not fill: the connection must be made anew.
    """

    restored: Iterable[Frame]
    random: Callable[[], float]
    token: str | None = None
    conversation: str = ""
    epoch: str = ""
    last_seq: int = 0
    heartbeat_s: float = 25.0
    caught_up: bool = False
    broken: bool = False
    send: list[Frame] = field(default_factory=list)
    heard: list[Event] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begins with what an earlier process left behind."""
        self.outbox = Outbox(self.restored, self.random)
        self.asked: dict[str, Frame] = {}
        self._drafts: dict[str, _Draft] = {}
        self._void = False
        self._hole_asked = -1
        self._read = 0
        self._told = (0, 0)
        self._receipt_at: float | None = None
        self._receipts = True

    def hello(self, locale: str | None, client: str | None) -> Frame:
        """The first frame of a connection."""
        self.caught_up = self.broken = False
        self._receipts, self._told = True, (0, 0)
        frame: Frame = {"type": "hello", "token": self.token, "locale": locale, "client": client}
        if self.conversation and self.epoch:
            frame |= {"conversation": self.conversation, "last_seq": self.last_seq, "epoch": self.epoch}
        return {key: value for key, value in frame.items() if value is not None}

    def lost(self) -> None:
        """The connection is gone."""
        self.caught_up = False
        self.outbox.interrupt()
        self.send.clear()

    def forget(self) -> None:
        """The conversation, or the visitor, is of no more use."""
        self.conversation = self.epoch = ""
        self.last_seq = self._read = 0
        self._drafts.clear()

    def due(self) -> float | None:
        """When `tick` is next of use."""
        if not self.caught_up:
            return None
        times = [time for time in (self.outbox.due(), self._receipt_at) if time is not None]
        return min(times, default=None)

    def tick(self, now: float) -> None:
        """Time passed, or there is something to send."""
        if not self.caught_up:
            return
        if (message := self.outbox.next(now)) is not None:
            self.send.append(message)
        if self._receipt_at is not None and now >= self._receipt_at:
            self._tell_receipt()

    def read(self, seq: int, now: float) -> None:
        """The reader saw everything up to here."""
        self._read = max(self._read, min(seq, self.last_seq))
        self._news(now)

    def receive(self, frame: Frame, now: float) -> None:
        """Takes a frame of the server; one that is unknown changes nothing."""
        handler = getattr(self, f"_on_{frame.get('type')}", None)
        if handler is not None:
            handler(frame, now)

    # ---- frames; named after their type ------------------------------------------------------------------------------

    def _on_welcome(self, frame: Frame, now: float) -> None:
        conversation, epoch = frame.get("conversation", ""), frame.get("epoch", "")
        moved = bool(self.conversation) and conversation != self.conversation
        if moved or (self.epoch and epoch != self.epoch):
            self.forget()
            self.heard.append(events.Reset("conversation_changed" if moved else "epoch_changed", 0))
        self.conversation, self.epoch, self.token = conversation, epoch, frame["token"]
        self.heartbeat_s = frame.get("heartbeat_s", self.heartbeat_s)
        self._hole_asked = -1
        self.caught_up = False
        resumed, language, state = frame.get("resumed", False), frame.get("language", ""), frame.get("state", "")
        self.heard.append(events.Connected(conversation, frame["token"], resumed, language, state))

    def _on_caught_up(self, frame: Frame, now: float) -> None:
        self.caught_up = True
        self.heard.append(events.CaughtUp(frame["last_seq"]))
        self.send.extend(self.asked.values())
        self.tick(now)

    def _on_entry(self, frame: Frame, now: float) -> None:
        seq = frame["seq"]
        if not self._void and seq <= self.last_seq:
            return
        if not self._void and seq > self.last_seq + 1:
            return self._ask_for_hole()
        self._void, self.last_seq = False, seq
        identity, turn = frame.get("client_msg_id") or "", frame.get("turn") or ""
        if frame["author"] != "customer":
            self._drafts.pop(turn, None)
        self.heard.append(
            events.Entry(seq, frame["author"], frame.get("text") or "", turn, identity, not self.caught_up, frame)
        )
        self._news(now)
        return self._settle(events.Acknowledged(identity, seq, False, turn), now) if identity else None

    def _on_ack(self, frame: Frame, now: float) -> None:
        ack = events.Acknowledged(
            frame["client_msg_id"], frame.get("seq", 0), frame.get("duplicate", False), frame.get("turn", "")
        )
        self._settle(ack, now, again=True)

    def _on_delta(self, frame: Frame, now: float) -> None:
        turn, attempt, index, piece = frame["turn"], frame["attempt"], frame["index"], frame["text"]
        draft = self._drafts.get(turn)
        if index == 0 and (draft is None or attempt > draft.attempt):
            draft = self._drafts[turn] = _Draft(attempt, 0, "")
        if draft is None or attempt != draft.attempt or index != draft.next_index:
            return  # of an attempt that is void, or of an answer whose beginning was not seen: the entry has it all
        draft.next_index, draft.text = index + 1, draft.text + piece
        self.heard.append(events.Draft(turn, attempt, piece, draft.text))

    def _on_turn_ended(self, frame: Frame, now: float) -> None:
        self._drafts.pop(frame["turn"], None)
        self.heard.append(events.TurnEnded(frame["turn"], frame["outcome"]))

    def _on_gap(self, frame: Frame, now: float) -> None:
        first, last, reason = frame["from_seq"], frame["to_seq"], frame["reason"]
        if reason in _VOIDING_GAPS:
            self._void, self.last_seq = True, max(0, first - 1)
            self.heard.append(events.Reset(reason, self.last_seq))
        else:
            self.last_seq = max(self.last_seq, last)
        if last >= first and reason != "ahead_of_journal":
            self.heard.append(events.Gap(first, last, reason))

    def _on_error(self, frame: Frame, now: float) -> None:
        identity = frame.get("client_msg_id") or ""
        if frame["reason"] == "UNKNOWN_FRAME":
            self._receipts = False  # an older server
        after_s = frame.get("retry_after_ms", 0) / 1000
        if self.outbox.refuse(identity, retryable=frame["retryable"], after_s=after_s, now=now):
            self.settled.append(identity)
        fault = (frame.get("code", 0), frame["reason"], frame["message"], frame["retryable"])
        self.heard.append(events.Fault(*fault, identity, frame.get("trace_id", "")))

    def _on_typing(self, frame: Frame, now: float) -> None:
        self.heard.append(events.Typing(frame["author"], frame["active"], frame.get("turn") or ""))

    def _on_receipt(self, frame: Frame, now: float) -> None:
        self.heard.append(events.Receipt(frame["reader"], frame.get("delivered", 0), frame.get("read", 0)))

    def _on_queue(self, frame: Frame, now: float) -> None:
        self.heard.append(events.QueuePosition(frame["position"], frame.get("wait_s")))

    def _on_service(self, frame: Frame, now: float) -> None:
        self.heard.append(events.Service(frame["available"]))

    def _on_ping(self, frame: Frame, now: float) -> None:
        self.send.append({"type": "pong", "t": frame.get("t")})

    def _on_refreshed(self, frame: Frame, now: float) -> None:
        self.token = frame["token"]

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _settle(self, ack: events.Acknowledged, now: float, *, again: bool = False) -> None:
        """A message is durable, known by its entry or its ack; the ack is told even when the entry came first."""
        if self.outbox.settle(ack.client_msg_id):
            self.settled.append(ack.client_msg_id)
        elif not again:
            return
        self.heard.append(ack)
        self.tick(now)

    def _ask_for_hole(self) -> None:
        if self._hole_asked == self.last_seq:
            self.broken = True
            return
        self._hole_asked = self.last_seq
        place = {"conversation": self.conversation, "last_seq": self.last_seq, "epoch": self.epoch}
        self.send.append({"type": "resume", **place})

    def _news(self, now: float) -> None:
        if self._receipts and self._receipt_at is None and (self.last_seq, self._read) != self._told:
            self._receipt_at = now + _RECEIPT_EVERY_S

    def _tell_receipt(self) -> None:
        self._receipt_at = None
        if not self._receipts or (self.last_seq, self._read) == self._told:
            return
        frame: Frame = {"type": "receipt", "delivered": self.last_seq}
        if self._read > self._told[1]:
            frame["read"] = self._read
        self._told = (self.last_seq, self._read)
        self.send.append(frame)
