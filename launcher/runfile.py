"""What a running stack writes down for the other commands: `run.json` in the data folder, beside a lock."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from launcher.errors import LauncherError

_FILE = "run.json"
_LOCK = "up.lock"


@dataclass
class RunningPart:
    """One part as it runs."""

    address: str
    embedded: bool
    state: str = "waiting"
    pid: int | None = None
    metrics: str | None = None


@dataclass
class RunFile:
    """A running stack.

    Attributes:
        pid: The launcher's process.
        url: Where the browser goes.
        started_at: Local time, ISO 8601.
        version: The launcher's version.
        parts: The parts by name.
    """

    pid: int
    url: str
    started_at: str
    version: str
    parts: dict[str, RunningPart] = field(default_factory=dict)

    def write(self, data_dir: Path) -> None:
        """Replaces the file atomically: a reader sees the old or the new one."""
        waiting = data_dir / f"{_FILE}.part"
        waiting.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        os.replace(waiting, data_dir / _FILE)


def read(data_dir: Path) -> RunFile | None:
    """Returns the stack that runs on `data_dir` now, or None; a file left by a crash counts as none."""
    try:
        content = json.loads((data_dir / _FILE).read_text(encoding="utf-8"))
        parts = {name: RunningPart(**part) for name, part in content.pop("parts").items()}
        found = RunFile(**content, parts=parts)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if _is_locked(data_dir) else None


@contextmanager
def claim(data_dir: Path) -> Iterator[None]:
    """Holds `data_dir` for one stack; the claim ends with the process, however it ends.

    Raises:
        LauncherError: Another stack runs on it, or it cannot be written.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (data_dir / _LOCK).open("a")
    except OSError as error:
        raise LauncherError(f"Cannot write the data folder {data_dir}: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LauncherError(_who(data_dir), "Stop it with Ctrl-C, or set STICKERDESK_DATA_DIR.") from error
        try:
            yield
        finally:
            (data_dir / _FILE).unlink(missing_ok=True)


def _who(data_dir: Path) -> str:
    running = read(data_dir)
    if running is None:
        return f"Another stack is starting on {data_dir}."
    return f"Stickerdesk already runs on {data_dir}: {running.url}, process {running.pid}, since {running.started_at}."


def _is_locked(data_dir: Path) -> bool:
    try:
        with (data_dir / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
