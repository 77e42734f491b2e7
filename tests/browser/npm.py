"""Tools from npm, kept in a cache folder outside the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

MISSING = "no npm here: install it (Debian: apt-get install npm)"


def package(name: str, version: str) -> Path | None:
    """The folder of a package, fetched once; None without npm.

    Raises:
        subprocess.CalledProcessError: npm could not fetch it.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "stickerdesk" / f"{name}-{version}"
    folder = cache / "node_modules" / name
    npm = shutil.which("npm")
    if not folder.exists():
        if npm is None:
            return None
        cache.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(cache)]
        subprocess.run([*command, f"{name}@{version}"], check=True, capture_output=True, timeout=120)
    return folder
