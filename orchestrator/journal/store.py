"""The connection to Redis or Valkey that journal, turn log and feed share: scripts, limits, one error mapping."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from orchestrator.journal.keys import GROUP, Keys
from orchestrator.journal.waiting_pool import WaitingPool
from servicekit.errors import unavailable

AnyRedis = Redis | RedisCluster
Args = tuple[str | int | bytes, ...]

_LUA = Path(__file__).parent / "lua"
_OPERATIONS = (
    "create",
    "post",
    "close",
    "begin",
    "restart",
    "finish",
    "renew",
    "release",
    "erase",
    "receive",
    "rate",
    "revise",
    "announce",
    "say",
    "summarise",
    "take",
    "let_go",
    "agent_say",
    "hint",
)
_DAY_MS = 24 * 3600 * 1000
_PER_TRIP = 200
# Answers of a server that is up but cannot take the write now.
_PASSING = ("OOM", "MISCONF", "READONLY", "LOADING", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "BUSY")


@dataclass(frozen=True)
class Limits:
    """How much is kept, for how long, and how often a turn is tried.

    Attributes:
        lease_ms: A turn whose owner is silent this long is taken over.
        max_tries: Tries of a turn before it is given up.
        max_pending: Messages of one conversation that may wait for an answer.
        max_entries: Entries kept per conversation; older ones are trimmed.
        retention_ms: A conversation is forgotten this long after its last entry.
        state_ms: The dialogue state's life after the last answer.
        history: Entries that a turn sees.
    """

    lease_ms: int = 5_000
    max_tries: int = 3
    max_pending: int = 20
    max_entries: int = 5_000
    retention_ms: int = 30 * _DAY_MS
    state_ms: int = 10 * 60 * 1000
    history: int = 20


def open_redis(url: str, *, cluster: bool = False, timeout_s: float = 2.0) -> AnyRedis:
    """A client with short timeouts and one retry: every script may safely be sent twice.

    Args:
        url: redis:// or rediss:// address; with `cluster` of any node.
        cluster: Whether it is a Redis Cluster.
        timeout_s: Seconds to wait for a connection or an answer.
    """
    options: dict[str, Any] = {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 1),
        "health_check_interval": 15,
    }
    if cluster:
        return RedisCluster.from_url(url, **options)
    return Redis.from_pool(WaitingPool.from_url(url, **options))


@contextmanager
def reaching_store() -> Iterator[None]:
    """Turns a store that is out of reach into UNAVAILABLE; what is wrong with a command stays an error of ours."""
    try:
        yield
    except (RedisConnectionError, RedisTimeoutError, RedisClusterException, OSError, TimeoutError) as error:
        raise _out_of_reach() from error
    except ResponseError as error:
        if str(error).startswith(_PASSING):
            raise _out_of_reach() from error
        raise


def _out_of_reach() -> Exception:
    return unavailable(
        "UNAVAILABLE", "the conversation store is out of reach, send it again shortly", retry_after_s=1.0
    )


class Store:
    """Scripts over one client. They are loaded anew by themselves when the server has lost them.

    Args:
        client: From `open_redis`.
        keys: Names of keys.
        limits: Retention and leases.
    """

    def __init__(self, client: AnyRedis, keys: Keys, limits: Limits) -> None:
        self.client: Any = client
        self.keys = keys
        self.limits = limits
        prelude = (_LUA / "_prelude.lua").read_text()
        self._scripts = {
            name: client.register_script(prelude + (_LUA / f"{name}.lua").read_text()) for name in _OPERATIONS
        }
        self._line_join = client.register_script((_LUA / "line_join.lua").read_text())
        self._line_leave = client.register_script((_LUA / "line_leave.lua").read_text())
        self._current = client.register_script((_LUA / "current.lua").read_text())

    async def run(self, operation: str, conversation_id: str, *args: str | int | bytes) -> Any:
        """Runs `lua/<operation>.lua` on a conversation.

        Raises:
            ServiceError: UNAVAILABLE.
        """
        common = (conversation_id, GROUP, self.limits.retention_ms, self.limits.max_entries)
        with reaching_store():
            return await self._scripts[operation](keys=self.keys.conversation(conversation_id), args=[*common, *args])

    async def run_many(self, operation: str, calls: Sequence[tuple[str, Args]]) -> list[Any]:
        """Runs one script on many conversations, in as few round trips as the store allows.

        One after the other through the pool, a thousand renewals would keep whoever begins or ends a turn waiting.

        Args:
            operation: As in `run`.
            calls: Conversation and further arguments of each.

        Raises:
            ServiceError: UNAVAILABLE.
        """
        if not isinstance(self.client, Redis):  # a cluster's pipeline takes no scripts
            return await asyncio.gather(*(self.run(operation, one, *args) for one, args in calls))
        answers: list[Any] = []
        for start in range(0, len(calls), _PER_TRIP):
            with reaching_store():
                async with self.client.pipeline(transaction=False) as pipe:
                    for one, args in calls[start : start + _PER_TRIP]:
                        common = (one, GROUP, self.limits.retention_ms, self.limits.max_entries)
                        keys = self.keys.conversation(one)
                        await self._scripts[operation](keys=keys, args=[*common, *args], client=pipe)
                    answers += await pipe.execute()
        return answers

    async def swap_current(self, tenant: str, customer_id: str, expected: str, conversation_id: str) -> str:
        """Sets the customer's current conversation if it is `expected` now; returns what it is after that."""
        with reaching_store():
            answer: bytes = await self._current(
                keys=[self.keys.current(tenant, customer_id)],
                args=[expected, conversation_id, self.limits.retention_ms],
            )
        return answer.decode()

    async def line_join(self, tenant: str, conversation_id: str, since_ms: int) -> bool:
        """Runs `lua/line_join.lua`; whether the line moved."""
        waiting, _ = self.keys.line(tenant)
        args: list[str | int] = [conversation_id, self.limits.retention_ms, since_ms]
        with reaching_store():
            return bool(await self._line_join(keys=[waiting], args=args))

    async def line_leave(self, tenant: str, conversation_id: str, *, served: bool) -> bool:
        """Runs `lua/line_leave.lua`; whether the line moved."""
        args = [conversation_id, "1" if served else "", _DAY_MS]
        with reaching_store():
            return bool(await self._line_leave(keys=self.keys.line(tenant), args=args))

    async def ping(self) -> bool:
        """Whether the server answers."""
        try:
            return bool(await self.client.ping())
        except (RedisError, OSError):
            return False
