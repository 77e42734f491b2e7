"""Background work that meets an error nobody foresaw."""

from __future__ import annotations

import asyncio

import pytest

from servicekit.background import keep_running, stop

pytestmark = pytest.mark.unit


async def test_work_that_fails_begins_again_and_is_told(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Two errors, a pause after each, and then it goes on to its end."""
    tries: list[int] = []
    pauses: list[float] = []

    async def work() -> None:
        tries.append(len(tries))
        if len(tries) < 3:
            raise KeyError("a row that nobody foresaw")

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    await keep_running(work, name="sweeping", sleep=sleep)
    assert tries == [0, 1, 2]
    assert len(pauses) == 2
    assert all(0 <= pause <= 30 for pause in pauses)
    written = capsys.readouterr()  # where the log goes depends on what this process configured before
    told = written.out + written.err + caplog.text
    assert "begins again" in told
    assert "sweeping" in told


async def test_a_cancellation_ends_it() -> None:
    """A process that stops does not wait for it."""
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(keep_running(work, name="sweeping"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_loses_a_cancellation_is_stopped_all_the_same() -> None:
    """As a client library may that has its answer in the same moment; a loop around it goes on."""
    lost: list[int] = []

    async def work() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if len(lost) == 2:
                    raise
                lost.append(len(lost))

    tasks = [asyncio.create_task(work()), asyncio.create_task(asyncio.sleep(60))]
    await asyncio.sleep(0)
    await stop(tasks, again_s=0.01)
    assert lost == [0, 1]
    assert all(task.cancelled() for task in tasks)


async def test_what_is_over_is_no_trouble() -> None:
    """Nothing at all, what has ended, and what ended with an error."""

    async def fails() -> None:
        raise KeyError("over")

    tasks = [asyncio.create_task(asyncio.sleep(0)), asyncio.create_task(fails())]
    await asyncio.wait(tasks)
    await stop(tasks)
    await stop([])
