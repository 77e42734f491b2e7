"""The journal on a Redis Cluster: all keys of a conversation lie on one slot, news travel by sharded pub/sub."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.journal.entries import Author, Body, Outcome
from orchestrator.journal.feed import EntryAppended, FeedEvent, ReceiptMoved, TurnOver, decode_event
from orchestrator.journal.keys import Keys
from orchestrator.journal.ports import BeginStatus, Result
from orchestrator.journal.redis_feed import RedisBus
from orchestrator.journal.redis_journal import RedisJournal
from orchestrator.journal.store import Store, open_redis
from orchestrator.turns.redis_turns import RedisTurnLog
from tests.fakes import said
from tests.orchestrator.cluster import one_node_cluster
from tests.orchestrator.stores import LIMITS

pytestmark = pytest.mark.integration


@pytest.fixture
def cluster_url(tmp_path: Path) -> Iterator[str]:
    """A cluster of one node."""
    with one_node_cluster(tmp_path) as url:
        yield url


async def test_a_turn_on_a_cluster(cluster_url: str) -> None:
    """Open, post, take over, answer, read; and everybody hears of it."""
    client, keys = open_redis(cluster_url, cluster=True), Keys("cl")
    store, bus, heard = Store(client, keys, LIMITS), RedisBus(client, keys), asyncio.Queue[FeedEvent]()
    journal, turns, subscribed = RedisJournal(store), RedisTurnLog(store), asyncio.Event()
    await bus.start(lambda raw: heard.put_nowait(decode_event(raw)), subscribed.set)
    try:
        async with asyncio.timeout(20):
            await subscribed.wait()
            head, _ = await journal.open(conversation_id="", tenant="t", customer_id="u", language="en")
            posted = await journal.post(head.conversation_id, said("hello"), owner="a")
            assert posted.turn is not None
            await asyncio.sleep(LIMITS.lease_ms / 1000 + 0.05)
            assert await turns.take_over(owner="b") == [posted.turn]
            begun = await turns.begin(posted.turn, owner="b")
            assert begun.status is BeginStatus.RUN
            body = Body(author=Author.ASSISTANT, turn_id=posted.turn_id, text="hi", outcome=Outcome.ANSWERED)
            await turns.finish(posted.turn, owner="b", fence=begun.fence, result=Result(Outcome.ANSWERED, (body,)))
            page = await journal.read(head.conversation_id, after_seq=0, limit=10)
            assert [entry.body.text for entry in page.entries] == ["hello", "hi"]
            bus.publish(head.conversation_id, b'{"kind":"released","conversation_id":"x"}')
            kinds = [type(await heard.get()) for _ in range(4)]
            assert kinds == [EntryAppended, ReceiptMoved, EntryAppended, TurnOver]
            assert (await heard.get()).conversation_id == "x"
    finally:
        await bus.stop()
        await client.aclose()
