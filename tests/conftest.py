"""Real servers shared by every room's tests: each is started once per session and only when a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.triton import environment
from launcher.triton.environment import TritonEnvironment
from launcher.triton.repository import scan
from launcher.triton.server import EmbeddedTriton
from launcher.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parents[1]


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


@pytest.fixture(scope="session")
def triton_environment() -> TritonEnvironment:
    """The environment that `stickerdesk up` would use, installed on first use."""
    return environment.ensure(ROOT / ".venv-triton", say=print)


@pytest.fixture(scope="session")
def triton_server(
    triton_environment: TritonEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedTriton]:
    """The real Triton on this repository's models. Tests that hurt a server start their own instead."""
    server = EmbeddedTriton.start(
        triton_environment, scan(ROOT / "model_repository"), tmp_path_factory.mktemp("triton")
    )
    yield server
    server.stop()


@pytest.fixture(scope="session")
def triton_url(triton_server: EmbeddedTriton) -> str:
    """`host:port` of the session's Triton (gRPC)."""
    return triton_server.url
