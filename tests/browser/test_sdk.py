"""The SDK's and the widget's pure parts, tested in their own language."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

_TESTS = sorted((Path(__file__).parent / "sdk").glob("*.test.mjs"))


@pytest.mark.parametrize("module", _TESTS, ids=lambda path: path.name)
def test_in_node(module: Path) -> None:
    """`node --test` passes: decisions of the connection, the client's shell, what the widget makes of text."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js here: install version 20 or newer (Debian: apt-get install nodejs)")
    done = subprocess.run([node, "--test", str(module)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
