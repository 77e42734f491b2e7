"""How often a turn goes to the store: counted by the store itself."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.journal.store import Limits, open_redis
from tests.fakes import ScriptedEngine
from tests.orchestrator.harness import client, running

pytestmark = pytest.mark.integration
_TURNS = 5


async def scripts(store: Any) -> int:
    """Scripts that the store has run."""
    stats = await store.info("commandstats")
    return sum(int(stats[name]["calls"]) for name in ("cmdstat_evalsha", "cmdstat_eval") if name in stats)


async def test_a_turn_takes_two_scripts(redis_url: str) -> None:
    """One takes the message and begins its turn, one ends it; so nothing but the first is before the first word."""
    store = open_redis(redis_url)
    limits = Limits(lease_ms=120_000)  # no claim is renewed meanwhile
    async with running(redis_url, ScriptedEngine("Yes."), limits=limits) as on, client(on.url) as kim:
        await kim.ask("warm")
        before = await scripts(store)
        for number in range(_TURNS):
            await kim.ask(f"How long does delivery take? {number}")
        assert await scripts(store) - before == 2 * _TURNS
    await store.aclose()
