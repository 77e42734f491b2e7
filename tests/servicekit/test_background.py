"""Background work that meets an error nobody foresaw."""

from __future__ import annotations

import asyncio

import pytest

from servicekit.background import keep_running

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
