"""The SDK's and the widget's pure parts, tested in their own language."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.browser.npm import MISSING, package
from tests.conftest import ROOT

pytestmark = pytest.mark.browser

_SDK = ROOT / "gateway" / "web" / "sdk"
_TYPESCRIPT = "5.9.3"
_TESTS = sorted((Path(__file__).parent / "sdk").glob("*.test.mjs"))


@pytest.mark.parametrize("module", _TESTS, ids=lambda path: path.name)
def test_in_node(module: Path) -> None:
    """`node --test` passes: decisions of the connection, the client's shell, what the widget makes of text."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js here: install version 20 or newer (Debian: apt-get install nodejs)")
    done = subprocess.run([node, "--test", str(module)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_fit_how_the_sdk_is_used() -> None:
    """A sample that uses every part passes the strict TypeScript compiler, and three mistakes in it are found."""
    node, compiler = shutil.which("node"), package("typescript", _TYPESCRIPT)
    if node is None or compiler is None:
        pytest.skip(MISSING)
    sample = Path(__file__).parent / "sdk" / "sample.ts"
    options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom,dom.iterable"]
    modules = ["--module", "nodenext", "--moduleResolution", "nodenext"]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        scope = project / "node_modules" / "@stickerdesk"
        scope.mkdir(parents=True)
        shutil.copytree(_SDK, scope / "sdk")
        (project / "package.json").write_text('{"type": "module"}', "utf-8")
        shutil.copy(sample, project)
        command = [node, str(compiler / "bin" / "tsc"), *options, *modules, str(project / sample.name)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout


def test_the_declared_exports_are_those_of_the_module() -> None:
    """Every value that `index.d.ts` declares is exported by `index.js`, and none is missing there."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js here: install version 20 or newer (Debian: apt-get install nodejs)")
    script = f"import('{_SDK / 'index.js'}').then((all) => console.log(JSON.stringify(Object.keys(all))))"
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, timeout=60, check=True)
    declared = re.findall(r"^export (?:const|class|function) (\w+)", (_SDK / "index.d.ts").read_text("utf-8"), re.M)
    assert sorted(json.loads(done.stdout)) == sorted(declared)


def test_the_package_can_be_published() -> None:
    """`npm pack` takes every module, the types and the words about it, and nothing else."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(MISSING)
    command = [npm, "pack", "--dry-run", "--json", "--ignore-scripts"]
    done = subprocess.run(command, cwd=_SDK, capture_output=True, text=True, timeout=60, check=True)
    (packed,) = json.loads(done.stdout)
    expected = {path.name for path in _SDK.iterdir() if path.suffix in (".js", ".ts", ".md", ".json")}
    assert {file["path"] for file in packed["files"]} == expected
    manifest = json.loads((_SDK / "package.json").read_text("utf-8"))
    for name in ("name", "version", "description", "license", "exports", "types", "engines"):
        assert manifest[name], name
