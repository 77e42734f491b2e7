"""gRPC says nothing about an option that it does not know: a misspelt one just does nothing."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest
from grpc._cython import cygrpc

from servicekit import channels, lifecycle
from servicekit.settings import ServiceSettings
from servicekit.telemetry import Telemetry

pytestmark = pytest.mark.unit

_LIBRARY = Path(cygrpc.__file__).read_bytes()


def test_the_library_knows_every_option_of_servers() -> None:
    """By its name in the compiled library."""
    assert [name for name, _ in lifecycle.OPTIONS if name.encode() not in _LIBRARY] == []


async def test_the_library_knows_every_option_of_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for what channels are opened with."""
    asked: list[str] = []

    def insecure_channel(url: str, options: list[tuple[str, object]], interceptors: object) -> None:
        asked.extend(name for name, _ in options)

    monkeypatch.setattr(grpc.aio, "insecure_channel", insecure_channel)
    channels.open_channel("127.0.0.1:1", Telemetry.create("test", ServiceSettings()))
    assert asked
    assert [name for name in asked if name.encode() not in _LIBRARY] == []


def test_servers_bear_the_pings_of_our_channels() -> None:
    """A server that thinks itself pinged too often ends the connection with every conversation on it."""
    allowed_ms = dict(lifecycle.OPTIONS)["grpc.http2.min_ping_interval_without_data_ms"]
    assert allowed_ms < channels.KEEPALIVE_MS
