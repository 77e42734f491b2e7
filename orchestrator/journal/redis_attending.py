"""People in conversations, in Redis: who has which, each change one atomic script; and the lists of a tenant's desk.

The journal's head says who has a conversation. The lists only find them: they may name one that is not theirs any more,
but never lack one, because it is put in before the head says so and taken out after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.journal.entries import Agent, Body, ConversationState, Entry, Head, decode_body, encode_body
from orchestrator.journal.redis_journal import conversation_missing, entry_of, head_of
from orchestrator.journal.store import Store, reaching_store
from servicekit.errors import ServiceError, conflict, precondition

_RECENT = 200
_RECENT_LIFE_MS = 7 * 24 * 3600 * 1000


@dataclass(frozen=True)
class Notices:
    """What the customer is told, by the conversation's language."""

    en: Body
    zh: Body


@dataclass(frozen=True)
class Told:
    """What a change left in the journal; nothing when it had been made before."""

    entry: Entry | None = None


@dataclass(frozen=True)
class Said:
    """What a person said; `again`: it had been said before."""

    entry: Entry
    again: bool


@dataclass(frozen=True)
class Glance:
    """A conversation at a glance: its head, its newest entries from new to old, and the one that handed it over."""

    head: Head
    newest: tuple[Entry, ...]
    handing: Entry | None


