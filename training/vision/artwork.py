"""Emoji artwork of three vendors as arrays: Noto and Twemoji to train on, OpenMoji to test on only.

Licences: Noto Emoji artwork is Apache-2.0 and OFL-1.1 (the font), Twemoji artwork is CC BY 4.0, OpenMoji CC BY-SA 4.0.
None of the pictures is redistributed by this repository.
"""

from __future__ import annotations

import argparse
import functools
import io
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import resvg_py
from PIL import Image

from training.emoji import Emoji, is_drawable, load_emoji
from training.emoji import render as render_noto
from training.vision.paths import CACHE

TRAIN_VENDORS = ("noto", "twemoji")
TEST_VENDOR = "openmoji"
_NPM_PACKAGES = {"twemoji": "@twemoji/svg@15.0.0", "openmoji": "openmoji@17.0.0"}
_SVG_FOLDERS = {"twemoji": "package", "openmoji": "package/color/svg"}
_VARIATION_SELECTOR = 0xFE0F


class ArtworkUnavailableError(RuntimeError):
    """A vendor's artwork is neither in the cache nor obtainable; the message says what to do."""


@functools.cache
def classes() -> tuple[Emoji, ...]:
    """Return the emoji that are the classes of the tower: base forms with one glyph, without flags."""
    return tuple(emoji for emoji in load_emoji(flags=False) if is_drawable(emoji))


def pictures(vendor: str, size: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return a vendor's artwork, drawn once and then read from the cache.

    Args:
        vendor: `noto`, `twemoji` or `openmoji`.
        size: edge in pixels.

    Returns:
        RGBA pictures [N, size, size, 4] and their class numbers [N] (a vendor may lack some classes).

    Raises:
        ArtworkUnavailableError: the vendor's files cannot be had.
    """
    path = CACHE / f"artwork_{vendor}_{size}.npz"
    if not path.exists():
        rows = [(number, _draw(vendor, emoji, size)) for number, emoji in enumerate(classes())]
        drawn = [(number, picture) for number, picture in rows if picture is not None]
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, pictures=np.stack([p for _, p in drawn]), classes=np.array([n for n, _ in drawn]))
        partial.rename(path)
    with np.load(path) as stored:
        return stored["pictures"], stored["classes"].astype(np.int64)


def _draw(vendor: str, emoji: Emoji, size: int) -> npt.NDArray[np.uint8] | None:
    if vendor == "noto":
        return np.asarray(render_noto(emoji, size))
    path = _svg_path(vendor, emoji)
    if path is None:
        return None
    drawn = resvg_py.svg_to_bytes(svg_string=path.read_text(encoding="utf-8"), width=size * 2, height=size * 2)
    with Image.open(io.BytesIO(bytes(drawn))) as picture:
        return np.asarray(picture.convert("RGBA").resize((size, size), Image.Resampling.BOX))


def _svg_path(vendor: str, emoji: Emoji) -> Path | None:
    """Find an emoji's file: vendors disagree on case and on whether variation selectors are part of the name."""
    folder = _vendor_folder(vendor)
    full = "-".join(f"{point:x}" for point in emoji.codepoints)
    bare = "-".join(f"{point:x}" for point in emoji.codepoints if point != _VARIATION_SELECTOR)
    for name in (full, bare):
        for candidate in (folder / f"{name}.svg", folder / f"{name.upper()}.svg"):
            if candidate.exists():
                return candidate
    return None


@functools.cache
def _vendor_folder(vendor: str) -> Path:
    root = CACHE / "vendors" / vendor
    folder = root / _SVG_FOLDERS[vendor]
    if folder.is_dir():
        return folder
    root.mkdir(parents=True, exist_ok=True)
    package = _NPM_PACKAGES[vendor]
    try:
        done = subprocess.run(["npm", "pack", package], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ArtworkUnavailableError(f"{vendor}: needs npm, or {package} unpacked by hand in {root}") from error
    if done.returncode != 0:
        raise ArtworkUnavailableError(f"npm pack {package} failed: {done.stderr.strip()[-400:]}")
    with tarfile.open(max(root.glob("*.tgz"), key=lambda path: path.stat().st_mtime)) as archive:
        wanted = [entry for entry in archive.getmembers() if entry.name.startswith(_SVG_FOLDERS[vendor])]
        archive.extractall(root, members=wanted, filter="data")
    return folder


def main() -> None:
    """Draw all vendors at the sizes given on the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[72])
    for size in parser.parse_args().sizes:
        for vendor in (*TRAIN_VENDORS, TEST_VENDOR):
            print(vendor, size, len(pictures(vendor, size)[0]), "of", len(classes()), flush=True)


if __name__ == "__main__":
    main()
