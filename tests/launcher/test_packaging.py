"""What containers install is a wheel: it must hold every file that a service opens."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.integration

ROOMS = ("protos", "servicekit", "gateway", "orchestrator", "recommender", "launcher")
NOT_NEEDED_TO_RUN = {".pyc", ".proto", ".pbtxt"}


def test_a_wheel_holds_every_file_that_a_service_opens(tmp_path: Path) -> None:
    """Data beside the code (knowledge, packs, pages, tables, migrations) is not forgotten in a package."""
    source = tmp_path / "source"
    for room in ROOMS:
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    here = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source)]
    subprocess.run(build, check=True, timeout=170)
    [wheel] = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to("protos") if path.parts[0] == "protos" else path)
        for path in here
        if len(path.parts) > 1 and path.suffix not in NOT_NEEDED_TO_RUN and path.name != "buf.yaml"
    }
    assert len(wanted) > 400
    assert wanted - packed == set()
