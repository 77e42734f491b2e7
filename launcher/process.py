"""One child process: started in its own group, tethered to the launcher, stopped politely and then not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_TETHER = Path(__file__).with_name("tether.py")
_KILL_WAIT_S = 5.0
_LAST_WORDS = 200
_LOG_BYTES = 8 * 1024 * 1024


class ChildProcess:
    """A running command whose output goes to a log file.

    It leads its own process group, so that a Ctrl-C in the terminal reaches only the launcher, and receives SIGTERM
    when the launcher dies without having stopped it.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        """Wraps a process that `spawn` started."""
        self._process = process
        self._buried = False
        self.log = log

    @classmethod
    def spawn(
        cls, argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> ChildProcess:
        """Starts `argv`, appending its output to `log`.

        Must be called on a thread that lives as long as the child should: the parent-death signal follows the thread.

        Raises:
            OSError: The log cannot be opened.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        _rotate(log)
        tethered = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *argv]
        with log.open("ab") as output:
            process = subprocess.Popen(
                tethered,
                env=None if env is None else dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(process, log)

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its process group."""
        return self._process.pid

    def returncode(self) -> int | None:
        """Returns the exit status, negative for a signal, or None while it runs."""
        return self._process.poll()

    def interrupt(self) -> None:
        """Asks the process to drain and end (SIGTERM)."""
        if self.returncode() is None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self, grace_s: float) -> int:
        """Asks the process to end, waits up to `grace_s`, then kills its whole group.

        Returns:
            The exit status; negative when a signal ended it.
        """
        self.interrupt()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.kill()
        status = self._process.wait(_KILL_WAIT_S)
        self._buried = True
        return status

    def kill(self) -> None:
        """Ends the whole group at once, with what is left of it, such as model stubs that outlived their server."""
        if self._buried:  # its number may belong to somebody else by now
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def last_words(self) -> str:
        """Returns the last non-empty line of the log in short, for the sentence that reports a crash."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        line = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return _of_record(line)[:_LAST_WORDS]


def _of_record(line: str) -> str:
    """Picks what a person wants from a JSON log line; any other line is itself."""
    try:
        record = json.loads(line)
        return ": ".join(str(record[key]) for key in ("event", "problem", "exception") if record.get(key)) or line
    except (ValueError, TypeError, AttributeError):
        return line


def _rotate(log: Path) -> None:
    """Sets a log that has grown large aside, keeping one."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        os.replace(log, log.with_suffix(".log.1"))
