"""The journal in Redis Streams; each operation is one atomic script, see `lua/`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from orchestrator.journal.entries import (
    Agent,
    Author,
    Body,
    ConversationState,
    Entry,
    Head,
    Rating,
    Receipt,
    Summary,
    decode_body,
    encode_body,
)
from orchestrator.journal.ports import BeginStatus, Begun, Page, Posted, TurnRef, seen_by
from orchestrator.journal.store import Limits, Store, reaching_store
from servicekit.errors import ServiceError, conflict, exhausted, forbidden, not_found

READERS = (Author.CUSTOMER, Author.ASSISTANT, Author.AGENT)
_read_rating = msgspec.json.Decoder(Rating).decode


def entry_of(row: tuple[bytes, Mapping[bytes, bytes]] | Sequence[Any]) -> Entry:
    """An entry from a row of the stream: its id is the seq."""
    identifier, fields = row
    if not isinstance(fields, Mapping):
        fields = dict(zip(fields[::2], fields[1::2], strict=True))
    seq = int(bytes(identifier).split(b"-")[0])
    return Entry(seq, int(fields[b"t"]), decode_body(fields[b"b"]))


def head_of(conversation_id: str, raw: Mapping[bytes, bytes], first_seq: int = 1) -> Head:
    """A head from the hash that holds it."""
    return Head(
        conversation_id=conversation_id,
        tenant=raw[b"tenant"].decode(),
        customer_id=raw[b"customer"].decode(),
        epoch=raw[b"epoch"].decode(),
        last_seq=int(raw[b"seq"]),
        first_seq=first_seq,
        state=ConversationState(raw[b"state"].decode()),
        language=raw[b"language"].decode(),
        created_ms=int(raw[b"created_ms"]),
        last_ms=int(raw[b"last_ms"]),
        receipts=_receipts(raw),
        rating=_read_rating(raw[b"rating"]) if b"rating" in raw else None,
        agent=Agent(raw[b"agent"].decode(), raw[b"agent_name"].decode()) if b"agent" in raw else None,
        taken_ms=int(raw.get(b"taken_ms", 0)),
        handed_ms=int(raw.get(b"handed_ms", 0)),
        handed_seq=int(raw.get(b"handed_seq", 0)),
        hint=raw.get(b"hint", b""),
        summary=Summary(int(raw[b"summary_seq"]), raw[b"summary"].decode()) if b"summary" in raw else None,
    )


def begin_args(limits: Limits) -> tuple[int, int, int]:
    """What `begin` in `lua/_prelude.lua` needs to know."""
    return limits.lease_ms, limits.max_tries, limits.history + limits.max_pending


def begun_of(turn: TurnRef, answer: Sequence[Any], limits: Limits) -> Begun:
    """What `begin` in `lua/_prelude.lua` answered."""
    status, *rest = answer
    kind = BeginStatus(status.decode())
    if not rest:
        return Begun(kind)
    fence, attempt, head, history, state = rest
    raw_head = head if isinstance(head, Mapping) else dict(zip(head[::2], head[1::2], strict=True))
    entries = seen_by(turn, [entry_of(row) for row in reversed(history)])[-limits.history :]
    return Begun(kind, fence, attempt, head_of(turn.conversation_id, raw_head), entries, state)


def _receipts(raw: Mapping[bytes, bytes]) -> dict[Author, Receipt]:
    known = {}
    for reader in READERS:
        delivered = raw.get(f"d:{reader}".encode())
        if delivered is not None:
            known[reader] = Receipt(int(delivered), int(raw[f"r:{reader}".encode()]))
    return known


def conversation_missing() -> ServiceError:
    """404 for an id that no journal has."""
    return not_found("CONVERSATION_NOT_FOUND", "there is no such conversation, open a new one")


class RedisJournal:
    """The `Journal` port on Redis ≥ 7 or Valkey."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def open(self, *, conversation_id: str, tenant: str, customer_id: str, language: str) -> tuple[Head, bool]:
        """See the port. Safe against races: the mapping is swapped, the journal created only if absent."""
        if conversation_id and (head := await self._find(conversation_id)):
            if (head.tenant, head.customer_id) != (tenant, customer_id):
                raise forbidden("CONVERSATION_FORBIDDEN", "the conversation belongs to somebody else, open your own")
            return head, True
        current = await self._store.swap_current(tenant, customer_id, "", "c-" + secrets.token_hex(16))
        for _ in range(3):
            head = await self._find(current)
            if head is None:
                created = await self._create(current, tenant, customer_id, language)
                return await self.head(current), not created
            if head.state is not ConversationState.CLOSED:
                return head, True
            current = await self._store.swap_current(tenant, customer_id, current, "c-" + secrets.token_hex(16))
        raise conflict("CONVERSATION_CLOSED", "the conversation was just closed, open it again", retryable=True)

    async def _create(self, conversation_id: str, tenant: str, customer_id: str, language: str) -> bool:
        epoch = secrets.token_hex(8)
        return bool(await self._store.run("create", conversation_id, epoch, tenant, customer_id, language))

    async def head(self, conversation_id: str) -> Head:
        """See the port."""
        if (head := await self._find(conversation_id)) is None:
            raise conversation_missing()
        return head

    async def _find(self, conversation_id: str) -> Head | None:
        head_key, log_key, *_ = self._store.keys.conversation(conversation_id)
        with reaching_store():
            async with self._store.client.pipeline(transaction=True) as pipe:
                raw, first = await pipe.hgetall(head_key).xrange(log_key, count=1).execute()
        if not raw:
            return None
        first_seq = entry_of(first[0]).seq if first else int(raw[b"seq"]) + 1
        return head_of(conversation_id, raw, first_seq)

    async def post(
        self, conversation_id: str, body: Body, *, owner: str, trace_parent: str = "", preview: bytes = b"",
        begin: bool = False,
    ) -> Posted:  # fmt: skip
        """See the port."""
        turn_id = "t-" + secrets.token_hex(12)
        raw = encode_body(_with_turn(body, turn_id))
        status, *rest = await self._store.run(
            "post", conversation_id, body.client_msg_id, body.digest(), raw, turn_id, owner,
            self._store.limits.max_pending, trace_parent, preview,
            "1" if begin else "", *begin_args(self._store.limits),
        )  # fmt: skip
        if status == b"duplicate":
            return Posted(int(rest[0]), rest[1].decode(), duplicate=True)
        if status != b"posted":
            raise _refusal(status)
        seq = int(rest[0])
        entry = Entry(seq, int(rest[1]), decode_body(raw))
        turn = TurnRef(conversation_id, turn_id, seq, rest[2].decode(), trace_parent, preview)
        begun = begun_of(turn, rest[3:], self._store.limits) if rest[3:] else None
        if begun is not None and begun.status is BeginStatus.WAIT:
            begun = None
        return Posted(seq, turn_id, duplicate=False, entry=entry, turn=turn, begun=begun)

    async def read(self, conversation_id: str, *, after_seq: int, limit: int) -> Page:
        """See the port."""
        head_key, log_key, *_ = self._store.keys.conversation(conversation_id)
        with reaching_store():
            async with self._store.client.pipeline(transaction=True) as pipe:
                pipe.hmget(head_key, "epoch", "seq").xrange(log_key, min=f"{after_seq + 1}-0", count=limit + 1)
                (epoch, last_seq), rows = await pipe.execute()
        if epoch is None:
            raise conversation_missing()
        entries = tuple(entry_of(row) for row in rows[:limit])
        return Page(entries, len(rows) > limit, epoch.decode(), int(last_seq))

    async def read_before(self, conversation_id: str, *, before_seq: int, limit: int) -> Page:
        """See the port."""
        head_key, log_key, *_ = self._store.keys.conversation(conversation_id)
        with reaching_store():
            async with self._store.client.pipeline(transaction=True) as pipe:
                pipe.hmget(head_key, "epoch", "seq")
                pipe.xrevrange(log_key, max=f"{before_seq - 1}-0", count=limit + 1)
                (epoch, last_seq), rows = await pipe.execute()
        if epoch is None:
            raise conversation_missing()
        entries = tuple(entry_of(row) for row in reversed(rows[:limit]))
        return Page(entries, len(rows) > limit, epoch.decode(), int(last_seq))

    async def summarise(self, conversation_id: str, *, epoch: str, summary: Summary) -> bool:
        """See the port."""
        return bool(await self._store.run("summarise", conversation_id, epoch, summary.seq, summary.text))

    async def close(self, conversation_id: str, notice: Body) -> Head:
        """See the port."""
        if not await self._store.run("close", conversation_id, encode_body(notice)):
            raise conversation_missing()
        return await self.head(conversation_id)


def _with_turn(body: Body, turn_id: str) -> Body:
    return Body(
        author=body.author, client_msg_id=body.client_msg_id, turn_id=turn_id, text=body.text,
        sticker=body.sticker, image=body.image, emotion=body.emotion,
    )  # fmt: skip


def _refusal(status: bytes) -> ServiceError:
    if status == b"closed":
        return conflict("CONVERSATION_CLOSED", "the conversation is closed, open a new one")
    if status == b"conflict":
        return conflict("MESSAGE_ID_CONFLICT", "client_msg_id was used for another message, choose a new one")
    if status == b"full":
        return exhausted("TOO_MANY_PENDING", "too many messages wait for an answer, wait for one", retry_after_s=2.0)
    return conversation_missing()
