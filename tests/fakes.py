"""Fakes of the orchestrator's ports; the contract suites hold the stores here against the real ones."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np

from orchestrator.converse.events import Feedback
from orchestrator.journal.entries import Author, Body, ConversationState, Emotion, Entry, Head, Sticker, Summary
from orchestrator.journal.ports import BeginStatus, Begun, Page, Posted, Result, TurnRef, seen_by
from orchestrator.journal.redis_journal import conversation_missing
from orchestrator.journal.store import Limits
from orchestrator.reply.engine import Brief, Closing
from orchestrator.understanding.encoder import DIMENSIONS, Vectors
from orchestrator.understanding.picture import NOTHING, Seen
from orchestrator.understanding.reading import Reading
from servicekit.errors import ServiceError, conflict, exhausted, forbidden, not_found, unavailable
from servicekit.resilience import Deadline


@dataclass
class _Conversation:
    head: Head
    entries: list[Entry] = field(default_factory=list)
    ids: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    tries: dict[str, int] = field(default_factory=dict)
    free: dict[str, int] = field(default_factory=dict)
    fence: int = 0
    lock: tuple[str, int] = ("", 0)
    state: tuple[bytes, int] = (b"", 0)


@dataclass
class _Claim:
    turn: TurnRef
    owner: str
    renewed_ms: int


class MemoryStore:
    """The `Journal` and `TurnLog` ports in memory, with a clock that tests move.

    Attributes:
        down: While true every call raises UNAVAILABLE, as with a store out of reach.
    """

    def __init__(self, limits: Limits, clock: Callable[[], int]) -> None:
        self._limits, self._clock = limits, clock
        self._conversations: dict[str, _Conversation] = {}
        self._current: dict[tuple[str, str], str] = {}
        self._claims: dict[str, _Claim] = {}
        self._next_log_id = 1
        self.dead: list[tuple[str, str]] = []
        self.down = False

    def _of(self, conversation_id: str) -> _Conversation:
        self._reach()
        if conversation_id not in self._conversations:
            raise conversation_missing()
        return self._conversations[conversation_id]

    def _reach(self) -> None:
        if self.down:
            raise unavailable("UNAVAILABLE", "down", retry_after_s=1.0)

    async def open(self, *, conversation_id: str, tenant: str, customer_id: str, language: str) -> tuple[Head, bool]:
        """See the port."""
        self._reach()
        if conversation_id in self._conversations:
            head = self._conversations[conversation_id].head
            if (head.tenant, head.customer_id) != (tenant, customer_id):
                raise forbidden("CONVERSATION_FORBIDDEN", "not yours")
            return head, True
        current = self._conversations.get(self._current.get((tenant, customer_id), ""))
        if current is not None and current.head.state is not ConversationState.CLOSED:
            return current.head, True
        head = Head(
            conversation_id="c-" + secrets.token_hex(16), tenant=tenant, customer_id=customer_id,
            epoch=secrets.token_hex(8), language=language, created_ms=self._clock(),
        )  # fmt: skip
        self._conversations[head.conversation_id] = _Conversation(head)
        self._current[tenant, customer_id] = head.conversation_id
        return head, False

    async def head(self, conversation_id: str) -> Head:
        """See the port."""
        return self._of(conversation_id).head

    async def post(
        self, conversation_id: str, body: Body, *, owner: str, trace_parent: str = "", preview: bytes = b"",
        begin: bool = False,
    ) -> Posted:  # fmt: skip
        """See the port."""
        known = self._of(conversation_id)
        if body.client_msg_id in known.ids:
            digest, seq, turn_id = known.ids[body.client_msg_id]
            if digest != body.digest():
                raise conflict("MESSAGE_ID_CONFLICT", "other words")
            return Posted(seq, turn_id, duplicate=True)
        if known.head.state is ConversationState.CLOSED:
            raise conflict("CONVERSATION_CLOSED", "closed")
        if len(known.pending) >= self._limits.max_pending:
            raise exhausted("TOO_MANY_PENDING", "wait", retry_after_s=2.0)
        turn_id = "t-" + secrets.token_hex(12)
        entry = self._append(known, msgspec.structs.replace(body, turn_id=turn_id))
        known.ids[body.client_msg_id] = (body.digest(), entry.seq, turn_id)
        known.pending.append(turn_id)
        turn = TurnRef(conversation_id, turn_id, entry.seq, f"{self._next_log_id}-0", trace_parent, preview)
        self._next_log_id += 1
        self._claims[turn.log_id] = _Claim(turn, owner, self._clock())
        begun = await self.begin(turn, owner=owner) if begin else None
        if begun is not None and begun.status is BeginStatus.WAIT:
            begun = None
        return Posted(entry.seq, turn_id, duplicate=False, entry=entry, turn=turn, begun=begun)

    def _append(self, known: _Conversation, body: Body) -> Entry:
        entry = Entry(known.head.last_seq + 1, self._clock(), body)
        known.entries.append(entry)
        while len(known.entries) > self._limits.max_entries:
            known.ids.pop(known.entries.pop(0).body.client_msg_id, None)
        known.head = msgspec.structs.replace(
            known.head, last_seq=entry.seq, last_ms=entry.at_ms, first_seq=known.entries[0].seq
        )
        return entry

    async def read(self, conversation_id: str, *, after_seq: int, limit: int) -> Page:
        """See the port."""
        known = self._of(conversation_id)
        later = [entry for entry in known.entries if entry.seq > after_seq]
        return Page(tuple(later[:limit]), len(later) > limit, known.head.epoch, known.head.last_seq)

    async def read_before(self, conversation_id: str, *, before_seq: int, limit: int) -> Page:
        """See the port."""
        known = self._of(conversation_id)
        earlier = [entry for entry in known.entries if entry.seq < before_seq]
        return Page(tuple(earlier[-limit:]), len(earlier) > limit, known.head.epoch, known.head.last_seq)

    async def summarise(self, conversation_id: str, *, epoch: str, summary: Summary) -> bool:
        """See the port."""
        self._reach()
        known = self._conversations.get(conversation_id)
        if known is None or known.head.epoch != epoch:
            return False
        if known.head.summary is not None and known.head.summary.seq >= summary.seq:
            return False
        known.head = msgspec.structs.replace(known.head, summary=summary)
        return True

    async def close(self, conversation_id: str, notice: Body) -> Head:
        """See the port."""
        known = self._of(conversation_id)
        if known.head.state is not ConversationState.CLOSED:
            self._append(known, notice)
            known.head = msgspec.structs.replace(known.head, state=ConversationState.CLOSED)
        return known.head

    async def begin(self, turn: TurnRef, *, owner: str) -> Begun:
        """See the port."""
        known = self._of(turn.conversation_id)
        if turn.turn_id in known.done:
            return Begun(BeginStatus.DONE)
        claim = self._claims.get(turn.log_id)
        if claim is None or claim.owner != owner:
            return Begun(BeginStatus.LOST)
        holder, until_ms = known.lock
        if known.pending[0] != turn.turn_id or (holder not in ("", owner) and until_ms > self._clock()):
            return Begun(BeginStatus.WAIT)
        attempt = known.tries[turn.turn_id] = known.tries.get(turn.turn_id, 0) + 1
        known.fence += 1
        known.lock = (owner, self._clock() + self._limits.lease_ms)
        tried = attempt - known.free.get(turn.turn_id, 0)
        status = BeginStatus.POISON if tried > self._limits.max_tries else BeginStatus.RUN
        state, until_ms = known.state
        history = seen_by(turn, known.entries)[-self._limits.history :]
        return Begun(status, known.fence, attempt, known.head, history, state if until_ms > self._clock() else b"")

    async def restart(self, turn: TurnRef) -> int:
        """See the port."""
        known = self._of(turn.conversation_id)
        known.free[turn.turn_id] = known.free.get(turn.turn_id, 0) + 1
        known.tries[turn.turn_id] += 1
        return known.tries[turn.turn_id]

    async def finish(self, turn: TurnRef, *, owner: str, fence: int, result: Result) -> tuple[Entry, ...] | None:
        """See the port."""
        known = self._of(turn.conversation_id)
        if turn.turn_id in known.done:
            return None
        if fence != known.fence:
            raise conflict("STALE_FENCE", "stale")
        entries = tuple(self._append(known, body) for body in result.bodies)
        known.done.add(turn.turn_id)
        known.pending.remove(turn.turn_id)
        self._claims.pop(turn.log_id, None)
        if result.language:
            known.head = msgspec.structs.replace(known.head, language=result.language)
        if result.conversation and known.head.state is not ConversationState.CLOSED:
            known.head = msgspec.structs.replace(known.head, state=result.conversation)
        if result.state is not None:
            known.state = (result.state, self._clock() + self._limits.state_ms)
        if result.dead_letter:
            self.dead.append((turn.turn_id, result.dead_letter))
        if known.lock[0] == owner:
            known.lock = ("", 0)
        return entries

    async def renew(self, turns: Sequence[TurnRef], *, owner: str) -> list[bool]:
        """See the port."""
        self._reach()
        out = []
        for turn in turns:
            claim = self._claims.get(turn.log_id)
            mine = claim is not None and claim.owner == owner
            if claim is not None and mine:
                claim.renewed_ms = self._clock()
                known = self._of(turn.conversation_id)
                if known.lock[0] == owner:
                    known.lock = (owner, self._clock() + self._limits.lease_ms)
            out.append(mine)
        return out

    async def release(self, turns: Sequence[TurnRef], *, owner: str) -> None:
        """See the port."""
        self._reach()
        for turn in turns:
            claim = self._claims.get(turn.log_id)
            if claim is None or claim.owner != owner:
                continue
            claim.renewed_ms = -(10**12)
            known = self._of(turn.conversation_id)
            if known.pending[0] == turn.turn_id and known.lock[0] == owner:
                known.lock = ("", 0)
                known.free[turn.turn_id] = known.free.get(turn.turn_id, 0) + 1

    async def take_over(self, *, owner: str) -> list[TurnRef]:
        """See the port."""
        self._reach()
        taken = []
        for claim in self._claims.values():
            if self._clock() - claim.renewed_ms >= self._limits.lease_ms:
                claim.owner, claim.renewed_ms = owner, self._clock()
                taken.append(claim.turn)
        return taken


class SilentBus:
    """A bus to nobody; remembers what it was given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []

    def publish(self, conversation_id: str, raw: bytes) -> None:
        """See the port."""
        self.sent.append((conversation_id, raw))


