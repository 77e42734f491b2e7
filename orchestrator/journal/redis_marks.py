"""Receipts, ratings, revisions and announcements in Redis; each operation is one atomic script, see `lua/`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from orchestrator.journal.announcement import Announcement
from orchestrator.journal.entries import (
    Author,
    Body,
    Entry,
    Notice,
    NoticeKind,
    Rating,
    Receipt,
    Revision,
    RevisionKind,
    encode_body,
)
from orchestrator.journal.ports import Announced
from orchestrator.journal.redis_journal import conversation_missing
from orchestrator.journal.store import Store
from servicekit.errors import ServiceError, conflict, exhausted, not_found, precondition

MAX_RATINGS = 50


class RedisMarks:
    """The `Marks` port on Redis ≥ 7 or Valkey: fields of the conversation's head, gone with it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def receive(self, conversation_id: str, *, reader: Author, receipt: Receipt, stream_id: str = "") -> bool:
        """See the port."""
        (status,) = await self._store.run(
            "receive", conversation_id, reader, receipt.delivered, receipt.read, stream_id
        )
        if status == b"missing":
            raise conversation_missing()
        return bool(status == b"risen")

    async def rate(self, conversation_id: str, *, rating_id: str, rating: Rating) -> bool:
        """See the port."""
        raw = msgspec.json.encode(rating)
        (status,) = await self._store.run("rate", conversation_id, rating_id, _digest(raw), raw, MAX_RATINGS)
        if status == b"missing":
            raise conversation_missing()
        if status == b"conflict":
            raise rating_conflict()
        if status == b"full":
            raise too_many_ratings()
        return bool(status == b"duplicate")


class RedisAmendments:
    """The `Amendments` port on Redis ≥ 7 or Valkey."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def say(self, conversation_id: str, *, say_id: str, body: Body) -> Entry:
        """See the port."""
        raw = encode_body(body)
        status, *rest = await self._store.run("say", conversation_id, say_id, _digest(raw), raw)
        if status == b"conflict":
            raise conflict("MESSAGE_ID_CONFLICT", "say_id was used for other words, choose a new one")
        if status != b"said":
            raise conversation_missing()
        return Entry(int(rest[0]), int(rest[1]), body)

    async def revise(self, conversation_id: str, *, revision_id: str, revision: Revision) -> Entry:
        """See the port."""
        body = revising(revision)
        raw = encode_body(body)
        status, *rest = await self._store.run(
            "revise", conversation_id, revision_id, _digest(raw), raw, revision.target_seq,
            "1" if revision.kind is RevisionKind.EDITED else "",
        )  # fmt: skip
        if status != b"revised":
            raise refused_revision(status.decode())
        return Entry(int(rest[0]), int(rest[1]), body)

    async def announce(
        self, conversation_ids: Sequence[str], *, call: str, announcement: Announcement
    ) -> list[Announced]:
        """See the port. Many conversations take few round trips."""
        english, chinese = (encode_body(body) for body in announcing(announcement))
        languages = f",{','.join(announcement.languages)}," if announcement.languages else ""
        args = (announcement.id, call, english, chinese, languages)
        answers = await self._store.run_many("announce", [(one, args) for one in conversation_ids])
        return [Announced(answer.decode()) for answer in answers]


def revising(revision: Revision) -> Body:
    """The entry that says that another is changed."""
    return Body(author=Author.AGENT, revision=revision)


def announcing(announcement: Announcement) -> tuple[Body, Body]:
    """The entry in English and in Chinese."""
    english = announcement.text_en or announcement.text_zh
    chinese = announcement.text_zh or announcement.text_en
    return _notice(english), _notice(chinese)


def _notice(text: str) -> Body:
    return Body(author=Author.SYSTEM, notice=Notice(NoticeKind.ANNOUNCEMENT, text))


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]


def rating_conflict() -> ServiceError:
    """409 for an id that was used for another judgement."""
    return conflict("MESSAGE_ID_CONFLICT", "rating_id was used for another rating, choose a new one")


def too_many_ratings() -> ServiceError:
    """429 for a customer who judges without end."""
    return exhausted("RATE_LIMITED", "this conversation was rated often enough")


def refused_revision(why: str) -> ServiceError:
    """What is wrong with a revision."""
    if why == "no_entry":
        return not_found("ENTRY_NOT_FOUND", "there is no such entry in the journal, check its seq")
    if why == "not_ours":
        return precondition("ENTRY_NOT_OURS", "only what the shop wrote can be changed, and only words be edited")
    if why == "conflict":
        return conflict("MESSAGE_ID_CONFLICT", "revision_id was used for another revision, choose a new one")
    return conversation_missing()
