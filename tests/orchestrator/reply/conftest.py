"""Fixtures of the reply's tests: a shop on SQLite; that tools do the same on PostgreSQL is the tools' own contract."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.orchestrator.backoffice.shops import Shop, sqlite_shop

__all__ = ["shop", "sqlite_shop"]


@pytest.fixture
async def shop(sqlite_shop: Path, tmp_path: Path) -> AsyncIterator[Shop]:  # fixtures are found by name
    """The demo shop."""
    opened = Shop(f"sqlite:///{shutil.copy(sqlite_shop, tmp_path / 'shop.sqlite3')}")
    yield opened
    await opened.close()
