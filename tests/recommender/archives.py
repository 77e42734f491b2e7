"""Builds small sticker packs, sound and broken ones."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from PIL import Image


def picture(colour: str = "red", size: tuple[int, int] = (16, 16), kind: str = "WEBP") -> bytes:
    """A flat picture."""
    buffer = io.BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    Image.new(mode, size, colour).save(buffer, kind)
    return buffer.getvalue()


def entry(name: str, data: bytes, **changes: Any) -> dict[str, Any]:
    """A manifest entry for a picture of 16 by 16 pixels."""
    return {
        "name": name,
        "file": f"images/{name}.webp",
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": 16,
        "height": 16,
        "media_type": "image/webp",
        "alt": {"en": name.replace("-", " "), "zh": ""},
        **changes,
    }


def manifest(*entries: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A manifest of the pack `tiny`."""
    return {
        "format": 1,
        "id": "tiny",
        "version": "1",
        "title": {"en": "Tiny", "zh": "小包"},
        "licence": "CC0-1.0",
        "source": "made for a test",
        "stickers": list(entries),
        **changes,
    }


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def archive(*names: str, pack: str = "tiny", **changes: Any) -> bytes:
    """A sound pack with one flat picture per name; `changes` go into every entry."""
    pictures = {name: picture(("red", "green", "blue")[number % 3]) for number, name in enumerate(names)}
    entries = [entry(name, data, **changes) for name, data in pictures.items()]
    described = json.dumps(manifest(*entries, id=pack)).encode()
    return zipped(
        {"manifest.json": described, "LICENSE": b"free"}
        | {f"images/{name}.webp": data for name, data in pictures.items()}
    )
