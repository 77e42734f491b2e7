"""Decoding never holds more than it may, and everybody gets their turn."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.pictures.room import DecodingRoom

pytestmark = pytest.mark.unit


def test_no_more_than_the_limit_is_held() -> None:
    """Many threads with needs of all sizes: the sum stays within the limit, and all come through."""
    room, lock = DecodingRoom(100), threading.Lock()
    held = most = done = 0

    def work(need: int) -> None:
        nonlocal held, most, done
        with room.hold(need):
            with lock:
                held += min(need, 100)
                most = max(most, held)
            with lock:
                held -= min(need, 100)
                done += 1

    with ThreadPoolExecutor(8) as pool:
        for turn in range(400):
            pool.submit(work, (turn * 37) % 150)
    assert done == 400
    assert 0 < most <= 100


def test_one_that_is_larger_than_all_goes_alone() -> None:
    """It waits until everybody is out, and then is let in; the small ones behind it do not pass it by."""
    room, order = DecodingRoom(100), []
    waiting = threading.Event()

    def large() -> None:
        waiting.set()
        with room.hold(1000):
            order.append("large")

    def small() -> None:
        with room.hold(1):
            order.append("small")

    with ThreadPoolExecutor(2) as pool:
        with room.hold(1):
            first = pool.submit(large)
            waiting.wait()
            while not room._line.locked():
                pass
            second = pool.submit(small)
        first.result()
        second.result()
    assert order == ["large", "small"]


def test_a_failure_gives_its_room_back() -> None:
    """What was held by a picture that is broken is free again."""
    room = DecodingRoom(10)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"), room.hold(10):
            raise ValueError("broken")
    with room.hold(10):
        pass
