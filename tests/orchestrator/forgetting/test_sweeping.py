"""The sweep that runs by itself."""

from __future__ import annotations

import asyncio
import random

import pytest

from orchestrator.forgetting.sweeping import Sweeping
from servicekit.errors import unavailable

pytestmark = pytest.mark.unit


async def test_it_runs_again_and_again_also_after_a_failure() -> None:
    """Each time after about the period, never at once; a store out of reach is told and tried again."""
    slept: list[float] = []
    runs = 0

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) > 4:
            raise asyncio.CancelledError

    async def expire() -> dict[str, int]:
        nonlocal runs
        runs += 1
        if runs == 2:
            raise unavailable("BACKOFFICE_UNAVAILABLE", "away")
        return {"receipts": 3}

    with pytest.raises(asyncio.CancelledError):
        await Sweeping(expire, every_s=100.0, sleep=sleep, rng=random.Random(1)).run()
    assert runs == 4
    assert all(80 <= seconds <= 120 for seconds in slept)
    assert len(set(slept)) == len(slept)