class FakeEncoder:
    """Texts to vectors by their words: the same words are near, others are not.

    Attributes:
        down: While true it is out of reach.
    """

    def __init__(self) -> None:
        self.down = False

    async def encode(self, texts: Sequence[str], *, timeout_s: float) -> Vectors:
        """See the port."""
        if self.down:
            raise unavailable("ENCODER_UNAVAILABLE", "down")
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) % DIMENSIONS] += 1.0
            row /= max(1e-6, float(np.linalg.norm(row)))
        return rows


class FakePictures:
    """The `PictureSense` port: what is seen in each preview, as told; nothing in others.

    Attributes:
        looked: The previews that were looked at.
    """

    def __init__(self, seen: Mapping[bytes, Seen] | None = None) -> None:
        self.seen = dict(seen or {})
        self.looked: list[bytes] = []

    async def look(self, preview: bytes) -> Seen:
        """See the port."""
        self.looked.append(preview)
        return self.seen.get(preview, NOTHING)


class FakeReader:
    """The `Reader` port over a fake encoder: embeddings, and what a test lets it be sure of.

    Attributes:
        reading: Its intents, emotions and slots for every text.
    """

    def __init__(self, encoder: FakeEncoder | None = None, reading: Reading | None = None) -> None:
        self._encoder = encoder or FakeEncoder()
        self.reading = reading or Reading()

    async def read(self, text: str, *, timeout_s: float) -> Reading:
        """See the port."""
        return replace(self.reading, vector=(await self._encoder.encode([text], timeout_s=timeout_s))[0])


