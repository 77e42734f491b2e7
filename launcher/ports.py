"""Loopback ports: free ones, and the one a person asked for."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path

from launcher.errors import LauncherError

LOOPBACK = "127.0.0.1"
_LOWEST = 15000
_USUAL_LOWEST_OUTGOING = 32768
_TRIES = 1000


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tells whether a listener could bind `host:port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """Returns `count` distinct free loopback ports.

    They lie below the range from which the system gives outgoing connections theirs: a port of that range may be taken
    by any connection between the moment it was found free and the moment its server binds it. All are held open
    together until every one is known, so that they differ from each other.

    Raises:
        LauncherError: So many could not be found.
    """
    held: dict[int, socket.socket] = {}
    try:
        for port in random.SystemRandom().sample(_candidates(), _TRIES):
            if len(held) == count:
                break
            with suppress(OSError):
                held[port] = socket.create_server((LOOPBACK, port))
    finally:
        for sock in held.values():
            sock.close()
    if len(held) < count:
        raise LauncherError(f"Found only {len(held)} free ports, {count} are needed.")
    return list(held)


def _candidates() -> range:
    """Returns the ports above the well-known ones and below those of outgoing connections."""
    try:
        lowest_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        lowest_outgoing = _USUAL_LOWEST_OUTGOING
    top = lowest_outgoing if lowest_outgoing - _LOWEST >= _TRIES else 65536
    return range(_LOWEST, top)


def choose_port(preferred: int, *, explicit: bool, host: str = LOOPBACK, tries: int = 50) -> int:
    """Returns `preferred`, or the next free port after it when it is taken and was only a default.

    Args:
        preferred: The wanted port, 1 to 65535; 0 means any free one.
        explicit: True when a person configured it: then a busy port is an error and never silently another.
        host: The address that will be bound.
        tries: How many ports above `preferred` are looked at.

    Raises:
        LauncherError: The explicit port is busy, or none of the tried ones is free.
    """
    if preferred == 0:
        return free_ports(1)[0]
    if is_free(preferred, host):
        return preferred
    if explicit:
        raise LauncherError(
            f"Port {preferred} is already in use.", "Stop what listens there or configure another port."
        )
    for port in range(preferred + 1, min(preferred + tries, 65536)):
        if is_free(port, host):
            return port
    raise LauncherError(f"No free port between {preferred} and {preferred + tries - 1}.")
