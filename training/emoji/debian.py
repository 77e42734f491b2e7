"""Fetches and unpacks the Debian packages the emoji data come from, without root.

`apt-get download` asks the machine's own package archive; `dpkg -x` unpacks below the cache directory. Nothing is
installed. A package that is already unpacked is not fetched again.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

CACHE = Path(".cache/debian")


class SourceUnavailableError(RuntimeError):
    """A Debian package is neither in the cache nor obtainable; the message says what to do."""


def package_root(name: str, cache: Path = CACHE) -> Path:
    """Returns the folder that package `name` is unpacked in, fetching it on first use.

    Args:
        name: Debian binary package, for example `unicode-cldr-core`.
        cache: Folder that holds one sub-folder per package.

    Raises:
        SourceUnavailableError: No `apt-get`/`dpkg` here, or the archive cannot be reached.
    """
    root = cache / name
    if (root / "usr").is_dir():
        return root
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise SourceUnavailableError(
            f"{name}: needs apt-get and dpkg (Debian or Ubuntu), or the package unpacked by hand in {root}"
        )
    downloads = cache / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    _run(["apt-get", "download", name], downloads)
    archive = max(downloads.glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime)
    partial = root.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    _run(["dpkg", "-x", str(archive.resolve()), str(partial.resolve())], downloads)
    (partial / "VERSION").write_text(archive.name.split("_")[1].replace("%3a", ":"), encoding="utf-8")
    partial.rename(root)
    return root


def package_version(name: str, cache: Path = CACHE) -> str:
    """Returns the Debian version of an unpacked package."""
    return (package_root(name, cache) / "VERSION").read_text(encoding="utf-8").strip()


def _run(command: list[str], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SourceUnavailableError(f"{' '.join(command)} failed: {done.stderr.strip()[-400:]}")
