"""Each image installs one extra: what its service imports must be in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.integration

_SCRIPT = Path(__file__).with_name("imports_of_extra.py")


@pytest.mark.parametrize("service", ["gateway", "orchestrator", "recommender", "launcher"])
def test_a_service_imports_nothing_beyond_its_extra(service: str) -> None:
    """Every module of it, with all other distributions of this environment refused."""
    argv = [sys.executable, str(_SCRIPT), service]
    ended = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
