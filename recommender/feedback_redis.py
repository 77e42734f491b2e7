"""Feedback kept in Redis or Valkey, shared by all replicas.

One hash holds the counts over all queries, one hash per query the counts for that query; a field is
`<sticker id>` with the value `exposure clicks unix-time`. All keys share the hash tag `{stickers}`, so one script
can check the receipt and add all events at once on a cluster, too.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, cast

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisClusterException, RedisError

from recommender.feedback import HALF_LIFE_S, Counts, Event, Evidence, FeedbackUnavailableError, faded, increments

_TIMEOUT_S = 0.5
_AWAY = (RedisError, RedisClusterException, OSError, TimeoutError)
_RECEIPT_LIFE_S = 24 * 3600
_QUERY_LIFE_S = 90 * 24 * 3600
_OVERALL_LIFE_S = 3.0
_OVERALL = "{stickers}:feedback:overall"

# KEYS: receipt, then one hash per addition. ARGV: receipt life, half-life, query life, then per addition: sticker id,
# exposure, clicks, unix time. Returns 0 when the receipt was there.
_RECORD = """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
for i = 2, #KEYS do
  local at = 4 + (i - 2) * 4
  local id, exposure, clicks, now = ARGV[at], tonumber(ARGV[at+1]), tonumber(ARGV[at+2]), tonumber(ARGV[at+3])
  local old = redis.call('HGET', KEYS[i], id)
  if old then
    local e, c, t = string.match(old, '^(%S+) (%S+) (%S+)$')
    t = tonumber(t)
    if t > now then now = t end
    local keep = 0.5 ^ ((now - t) / tonumber(ARGV[2]))
    exposure, clicks = exposure + tonumber(e) * keep, clicks + tonumber(c) * keep
  end
  redis.call('HSET', KEYS[i], id, string.format('%.6f %.6f %.3f', exposure, clicks, now))
  redis.call('EXPIRE', KEYS[i], ARGV[3])
end
return 1
"""


def open_redis(url: str, *, cluster: bool = False) -> Redis | RedisCluster:
    """A client with short timeouts: an answer without what was clicked is better than a late one.

    Args:
        url: redis:// or rediss:// address; with `cluster` of any node.
        cluster: Whether it is a Redis Cluster.
    """
    options: dict[str, Any] = {
        "decode_responses": True, "socket_timeout": _TIMEOUT_S, "socket_connect_timeout": _TIMEOUT_S,
    }  # fmt: skip
    return RedisCluster.from_url(url, **options) if cluster else Redis.from_url(url, **options)


class RedisFeedbackStore:
    """Counts behind a Redis URL."""

    def __init__(self, redis: Redis | RedisCluster) -> None:
        """Takes a client that decodes responses; timeouts are the client's. All keys share one slot of a cluster."""
        self._redis = redis
        self._record = redis.register_script(_RECORD)
        self._overall: Mapping[str, Counts] = {}
        self._overall_at = -math.inf

    async def record(self, request_id: str, events: Sequence[Event]) -> int:
        """Adds events once per request id, all or none."""
        keys = [f"{{stickers}}:feedback:receipt:{request_id}"]
        arguments: list[str | float] = [_RECEIPT_LIFE_S, HALF_LIFE_S, _QUERY_LIFE_S]
        for event in events:
            more = increments(event)
            for key in (_OVERALL, _query_hash(event.query_key)) if event.query_key else (_OVERALL,):
                keys.append(key)
                arguments += [event.sticker_id, more.exposure, more.clicks, event.at]
        try:
            fresh = await self._record(keys=keys, args=arguments)
        except _AWAY as error:
            raise FeedbackUnavailableError(type(error).__name__) from error
        return len(events) if fresh else 0

    async def evidence(self, query_key: str, now: float) -> Evidence:
        """Returns counts faded to `now`: for the query as they stand, overall ones at most some seconds old."""
        wants_overall = abs(now - self._overall_at) >= _OVERALL_LIFE_S
        try:
            overall = await self._table(_OVERALL) if wants_overall else {}
            here = await self._table(_query_hash(query_key)) if query_key else {}
        except _AWAY as error:
            raise FeedbackUnavailableError(type(error).__name__) from error
        if wants_overall:
            self._overall, self._overall_at = _counts(overall, now), now
        return Evidence(self._overall, _counts(here, now))

    async def _table(self, key: str) -> Mapping[str, str]:
        return await cast("Awaitable[Mapping[str, str]]", self._redis.hgetall(key))


def _query_hash(query_key: str) -> str:
    return f"{{stickers}}:feedback:query:{query_key}"


def _counts(table: Mapping[str, str], now: float) -> dict[str, Counts]:
    found = {}
    for sticker_id, value in table.items():
        exposure, clicks, since = (float(number) for number in value.split())
        found[sticker_id] = faded(Counts(exposure, clicks), now - since)
    return found
