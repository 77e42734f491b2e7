"""The Triton environment: who may have one, which Python it takes, when it is built."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path

import pytest

from launcher.errors import LauncherError
from launcher.triton import environment
from launcher.triton.environment import TritonEnvironment

pytestmark = pytest.mark.integration


def test_second_start_installs_nothing(triton_environment: TritonEnvironment) -> None:
    """With the environment in place, nothing is said and nothing is run."""
    said: list[str] = []
    again = environment.ensure(triton_environment.root, said.append)
    assert said == []
    assert again.versions == triton_environment.versions
    assert int(again.versions["numpy"].split(".")[0]) < 2


def test_environment_of_another_release_is_not_taken(triton_environment: TritonEnvironment, tmp_path: Path) -> None:
    """A stamp that names other requirements, a broken one and a missing server all mean: build it."""
    stamp = json.loads((triton_environment.root / "stickerdesk.json").read_text())
    for content in (json.dumps(stamp | {"wanted": "older"}), "{", json.dumps(stamp | {"facts": {}})):
        (tmp_path / "stickerdesk.json").write_text(content)
        assert environment.installed(tmp_path) is None
    (tmp_path / "stickerdesk.json").write_text(json.dumps(stamp))
    assert environment.installed(tmp_path) is None  # the stamp is right and there is no python beside it


@pytest.mark.parametrize(
    ("system", "machine", "libc", "word"),
    [
        ("darwin", "arm64", ("", ""), "Linux x86-64 only"),
        ("linux", "aarch64", ("glibc", "2.36"), "Linux x86-64 only"),
        ("linux", "x86_64", ("glibc", "2.31"), "glibc 2.35 or newer, this system has 2.31"),
        ("linux", "x86_64", ("", ""), "needs glibc"),
    ],
)
def test_other_machines_are_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, machine: str, libc: tuple[str, str], word: str
) -> None:
    """One sentence says why not, and points at a Triton that runs elsewhere."""
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: libc)
    with pytest.raises(LauncherError, match=word) as refused:
        environment.ensure(tmp_path / "venv", print)
    assert "STICKERDESK_TRITON_URL" in refused.value.advice


def test_unfit_running_python_looks_on_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Under another Python one from PATH is taken if it really starts; a shim that refuses is passed over."""
    shim = tmp_path / "python3.12"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    real = tmp_path / "python3.11"
    real.write_text("#!/bin/sh\necho 3.11\n")
    real.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment.find_python(running="3.14") == real
    real.unlink()
    with pytest.raises(LauncherError, match=r"needs Python 3\.11 or 3\.12"):
        environment.find_python(running="3.14")


def test_failed_installation_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """When no index has the wheel, pip's last line is passed on, and the next start tries again."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(LauncherError, match=r"Could not install nvidia-pytriton.*No matching distribution"):
        environment.ensure(tmp_path / "venv", print)
    assert environment.installed(tmp_path / "venv") is None