def sticker(identifier: str = "noto-emoji/1f600", emotion: Emotion = Emotion.JOY) -> Sticker:
    """A sticker as the recommender would give it."""
    return Sticker(
        id=identifier, pack=identifier.split("/")[0], media_type="image/webp", width_px=136, height_px=136,
        size_bytes=4000, sha256="ab" * 32, alt_en="grinning face", alt_zh="嘿嘿", emoji="😀", emotion=emotion,
        polarity="positive", licence="OFL-1.1", category="face-smiling",
    )  # fmt: skip


class FakeRecommender:
    """The `Recommender` port over a list.

    Attributes:
        failing: Raised by every call when set.
        asked: What was asked for, by method.
        images: The picture's embedding of each recommendation.
    """

    def __init__(self, *stickers: Sticker) -> None:
        self.stickers = stickers or (sticker(), sticker("noto-emoji/1f917", Emotion.LOVE))
        self.failing: ServiceError | None = None
        self.asked: list[tuple[str, str]] = []
        self.feedbacks: list[Feedback] = []
        self.images: list[tuple[float, ...]] = []

    def _note(self, method: str, text: str) -> None:
        self.asked.append((method, text))
        if self.failing is not None:
            raise self.failing

    async def get(self, sticker_id: str, *, tenant: str = "") -> Sticker:
        """See the port."""
        self._note("get", sticker_id)
        for one in self.stickers:
            if one.id == sticker_id:
                return one
        raise not_found("STICKER_NOT_FOUND", "no such sticker")

    async def search(self, text: str, language: str, limit: int, *, tenant: str = "") -> tuple[Sticker, ...]:
        """See the port."""
        self._note("search", text)
        return self.stickers[:limit]

    async def recommend(
        self,
        text: str,
        language: str,
        *,
        limit: int,
        emotion: Emotion | None,
        excluded: Sequence[Emotion],
        shown: Sequence[str],
        timeout_s: float,
        image: Sequence[float] = (),
        tenant: str = "",
    ) -> tuple[Sticker, ...]:
        """See the port."""
        self._note("recommend", text)
        self.images.append(tuple(image))
        fit = [one for one in self.stickers if one.emotion not in excluded and one.id not in shown]
        return tuple(fit[:limit])

    async def feedback(self, feedback: Feedback) -> None:
        """See the port."""
        self._note("feedback", feedback.sticker_id)
        self.feedbacks.append(feedback)


class ScriptedEngine:
    """A `ReplyEngine` that says what it is told to, then fails if it is told to.

    Attributes:
        runs: How often it was asked.
    """

    def __init__(self, *parts: str, error: ServiceError | None = None, name: str = "scripted") -> None:
        self.name = name
        self._parts, self._error = parts, error
        self.runs = 0

    async def stream(self, brief: Brief, deadline: Deadline) -> AsyncIterator[str | Closing]:
        """See the port."""
        self.runs += 1
        for part in self._parts:
            yield part
        if self._error is not None:
            raise self._error
        yield Closing(self.name)


def said(text: str, client_msg_id: str = "m1") -> Body:
    """A customer's message."""
    return Body(author=Author.CUSTOMER, client_msg_id=client_msg_id, text=text)
