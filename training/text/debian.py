"""Fetch Unicode data from Debian packages without root: `apt-get download`, then `dpkg -x`."""

import subprocess
from pathlib import Path

from training.text.paths import CACHE, DEBIAN

_MARKERS = {
    "unicode-data": "usr/share/unicode/Unihan_Readings.txt.bz2",
    "unicode-cldr-core": "usr/share/unicode/cldr/common/annotations/en.xml",
}


def unicode_folder() -> Path:
    """Return the folder with Unihan and CLDR, fetching the two packages on first use.

    Raises:
        RuntimeError: A package could not be fetched or unpacked; the message carries the tool's own words.
    """
    for package, marker in _MARKERS.items():
        if not (DEBIAN / marker).exists():
            _fetch(package)
    return DEBIAN / "usr" / "share" / "unicode"


def _fetch(package: str) -> None:
    debs = CACHE / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    DEBIAN.mkdir(parents=True, exist_ok=True)
    _run(["apt-get", "download", package], debs)
    newest = max(debs.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime)
    _run(["dpkg", "-x", str(newest), str(DEBIAN)], debs)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip() or done.stdout.strip()}")
