"""Real servers shared by every room's tests: each is started once per session and only when a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from launcher.valkey import EmbeddedValkey


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """A real Valkey with append-only persistence. Tests that kill a server start their own instead."""
    server = EmbeddedValkey.start(tmp_path_factory.mktemp("valkey"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_url(valkey_server: EmbeddedValkey) -> str:
    """The session's Valkey, shared: use keys of your own (a random conversation id, tenant or prefix)."""
    return valkey_server.url
