"""What waits for the wire of a shared stream, and in which order it goes."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.errors import ServiceError, unavailable
from servicekit.lanes import BATCH_BYTES, BATCH_ITEMS, LaneQueue

pytestmark = pytest.mark.unit


async def drained(queue: LaneQueue[int]) -> list[tuple[int, int]]:
    """All that is there, message by message."""
    queue.end()
    out: list[tuple[int, int]] = []
    while batch := await queue.batch():
        out += batch
    return out


async def test_all_that_waits_leaves_in_one_message() -> None:
    """In the order of the lanes' turns."""
    queue: LaneQueue[str] = LaneQueue()
    for lane, item in ((1, "a"), (1, "b"), (1, "c"), (2, "x"), (3, "y"), (2, "z")):
        queue.put(lane, item)
    assert await queue.batch() == [(1, "a"), (2, "x"), (3, "y"), (1, "b"), (2, "z"), (1, "c")]


async def test_a_long_replay_does_not_stand_before_a_word() -> None:
    """Four MiB on one lane, then a word on each of a hundred: the words are in the first message."""
    queue: LaneQueue[str] = LaneQueue()
    for _ in range(64):
        queue.put(1, "entry", 64 * 1024)
    for lane in range(2, 102):
        queue.put(lane, "word", 10)
    assert sum(item == "word" for _, item in await queue.batch()) == 100
    while batch := await asyncio.wait_for(queue.batch(), 5):
        assert len(batch) * 64 * 1024 <= BATCH_BYTES
        if len(batch) < 4:
            break


async def test_a_message_is_bounded_in_items_and_bytes_but_never_empty() -> None:
    """An item over the bound goes alone."""
    queue: LaneQueue[int] = LaneQueue()
    queue.put(1, 0, 10 * BATCH_BYTES)
    queue.put(2, 1, 1)
    assert await queue.batch() == [(1, 0)]
    assert await queue.batch() == [(2, 1)]
    for lane in range(BATCH_ITEMS + 5):
        queue.put(lane, 0)
    assert [len(await queue.batch()), len(await queue.batch())] == [BATCH_ITEMS, 5]


async def test_a_dropped_lane_is_gone_and_may_speak_again() -> None:
    """Others keep their turns."""
    queue: LaneQueue[int] = LaneQueue()
    for lane in (1, 2, 1, 2, 3):
        queue.put(lane, lane)
    queue.drop(2)
    queue.drop(9)
    queue.put(2, 22)
    assert await drained(queue) == [(1, 1), (3, 3), (2, 22), (1, 1)]


async def test_the_end_lets_out_what_waits_an_error_does_not() -> None:
    """What comes later is dropped."""
    queue: LaneQueue[int] = LaneQueue()
    queue.put(1, 1)
    queue.end()
    queue.put(1, 2)
    assert await queue.batch() == [(1, 1)]
    assert await queue.batch() == []
    broken: LaneQueue[int] = LaneQueue()
    broken.put(1, 1)
    waiting: LaneQueue[int] = LaneQueue()
    taker = asyncio.create_task(waiting.batch())
    await asyncio.sleep(0)
    for one in (broken, waiting):
        one.end(unavailable("GONE", "gone"))
    with pytest.raises(ServiceError):
        await broken.batch()
    with pytest.raises(ServiceError):
        await taker


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, BATCH_BYTES))))
def test_nothing_is_lost_doubled_or_overtaken_within_a_lane(puts: list[tuple[int, int]]) -> None:
    """Whatever is put, in whatever sizes."""

    async def run() -> None:
        queue: LaneQueue[int] = LaneQueue()
        for number, (lane, size) in enumerate(puts):
            queue.put(lane, number, size)
        out = await drained(queue)
        assert sorted(item for _, item in out) == list(range(len(puts)))
        for lane in range(1, 6):
            mine = [item for one, item in out if one == lane]
            assert mine == sorted(mine)

    asyncio.run(run())
