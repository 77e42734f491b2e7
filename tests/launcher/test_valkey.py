"""The embedded Valkey keeps what it was told."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis import Redis

from launcher.errors import LauncherError
from launcher.valkey import EmbeddedValkey, answers, find_binary, version

pytestmark = pytest.mark.integration


def test_answers_on_the_shared_url(redis_url: str) -> None:
    """The session's server takes commands."""
    with Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_second_start_reuses_the_data(tmp_path: Path) -> None:
    """What was written before an orderly stop is there after the next start."""
    first = EmbeddedValkey.start(tmp_path)
    with Redis.from_url(first.url) as client:
        client.set("kept", "yes")
    first.stop()
    assert not answers(first.port)
    second = EmbeddedValkey.start(tmp_path)
    try:
        with Redis.from_url(second.url) as client:
            assert client.get("kept") == b"yes"
    finally:
        second.stop()


def test_busy_port_is_a_sentence(valkey_server: EmbeddedValkey, tmp_path: Path) -> None:
    """A second server on a taken port is refused, instead of mistaking the first one for itself."""
    with pytest.raises(LauncherError, match="already in use"):
        EmbeddedValkey.start(tmp_path, port=valkey_server.port)


def test_version_is_told() -> None:
    """The version is read from the binary itself."""
    assert version(find_binary())[0].isdigit()
