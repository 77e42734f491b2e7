"""Ports: free ones, configured ones, taken ones."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.errors import LauncherError
from launcher.ports import LOOPBACK, choose_port, free_ports, is_free

pytestmark = pytest.mark.integration


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield int(server.getsockname()[1])


def test_free_ports_differ() -> None:
    """Each is another one, and none is of the range that outgoing connections take theirs from."""
    ports = free_ports(20)
    assert len(set(ports)) == 20
    lowest_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(ports) < lowest_outgoing


def test_taken_default_gives_way_to_the_next(taken: int) -> None:
    """A port that nobody insisted on is replaced by one above it."""
    chosen = choose_port(taken, explicit=False)
    assert taken < chosen <= taken + 50
    assert is_free(chosen)


def test_taken_configured_port_is_refused(taken: int) -> None:
    """A port that a person configured is never silently another."""
    with pytest.raises(LauncherError, match=f"Port {taken} is already in use"):
        choose_port(taken, explicit=True)


def test_zero_means_any() -> None:
    """Port 0 takes a free one, also when configured."""
    assert choose_port(0, explicit=True) > 0


def test_an_ipv6_address_can_be_configured() -> None:
    """A taken port of it is told as taken, a free one as free; where there is no IPv6, none is free."""
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        assert not is_free(1024, "::1")
        return
    with server:
        port = server.getsockname()[1]
        assert not is_free(port, "::1")
    assert is_free(port, "::1")
