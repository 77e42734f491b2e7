"""Writes a pack back to an archive, after its pictures were cleaned."""

from __future__ import annotations

import io
import json
import zipfile

from recommender.catalogue import Localized, Sticker
from recommender.pack import LICENCE, MANIFEST, LoadedPack

_EXTENSIONS = {"image/webp": "webp", "image/png": "png", "image/gif": "gif", "image/jpeg": "jpg"}
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_pack(loaded: LoadedPack) -> bytes:
    """Returns an archive that `read_pack(..., trusted=True)` reads as the same pack."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        _store(archive, MANIFEST, json.dumps(_manifest(loaded), ensure_ascii=False).encode())
        if loaded.licence_text:
            _store(archive, LICENCE, loaded.licence_text)
        for sticker in loaded.pack.stickers:
            _store(archive, _file(sticker), loaded.pictures[sticker.id])
    return buffer.getvalue()


def _manifest(loaded: LoadedPack) -> dict[str, object]:
    pack = loaded.pack
    return {
        "format": 1,
        "id": pack.id,
        "version": pack.version,
        "title": _both(pack.title),
        "licence": pack.licence,
        "source": pack.source,
        "stickers": [_entry(sticker) for sticker in pack.stickers],
    }


def _entry(sticker: Sticker) -> dict[str, object]:
    return {
        "name": _name(sticker),
        "file": _file(sticker),
        "sha256": sticker.sha256,
        "width": sticker.width_px,
        "height": sticker.height_px,
        "media_type": sticker.media_type,
        "alt": _both(sticker.alt),
        "keywords": {"en": list(sticker.keywords.en), "zh": list(sticker.keywords.zh)},
        "emoji": sticker.emoji,
        "emotion": sticker.emotion,
        "polarity": sticker.polarity,
        "category": sticker.category,
        "language": sticker.language,
        "variant_group": sticker.variant_group.partition("/")[2],
    }


def _both(text: Localized[str]) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _name(sticker: Sticker) -> str:
    return sticker.id.partition("/")[2]


def _file(sticker: Sticker) -> str:
    return f"images/{_name(sticker)}.{_EXTENSIONS[sticker.media_type]}"


def _store(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _ZIP_EPOCH)
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)
