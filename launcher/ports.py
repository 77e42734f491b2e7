"""Loopback ports: free ones, and the one a person asked for."""

from __future__ import annotations

import socket

from launcher.errors import LauncherError

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tells whether a listener could bind `host:port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Returns `count` distinct free loopback ports.

    All are held open together until every one is known, so that they differ from each other. A port can still be
    taken by someone else before it is used; the part that binds it then fails and is started again on another.
    """
    held = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    try:
        return [int(sock.getsockname()[1]) for sock in held]
    finally:
        for sock in held:
            sock.close()


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
