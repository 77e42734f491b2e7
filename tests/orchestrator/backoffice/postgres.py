"""A private PostgreSQL server in a temporary folder, run by Debian's binaries under a user that is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

ABSENT = "PostgreSQL's initdb is not installed (Debian: postgresql), so only SQLite is exercised"
_USER = "postgres"


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl; None when there is none, or only root to run it as."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if found is None else [Path(found).parent]
    usable = [folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()]
    return usable[-1] if usable and (os.geteuid() != 0 or _known_user()) else None


class PostgresServer:
    """Starts on construction.

    Args:
        folder: Of the binaries.
    """

    def __init__(self, folder: Path) -> None:
        self._bin = folder
        self._root = Path(tempfile.mkdtemp(prefix="sd-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self._root, _USER)
        self._data = self._root / "data"
        self._run("initdb", "-D", self._data, "-U", "shop", "-A", "trust", "-N", "-E", "UTF8")
        self.port = _free_port()
        self.start()

    def start(self) -> None:
        """Starts it, again too."""
        options = f"-p {self.port} -h 127.0.0.1 -k {self._root} -c fsync=off -c max_connections=60 -c autovacuum=off"
        self._run("pg_ctl", "-D", self._data, "-l", self._root / "log", "-w", "-o", options, "start")

    def url(self, database: str = "postgres") -> str:
        """The URL of a database on it."""
        return f"postgresql://shop@127.0.0.1:{self.port}/{database}"

    def halt(self) -> None:
        """Stops it at once, keeping its data."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def stop(self) -> None:
        """Stops it and removes its folder."""
        self.halt()
        shutil.rmtree(self._root, ignore_errors=True)

    def _run(self, name: str, *arguments: str | Path) -> None:
        command = [str(self._bin / name), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", _USER, "--", *command]
        with tempfile.TemporaryFile() as said:  # a pipe would stay open in the server and never end
            done = subprocess.run(command, stdout=said, stderr=said, cwd=self._root, timeout=60, check=False)
            said.seek(0)
            assert done.returncode == 0, said.read().decode()


def _known_user() -> bool:
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
