"""Reads a sticker pack: a zip archive with a manifest, a licence and pictures (format: packs/README.md).

Nothing of an archive is trusted: sizes are bounded before anything is unpacked and again while it is, names are only
ever looked up (no file is extracted), and every picture must have the digest and the type that the manifest states.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from recommender.catalogue import Localized, Pack, Sticker
from recommender.manifest import Manifest, ManifestSticker, parse_manifest
from recommender.pictures import MAX_PICTURE_BYTES, PictureError, clean
from servicekit.errors import ServiceError, exhausted, invalid

MAX_ARCHIVE_BYTES = 32 * 1024 * 1024
MAX_MANIFEST_BYTES = 16 * 1024 * 1024
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_LICENCE_BYTES = 1024 * 1024
MAX_ENTRIES = 12_000
MANIFEST = "manifest.json"
LICENCE = "LICENSE"
_MAGIC = (
    ("image/webp", b"RIFF", 8, b"WEBP"),
    ("image/png", b"\x89PNG\r\n\x1a\n", 0, b""),
    ("image/gif", b"GIF8", 0, b""),
    ("image/jpeg", b"\xff\xd8\xff", 0, b""),
)


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack with its pictures.

    Attributes:
        pack: Description and stickers.
        pictures: Encoded picture by sticker id.
        licence_text: Content of its `LICENSE`; empty when it has none.
    """

    pack: Pack
    pictures: Mapping[str, bytes]
    licence_text: bytes = b""


def read_pack(archive: bytes, *, trusted: bool = False, added_at: float | None = None) -> LoadedPack:
    """Reads and checks a pack.

    Args:
        archive: The zip file.
        trusted: True for archives that were cleaned before (shipped, or stored by us): digests and types are still
            checked, but pictures are taken as they are. False decodes every picture and encodes it again.
        added_at: Unix time for `Pack.added_at`.

    Raises:
        ServiceError: PACK_TOO_LARGE (429) or PACK_INVALID (400); the message says what is wrong where.
    """
    if len(archive) > MAX_ARCHIVE_BYTES:
        raise exhausted("PACK_TOO_LARGE", f"the pack has over {MAX_ARCHIVE_BYTES} bytes", retryable=False)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            _check_entries(opened)
            manifest = _manifest(opened)
            licence_text = _read(opened, LICENCE, MAX_LICENCE_BYTES) if LICENCE in opened.namelist() else b""
            digest = hashlib.sha256(archive).hexdigest()
            pairs = [_sticker(opened, manifest, entry, trusted) for entry in manifest.stickers]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise _refused("it is not a readable zip archive") from error
    pack = Pack(
        id=manifest.id,
        title=Localized(manifest.title.en, manifest.title.zh),
        licence=manifest.licence,
        version=manifest.version,
        digest=digest,
        stickers=tuple(sticker for sticker, _ in pairs),
        added_at=added_at,
        source=manifest.source,
    )
    return LoadedPack(pack, MappingProxyType({sticker.id: data for sticker, data in pairs}), licence_text)


def _check_entries(opened: zipfile.ZipFile) -> None:
    entries = opened.infolist()
    if len(entries) > MAX_ENTRIES:
        raise exhausted("PACK_TOO_LARGE", f"the pack has over {MAX_ENTRIES} files", retryable=False)
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise _refused("two files in it have one name")
    for name in names:
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise _refused("a file in it has an unsafe name")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise exhausted("PACK_TOO_LARGE", f"the pack unpacks to over {MAX_UNPACKED_BYTES} bytes", retryable=False)


def _manifest(opened: zipfile.ZipFile) -> Manifest:
    try:
        return parse_manifest(_read(opened, MANIFEST, MAX_MANIFEST_BYTES))
    except ValueError as error:
        raise _refused(f"manifest.json: {error}") from error


def _read(opened: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Reads one entry without trusting the size it states."""
    try:
        with opened.open(name) as stream:
            data = stream.read(limit + 1)
    except KeyError:
        raise _refused(f"{name} is missing") from None
    if len(data) > limit:
        raise exhausted("PACK_TOO_LARGE", f"{name} has over {limit} bytes", retryable=False)
    return data


def _sticker(
    opened: zipfile.ZipFile, manifest: Manifest, entry: ManifestSticker, trusted: bool
) -> tuple[Sticker, bytes]:
    data = _read(opened, entry.file, MAX_PICTURE_BYTES)
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise _refused(f"{entry.file} does not have the sha256 that the manifest states")
    if _sniff(data) != entry.media_type:
        raise _refused(f"{entry.file} is not {entry.media_type}")
    media_type: str = entry.media_type
    if not trusted:
        try:
            picture = clean(data, entry.media_type)
        except PictureError as error:
            raise _refused(f"{entry.file} {error}") from error
        if (picture.width_px, picture.height_px) != (entry.width, entry.height):
            raise _refused(f"{entry.file} has {picture.width_px}x{picture.height_px} pixels, not as stated")
        data, media_type = picture.data, picture.media_type
    return _domain(manifest, entry, data, media_type), data


def _domain(manifest: Manifest, entry: ManifestSticker, data: bytes, media_type: str) -> Sticker:
    return Sticker(
        id=f"{manifest.id}/{entry.name}",
        pack=manifest.id,
        media_type=media_type,
        width_px=entry.width,
        height_px=entry.height,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        alt=Localized(entry.alt.en, entry.alt.zh),
        keywords=Localized(tuple(entry.keywords.en), tuple(entry.keywords.zh)),
        emoji=entry.emoji,
        emotion=entry.emotion,
        polarity=entry.polarity,
        licence=manifest.licence,
        category=entry.subcategory or entry.category,
        variant_group=f"{manifest.id}/{entry.variant_group or entry.name}",
        language=entry.language,
    )


def _sniff(data: bytes) -> str:
    for media_type, start, offset, more in _MAGIC:
        if data.startswith(start) and data[offset : offset + len(more)] == more:
            return media_type
    return ""


def _refused(why: str) -> ServiceError:
    return invalid("PACK_INVALID", f"the pack is refused: {why}")
