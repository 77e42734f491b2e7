"""Fixtures of the desk over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.desk.http import tenants_file
from tests.gateway.mesh import Mesh, mesh


@pytest.fixture
async def edge(redis_url: str, tmp_path: Path) -> AsyncIterator[Mesh]:
    """One gateway and one orchestrator, two tenants."""
    async with mesh(redis_url, tmp_path, tenants_file=tenants_file(tmp_path)) as made:
        yield made
