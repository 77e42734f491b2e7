"""Fixtures of the orchestrator's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.orchestrator.stores import Stores, memory_stores, redis_stores


@pytest.fixture(params=["memory", "redis"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[Stores]:
    """Every implementation of journal and turn log in turn."""
    if request.param == "memory":
        yield memory_stores()
        return
    made, client = redis_stores(request.getfixturevalue("redis_url"))
    yield made
    await client.aclose()