class RedisAttending:
    """Who has which conversation.

    Args:
        store: Where conversations are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(self, conversation_id: str, *, tenant: str, agent: Agent, notices: Notices) -> Told:
        """Gives a conversation to a person, and tells the customer.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, ALREADY_TAKEN, CONVERSATION_CLOSED.
        """
        answer = await self._store.run("take", conversation_id, tenant, agent.id, agent.name, *_raw(notices))
        return _told(answer)

    async def let_go(
        self, conversation_id: str, *, tenant: str, agent: Agent, state: ConversationState, notices: Notices
    ) -> Told:
        """Takes a conversation from a person: to the engine, back into the line, or to its end.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, NOT_TAKEN, CONVERSATION_CLOSED.
        """
        return _told(await self._store.run("let_go", conversation_id, tenant, agent.id, state, *_raw(notices)))

    async def say(self, conversation_id: str, *, tenant: str, agent: Agent, message_id: str, body: Body) -> Said:
        """Appends what a person says; the same id is the same message.

        Raises:
            ServiceError: CONVERSATION_NOT_FOUND, NOT_TAKEN, CONVERSATION_CLOSED, MESSAGE_ID_CONFLICT.
        """
        raw = encode_body(body)
        digest = hashlib.sha256(raw).hexdigest()[:16]
        status, *rest = await self._store.run("agent_say", conversation_id, tenant, agent.id, message_id, digest, raw)
        if status not in (b"said", b"again"):
            raise _refusal(status, rest)
        return Said(Entry(int(rest[0]), int(rest[1]), body), again=status == b"again")

    async def keep_hint(self, conversation_id: str, raw: bytes) -> None:
        """Keeps what was understood in the newest message while a person has the conversation."""
        await self._store.run("hint", conversation_id, raw)

    async def glance(self, conversation_ids: Sequence[str], *, newest: int) -> list[Glance]:
        """Those of the conversations that are, in one round trip and one more for what handed them over."""
        with reaching_store():
            async with self._store.client.pipeline(transaction=False) as pipe:
                for one in conversation_ids:
                    head, log, *_ = self._store.keys.conversation(one)
                    pipe.hgetall(head)
                    pipe.xrevrange(log, count=newest)
                answers = await pipe.execute()
        pairs = zip(conversation_ids, answers[::2], answers[1::2], strict=True)
        known = [(head_of(one, raw), tuple(map(entry_of, rows))) for one, raw, rows in pairs if raw]
        handing = await self._handing([head for head, _ in known])
        return [Glance(head, rows, handing.get(head.conversation_id)) for head, rows in known]

    async def _handing(self, heads: Sequence[Head]) -> dict[str, Entry]:
        asked = [head for head in heads if head.handed_seq]
        if not asked:
            return {}
        with reaching_store():
            async with self._store.client.pipeline(transaction=False) as pipe:
                for head in asked:
                    _, log, *_ = self._store.keys.conversation(head.conversation_id)
                    pipe.xrange(log, f"{head.handed_seq}-0", f"{head.handed_seq}-0")
                found = await pipe.execute()
        return {head.conversation_id: entry_of(rows[0]) for head, rows in zip(asked, found, strict=True) if rows}


class RedisDeskLists:
    """Which conversations a tenant's people have or had, and which people are there.

    Args:
        store: Where they are kept.
        present_ms: How long a sign of life holds.
    """

    def __init__(self, store: Store, *, present_ms: int) -> None:
        self._store, self._present_ms = store, present_ms

    async def put_taken(self, tenant: str, conversation_id: str, at_ms: int) -> None:
        """A person has it or is about to."""
        taken, _ = self._store.keys.desk(tenant)
        client = self._store.client
        with reaching_store():
            await client.sadd(self._store.keys.desk_tenants(), tenant)
            await client.zadd(taken, {conversation_id: at_ms}, nx=True)

    async def drop_taken(self, tenant: str, conversation_id: str, *, recent_ms: int = 0) -> None:
        """Nobody has it; with a moment it counts as had until then."""
        taken, recent = self._store.keys.desk(tenant)
        with reaching_store():
            async with self._store.client.pipeline(transaction=False) as pipe:
                pipe.zrem(taken, conversation_id)
                if recent_ms:
                    pipe.zadd(recent, {conversation_id: recent_ms})
                    pipe.zremrangebyrank(recent, 0, -_RECENT - 1)
                    pipe.pexpire(recent, _RECENT_LIFE_MS)
                await pipe.execute()

    async def forget(self, tenant: str, conversation_id: str) -> None:
        """It is gone."""
        with reaching_store():
            async with self._store.client.pipeline(transaction=False) as pipe:
                for key in self._store.keys.desk(tenant):
                    pipe.zrem(key, conversation_id)
                await pipe.execute()

    async def taken(self, tenant: str, *, start: int = 0, count: int) -> list[str]:
        """Those that people have, longest first."""
        taken, _ = self._store.keys.desk(tenant)
        return await self._range("zrange", taken, start, count)

    async def recent(self, tenant: str, *, start: int = 0, count: int) -> list[str]:
        """Those that people had, newest first."""
        _, recent = self._store.keys.desk(tenant)
        return await self._range("zrevrange", recent, start, count)

    async def waiting(self, tenant: str, *, start: int = 0, count: int) -> list[str]:
        """The line."""
        waiting, _ = self._store.keys.line(tenant)
        return await self._range("zrange", waiting, start, count)

    async def tenants(self) -> list[str]:
        """Tenants with a desk."""
        with reaching_store():
            return sorted(one.decode() for one in await self._store.client.smembers(self._store.keys.desk_tenants()))

    async def here(self, tenant: str, agent_id: str) -> None:
        """A sign of life of a person."""
        with reaching_store():
            await self._store.client.set(self._store.keys.present(tenant, agent_id), b"1", px=self._present_ms)

    async def is_here(self, tenant: str, agent_id: str) -> bool:
        """Whether there was one lately."""
        with reaching_store():
            return bool(await self._store.client.exists(self._store.keys.present(tenant, agent_id)))

    async def _range(self, command: str, key: str, start: int, count: int) -> list[str]:
        with reaching_store():
            found = await getattr(self._store.client, command)(key, start, start + count - 1)
        return [one.decode() for one in found]


def _raw(notices: Notices) -> tuple[bytes, bytes]:
    return encode_body(notices.en), encode_body(notices.zh)


def _told(answer: Sequence[Any]) -> Told:
    status, *rest = answer
    if status == b"already":
        return Told()
    if status in (b"taken", b"let_go"):
        return Told(Entry(int(rest[0]), int(rest[1]), decode_body(rest[2])))
    raise _refusal(status, rest)


def _refusal(status: bytes, rest: Sequence[Any]) -> ServiceError:
    if status == b"other":
        by = rest[0].decode()
        return conflict("ALREADY_TAKEN", f"{by} has the conversation already", metadata={"by": by})
    if status == b"closed":
        return precondition("CONVERSATION_CLOSED", "the conversation is closed")
    if status == b"not_theirs":
        return precondition("NOT_TAKEN", "the conversation is not yours, take it first")
    if status == b"conflict":
        return conflict("MESSAGE_ID_CONFLICT", "message_id was used for other words, choose a new one")
    return conversation_missing()
