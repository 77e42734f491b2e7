"""axe-core from npm, kept in a cache folder outside the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

VERSION = "4.10.3"
MISSING = "no npm here: install it (Debian: apt-get install npm), or unpack axe-core into the folder AXE_CORE names"


def source() -> Path | None:
    """`axe.min.js`, fetched once; None without npm.

    Raises:
        subprocess.CalledProcessError: npm could not fetch it.
    """
    if named := os.environ.get("AXE_CORE"):
        return Path(named) / "axe.min.js"
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "stickerdesk" / f"axe-core-{VERSION}"
    script = cache / "node_modules" / "axe-core" / "axe.min.js"
    npm = shutil.which("npm")
    if not script.exists():
        if npm is None:
            return None
        cache.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(cache)]
        subprocess.run([*command, f"axe-core@{VERSION}"], check=True, capture_output=True, timeout=120)
    return script
