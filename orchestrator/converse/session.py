"""What one client is sent and when: pure decisions about order, holes and duplicates.

Live news and pages of the journal meet here. An entry goes out only when it is the next one; news that are ahead ask
for a look into the journal, news that are behind are old. So neither a lost nor a doubled announcement shows.
"""

from __future__ import annotations

from orchestrator.converse.events import (
    CaughtUp,
    Delta,
    Downward,
    EntrySeen,
    Opened,
    Queued,
    ReceiptSeen,
    TurnEnded,
    TypingSeen,
)
from orchestrator.journal.entries import Author, Entry, Head, Receipt
from orchestrator.journal.feed import (
    EntryAppended,
    FeedEvent,
    PlaceInLine,
    ReceiptMoved,
    TextStreamed,
    TurnOver,
    TypingChanged,
    Writing,
)
from orchestrator.journal.ports import Page
from orchestrator.journal.replay import Cursor, plan_replay

_ENDED_KEPT = 64


class _Streamed:
    """How much of one attempt of an answer this client has."""

    def __init__(self, turn_id: str, attempt: int) -> None:
        self.turn_id = turn_id
        self.attempt = attempt
        self.chars = 0
        self.index = 0


class Session:
    """State of one stream between `open` and its end.

    Attributes:
        wants_page: Whether the journal must be read after `sent_seq`.
        sent_seq: The last entry that went out.
    """

    def __init__(self, stream_id: str) -> None:
        self._stream_id = stream_id
        self._known_seq = 0
        self._live = False
        self._streamed: _Streamed | None = None
        self._overs: list[TurnOver] = []
        self._receipts: dict[Author, Receipt] = {}
        self._ended: dict[str, None] = {}  # in order, so that the oldest is forgotten first
        self.sent_seq = 0
        self.wants_page = False

    @property
    def live(self) -> bool:
        """Whether the client has caught up once."""
        return self._live

    def open(self, head: Head, cursor: Cursor, limit: int, *, resumed: bool) -> list[Downward]:
        """The first answers; the entries follow by `on_page`."""
        plan = plan_replay(head, cursor, limit)
        self.sent_seq, self._known_seq, self.wants_page = plan.after_seq, head.last_seq, True
        known = [ReceiptSeen(reader, receipt) for reader, receipt in head.receipts.items()]
        self._receipts = dict(head.receipts)
        return [Opened(head, resumed), *([plan.gap] if plan.gap else []), *known]

    def on_page(self, page: Page) -> list[Downward]:
        """Entries from the journal. Afterwards `wants_page` says whether another page is needed."""
        out: list[Downward] = []
        for entry in page.entries:
            out.extend(self._entry(entry))
        # News that came while the page was on its way are behind it; where it is up to date, what is missing is gone.
        behind = page.last_seq < self._known_seq
        self._known_seq = max(self._known_seq, page.last_seq)
        self.wants_page = page.has_more or (self.sent_seq < self._known_seq and (behind or bool(page.entries)))
        if self.wants_page:
            return out
        if not self._live:
            self._live = True
            out.append(CaughtUp(self.sent_seq))
        overs, self._overs = self._overs, []
        for event in overs:
            out.extend(self._over(event))
        return out

    def on_writing(self, writing: Writing | None) -> list[Downward]:
        """What is being written at the moment when the client has caught up."""
        if writing is None or writing.turn_id in self._ended:
            return []
        return self._delta(writing.turn_id, writing.attempt, 0, writing.text)

    def on_event(self, event: FeedEvent) -> list[Downward]:
        """Live news."""
        if isinstance(event, EntryAppended):
            return self._appended(event)
        if isinstance(event, ReceiptMoved):
            return self._received(event)
        if isinstance(event, PlaceInLine):
            return [Queued(event.position, event.wait_s)]
        if not self._live:
            return []
        if isinstance(event, TextStreamed) and event.turn_id not in self._ended:
            return self._delta(event.turn_id, event.attempt, event.offset, event.text)
        if isinstance(event, TurnOver):
            return self._over(event)
        if isinstance(event, TypingChanged) and event.stream_id != self._stream_id:
            return [TypingSeen(event.author, event.active, event.turn_id)]
        return []

    def on_missed(self) -> None:
        """News may be lost."""
        self.wants_page = True

    def _received(self, event: ReceiptMoved) -> list[Downward]:
        """Only what rises is told, for receipts come in any order; a client need not hear what it said itself."""
        known = self._receipts.get(event.reader, Receipt())
        risen = Receipt(max(known.delivered, event.delivered), max(known.read, event.read))
        if risen == known:
            return []
        self._receipts[event.reader] = risen
        return [] if event.stream_id == self._stream_id else [ReceiptSeen(event.reader, risen)]

    def _appended(self, event: EntryAppended) -> list[Downward]:
        self._known_seq = max(self._known_seq, event.seq)
        if event.seq <= self.sent_seq:
            return []
        if self.wants_page or event.seq > self.sent_seq + 1:
            self.wants_page = True
            return []
        return self._entry(event.entry)

    def _entry(self, entry: Entry) -> list[Downward]:
        if entry.seq <= self.sent_seq:
            return []
        self.sent_seq = entry.seq
        out: list[Downward] = [EntrySeen(entry)]
        body = entry.body
        if body.outcome is not None and body.turn_id not in self._ended:
            self._end(body.turn_id)
            if self._live:
                out.append(TurnEnded(body.turn_id, body.outcome))
        return out

    def _over(self, event: TurnOver) -> list[Downward]:
        """Told after the turn's entries; when those are still on their way, they bring the end with them."""
        if self.wants_page:
            self._overs.append(event)
            return []
        if event.turn_id in self._ended:
            return []
        self._end(event.turn_id)
        return [TurnEnded(event.turn_id, event.outcome)]

    def _end(self, turn_id: str) -> None:
        self._ended[turn_id] = None
        if len(self._ended) > _ENDED_KEPT:
            del self._ended[next(iter(self._ended))]
        if self._streamed is not None and self._streamed.turn_id == turn_id:
            self._streamed = None

    def _delta(self, turn_id: str, attempt: int, offset: int, text: str) -> list[Downward]:
        now = self._streamed
        if now is None or now.turn_id != turn_id or attempt > now.attempt:
            now = self._streamed = _Streamed(turn_id, attempt)
        if attempt < now.attempt or offset > now.chars:
            return []  # an abandoned attempt, or a hole: the entry will repeat the whole
        fresh = text[now.chars - offset :]
        if not fresh:
            return []
        now.chars += len(fresh)
        now.index += 1
        return [Delta(turn_id, now.index - 1, attempt, fresh)]
