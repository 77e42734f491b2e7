"""Child processes end with their parent, and their logs stay readable."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.process import ChildProcess

pytestmark = pytest.mark.integration


def test_child_dies_with_a_killed_parent(tmp_path: Path) -> None:
    """After kill -9 of the launcher nothing is left behind."""
    parent = (
        "import sys, pathlib; from launcher.process import ChildProcess;"
        "child = ChildProcess.spawn([sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(60)'],"
        f" log=pathlib.Path({str(tmp_path / 'child.log')!r})); print(child.pid, flush=True);"
        "import time; time.sleep(60)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert launcher.stdout is not None
    status = Path(f"/proc/{launcher.stdout.readline().strip()}/status")
    _until(lambda: (tmp_path / "child.log").exists() and (tmp_path / "child.log").read_text() == "1\n")
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    _until(lambda: not status.exists() or "State:\tZ" in status.read_text())


def test_stop_takes_what_the_child_left_behind(tmp_path: Path) -> None:
    """Processes that a child started and abandoned end with its group."""
    script = "import subprocess, sys;print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)"
    child = ChildProcess.spawn([sys.executable, "-u", "-c", script], log=tmp_path / "log")
    _until(lambda: child.returncode() is not None)
    orphan = Path(f"/proc/{child.last_words()}/status")
    assert orphan.exists()
    assert child.stop(grace_s=1) == 0
    _until(lambda: not orphan.exists() or "State:\tZ" in orphan.read_text())


_ERROR = '{"event": "cannot start", "problem": "port busy", "level": "error"}'


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("first\nplain text\n\n", "plain text"),
        (_ERROR, "cannot start: port busy"),
        (f"{_ERROR}\nException ignored in: <function>", "cannot start: port busy"),
        ('{"event": "listening", "level": "info"}\nKilled', "Killed"),
        ("[1]", "[1]"),
    ],
)
def test_last_words_are_for_people(tmp_path: Path, lines: str, words: str) -> None:
    """The last error record is shown as a sentence, and without one the last line."""
    (tmp_path / "log").write_text(_ERROR.replace("port busy", "of an earlier process") + "\n")
    child = ChildProcess.spawn(["/bin/echo", lines], log=tmp_path / "log")
    _until(lambda: child.returncode() is not None)
    assert child.last_words() == words
    child.stop(grace_s=0)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
