"""The turn log in Redis: a stream and a consumer group per partition, a fenced lock per conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.exceptions import ResponseError

from orchestrator.journal.entries import Entry, decode_body, encode_body
from orchestrator.journal.keys import GROUP, PARTITIONS
from orchestrator.journal.ports import Begun, Result, TurnRef
from orchestrator.journal.redis_journal import begin_args, begun_of
from orchestrator.journal.store import Store, reaching_store
from servicekit.errors import conflict

_TAKE_AT_ONCE = 16


class RedisTurnLog:
    """The `TurnLog` port on Redis ≥ 7 or Valkey."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, turn: TurnRef, *, owner: str) -> Begun:
        """See the port."""
        lease_ms, max_tries, history = begin_args(self._store.limits)
        answer = await self._store.run(
            "begin", turn.conversation_id, turn.turn_id, turn.log_id, owner, lease_ms, max_tries, history, turn.seq
        )
        return begun_of(turn, answer, self._store.limits)

    async def restart(self, turn: TurnRef) -> int:
        """See the port."""
        return int(await self._store.run("restart", turn.conversation_id, turn.turn_id))

    async def finish(self, turn: TurnRef, *, owner: str, fence: int, result: Result) -> tuple[Entry, ...] | None:
        """See the port."""
        bodies = [encode_body(body) for body in result.bodies]
        status, *rest = await self._store.run(
            "finish", turn.conversation_id, turn.turn_id, turn.log_id, fence, owner, result.language,
            result.conversation or "", self._store.limits.state_ms, result.outcome, result.dead_letter,
            "" if result.state is None else "1", result.state or b"", *bodies,
        )  # fmt: skip
        if status == b"stale":
            raise conflict("STALE_FENCE", "another process answers this turn")
        if status == b"done":
            return None
        if status == b"attended":
            return ()
        placed = zip(rest[0], bodies, strict=True)
        return tuple(Entry(int(seq), int(at), decode_body(raw)) for (seq, at), raw in placed)

    async def renew(self, turns: Sequence[TurnRef], *, owner: str) -> list[bool]:
        """See the port."""
        lease_ms = self._store.limits.lease_ms
        calls = [(turn.conversation_id, (turn.log_id, owner, lease_ms)) for turn in turns]
        return [bool(answer) for answer in await self._store.run_many("renew", calls)]

    async def release(self, turns: Sequence[TurnRef], *, owner: str) -> None:
        """See the port."""
        calls = [(turn.conversation_id, (turn.log_id, owner, turn.turn_id)) for turn in turns]
        await self._store.run_many("release", calls)

    async def take_over(self, *, owner: str) -> list[TurnRef]:
        """See the port. One round trip for all partitions."""
        with reaching_store():
            async with self._store.client.pipeline(transaction=False) as pipe:
                for partition in range(PARTITIONS):
                    key = self._store.keys.turns(partition)
                    pipe.xautoclaim(key, GROUP, owner, self._store.limits.lease_ms, "0-0", count=_TAKE_AT_ONCE)
                answers = await pipe.execute(raise_on_error=False)
        turns: list[TurnRef] = []
        for answer in answers:
            if isinstance(answer, ResponseError) and "NOGROUP" in str(answer):
                continue  # nobody has written to this partition yet
            if isinstance(answer, Exception):
                with reaching_store():
                    raise answer
            turns.extend(_turn_of(row) for row in answer[1])
        return turns


def _turn_of(row: Any) -> TurnRef:
    log_id, fields = row
    conversation, turn, parent = (fields[key].decode() for key in (b"c", b"u", b"p"))
    return TurnRef(conversation, turn, int(fields[b"s"]), log_id.decode(), parent, fields.get(b"k", b""))
