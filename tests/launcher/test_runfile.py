"""The record of a running stack, and the claim on its data folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from launcher import runfile
from launcher.errors import LauncherError
from launcher.runfile import RunFile, RunningPart

pytestmark = pytest.mark.integration


def record() -> RunFile:
    """A small record."""
    parts = {"valkey": RunningPart("redis://127.0.0.1:1/0", embedded=True, state="ready", pid=7)}
    return RunFile(pid=42, url="http://127.0.0.1:8700", started_at="2026-01-01T00:00:00", version="1", parts=parts)


def test_reads_what_was_written(tmp_path: Path) -> None:
    """While the folder is claimed, the record comes back as it was."""
    with runfile.claim(tmp_path):
        record().write(tmp_path)
        assert runfile.read(tmp_path) == record()
    assert runfile.read(tmp_path) is None


def test_second_stack_is_told_who_runs(tmp_path: Path) -> None:
    """A second claim fails with URL and process of the first."""
    with runfile.claim(tmp_path):
        record().write(tmp_path)
        with pytest.raises(LauncherError, match=r"http://127\.0\.0\.1:8700, process 42"), runfile.claim(tmp_path):
            pass


def test_crash_leaves_no_claim(tmp_path: Path) -> None:
    """The record of a launcher that was killed is not believed, and the folder is free again."""
    script = (
        "import os, sys, pathlib; from launcher import runfile\n"
        "with runfile.claim(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    record().write(tmp_path)
    assert runfile.read(tmp_path) is None
    with runfile.claim(tmp_path):
        pass


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"parts": {"a": {"x": 1}}}', "\x00"])
def test_damaged_record_is_no_record(tmp_path: Path, content: str) -> None:
    """A file that was cut or edited never becomes a traceback."""
    (tmp_path / "run.json").write_text(content)
    assert runfile.read(tmp_path) is None


def test_unwritable_folder_is_a_sentence() -> None:
    """A data folder that cannot be made is said in words."""
    with pytest.raises(LauncherError, match="Cannot write the data folder"), runfile.claim(Path("/proc/none")):
        pass
