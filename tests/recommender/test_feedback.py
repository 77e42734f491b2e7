"""Clicks: the arithmetic, and one contract for both stores."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from recommender.feedback import (
    HALF_LIFE_S,
    Counts,
    Event,
    Evidence,
    FeedbackStore,
    FeedbackUnavailableError,
    Reaction,
    faded,
    increments,
)
from recommender.feedback_memory import MemoryFeedbackStore
from recommender.feedback_redis import RedisFeedbackStore, open_redis
from tests.orchestrator.cluster import one_node_cluster

pytestmark = pytest.mark.integration

NOW = 1_800_000_000.0


def _event(
    reaction: Reaction = Reaction.CLICKED, sticker: str = "p/a", position: int = 0, query: str = "", at: float = NOW
) -> Event:
    return Event(reaction, sticker, position, query, at)


@pytest.fixture(params=["memory", "redis", "cluster"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FeedbackStore]:
    """Each of the stores, empty; the one in Redis on a cluster, too."""
    if request.param == "memory":
        yield MemoryFeedbackStore()
        return
    if request.param == "cluster":
        with one_node_cluster(tmp_path) as url:
            cluster = open_redis(url, cluster=True)
            yield RedisFeedbackStore(cluster)
            await cluster.aclose()
        return
    redis = open_redis(request.getfixturevalue("redis_url"))
    for key in await redis.keys("{stickers}:*"):
        await redis.delete(key)
    yield RedisFeedbackStore(redis)
    await redis.aclose()


def _request() -> str:
    return uuid.uuid4().hex


async def test_clicks_are_counted_overall_and_for_the_query(store: FeedbackStore) -> None:
    """A click speaks for the sticker at large and more so for the query it was made on."""
    assert await store.record(_request(), [_event(query="q1"), _event(Reaction.SHOWN, query="q1")]) == 2
    evidence = await store.evidence("q1", NOW)
    assert evidence.overall["p/a"] == evidence.for_query["p/a"]
    assert evidence.overall["p/a"].clicks == pytest.approx(1.0)
    assert evidence.overall["p/a"].exposure == pytest.approx(1.0)
    assert (await store.evidence("q2", NOW)).for_query == {}


async def test_a_repeated_request_counts_once(store: FeedbackStore) -> None:
    """The same request id twice is the same feedback once."""
    request = _request()
    assert await store.record(request, [_event()]) == 1
    assert await store.record(request, [_event()]) == 0
    assert (await store.evidence("", NOW)).overall["p/a"].clicks == pytest.approx(1.0)


async def test_counts_fade_with_time(store: FeedbackStore) -> None:
    """After one half-life a click weighs half, also when another is added then."""
    await store.record(_request(), [_event()])
    later = NOW + HALF_LIFE_S
    assert (await store.evidence("", later)).overall["p/a"].clicks == pytest.approx(0.5, abs=1e-4)
    await store.record(_request(), [_event(at=later)])
    assert (await store.evidence("", later + 60)).overall["p/a"].clicks == pytest.approx(1.5, abs=1e-3)


async def test_an_event_from_the_past_cannot_turn_back_time(store: FeedbackStore) -> None:
    """A late report is added without making newer counts older."""
    await store.record(_request(), [_event(at=NOW)])
    await store.record(_request(), [_event(at=NOW - HALF_LIFE_S)])
    assert (await store.evidence("", NOW)).overall["p/a"].clicks == pytest.approx(2.0, abs=1e-4)


async def test_no_events_is_no_error(store: FeedbackStore) -> None:
    """A request whose stickers are all unknown counts nothing."""
    assert await store.record(_request(), []) == 0


async def test_an_unreachable_redis_is_a_typed_error() -> None:
    """Both calls say that the store is out of reach."""
    redis = Redis.from_url("redis://127.0.0.1:1", decode_responses=True, socket_connect_timeout=0.2)
    store = RedisFeedbackStore(redis)
    with pytest.raises(FeedbackUnavailableError):
        await store.record("r", [_event()])
    with pytest.raises(FeedbackUnavailableError):
        await store.evidence("q", NOW)
    await redis.aclose()


def test_position_matters() -> None:
    """Being passed over far down says less, being clicked there says more, up to a bound."""
    top, low = increments(_event(Reaction.SHOWN)), increments(_event(Reaction.SHOWN, position=10))
    assert low.exposure < top.exposure == 1.0
    assert increments(_event(position=10)).clicks > increments(_event()).clicks
    assert increments(_event(position=1000)).clicks <= 3.0
    assert increments(_event(Reaction.DISMISSED)).exposure > top.exposure


def test_lift_needs_evidence_and_is_bounded() -> None:
    """No counts, no lift; overwhelming counts stay within [-1, 1]."""
    assert Evidence().lift("p/a") == 0.0
    assert Counts(0, 1e9).lift() == 1.0
    assert -1.0 <= Counts(1e9, 0).lift() < -0.9
    assert 0 < Counts(1, 1).lift() < 0.6


def test_fading_never_grows() -> None:
    """A clock that runs backwards does not inflate counts."""
    assert faded(Counts(1, 1), -100) == Counts(1, 1)
