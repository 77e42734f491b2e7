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
_LAST_LINES = 20
_LOG_BYTES = 8 * 1024 * 1024


class ChildProcess:
    """A running command whose output goes to a log file.

    It leads its own process group, so that a Ctrl-C in the terminal reaches only the launcher, and receives SIGTERM
    when the launcher dies without having stopped it.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path, log_start_bytes: int = 0) -> None:
        """Wraps a process that `spawn` started and whose own part of the log begins at `log_start_bytes`."""
        self._process = process
        self._log_start_bytes = log_start_bytes
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
            start_bytes = output.tell()
            process = subprocess.Popen(
                tethered,
                env=None if env is None else dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(process, log, start_bytes)

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
        """Returns what this process last logged, in short: its last error record, else its last line."""
        try:
            text = self.log.read_bytes()[self._log_start_bytes :].decode("utf-8", errors="replace")
        except OSError:
            return ""
        lines = [line.strip() for line in text.splitlines()[-_LAST_LINES:] if line.strip()]
        errors = [words for line in lines if (words := _of_error_record(line))]
        return next(reversed(errors or lines), "")[:_LAST_WORDS]


def _of_error_record(line: str) -> str | None:
    """Returns the sentence of a JSON log line of level error, None for any other line."""
    try:
        record = json.loads(line)
        if record["level"] not in ("error", "critical"):
            return None
        return ": ".join(str(record[key]) for key in ("event", "problem") if record.get(key))
    except (ValueError, TypeError, KeyError):
        return None


def _rotate(log: Path) -> None:
    """Sets a log that has grown large aside, keeping one."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        os.replace(log, log.with_suffix(".log.1"))
