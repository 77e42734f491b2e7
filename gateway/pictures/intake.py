"""Takes a stranger's picture: nothing of the bytes that came in survives but the pixels.

The content decides what it is; the declared type and the file's extension must agree with it. The picture is decoded
under limits and encoded anew, which drops metadata, trailing scripts and whatever else hides in a file. Magic-number
checks alone do not do that: a JPEG with a script behind it passes them, and `verify()` passes a truncated one.

Pure of I/O; it takes tens of milliseconds of CPU, so callers run it in a thread.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image

from gateway.pictures.decoding import decode, sides_of
from gateway.pictures.room import DecodingRoom
from gateway.pictures.shrinking import fit
from servicekit.errors import invalid, too_large, unsupported_media

MAX_BYTES = 5 * 1024 * 1024

Sides: TypeAlias = tuple[int | None, int | None]
"""Width and height in pixels, as far as they are known."""
STORED_SIDE_PX = 2048
THUMBNAIL_SIDE_PX = 320
PREVIEW_SIDE_PX = 384
PREVIEW_BYTES = 64 * 1024
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_EXTENSIONS = {
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "jpe": "JPEG",
    "jfif": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "gif": "GIF",
}
_DECLARED = {media_type: name for name, media_type in MEDIA_TYPES.items()} | {"image/jpg": "JPEG"}
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
_UNTOLD = ("", "application/octet-stream")  # what clients say when they do not know

_ROOM = DecodingRoom()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is safe to keep, to show and to understand.

    Attributes:
        width: Width of `stored` in pixels.
        height: Height of `stored` in pixels.
        animated: Whether the original had more than one frame; only the first is kept.
        transparent: Whether something shows through it.
        came_as: The media type that the bytes had.
        stored: WebP, at most 2048 px on its longer side.
        thumbnail: WebP, at most 320 px.
        preview: JPEG (PNG where it has transparency), at most 384 px and 64 KiB, for the models.
    """

    width: int
    height: int
    animated: bool
    transparent: bool
    came_as: str
    stored: bytes
    thumbnail: bytes
    preview: bytes


def take_picture(
    data: bytes,
    *,
    declared_type: str = "",
    filename: str = "",
    sides: Sides = (None, None),
    room: DecodingRoom = _ROOM,
) -> Picture:
    """Checks, decodes and re-encodes a picture.

    Args:
        data: The file as it came.
        declared_type: The media type that the client says, if any; parameters after ";" are ignored.
        filename: The client's name for it, if any; only its extension is looked at, the name is dropped.
        sides: The width and height that the client says, each if any; of the picture as it lies in the file or upright.
        room: Where it waits until there is memory to decode it.

    Raises:
        ServiceError: PICTURE_EMPTY or PICTURE_BROKEN (400), PICTURE_TOO_LARGE (413; bytes or pixels),
            PICTURE_TYPE_UNSUPPORTED, PICTURE_TYPE_HEIF or PICTURE_TYPE_MISMATCH (415).
    """
    if not data:
        raise invalid("PICTURE_EMPTY", "the picture is empty, choose another file")
    if len(data) > MAX_BYTES:
        raise too_large("PICTURE_TOO_LARGE", "pictures may have at most 5 MiB, choose a smaller one")
    name = _sniff(data)
    _agree(name, declared_type, filename)
    _agree_on_sides(data, name, sides)
    stored, animated = decode(data, name, STORED_SIDE_PX, room)
    return Picture(
        width=stored.width,
        height=stored.height,
        animated=animated,
        transparent=stored.mode == "RGBA",
        came_as=MEDIA_TYPES[name],
        stored=_webp(stored, quality=82),
        thumbnail=_webp(fit(stored, THUMBNAIL_SIDE_PX), quality=75),
        preview=_preview(stored),
    )


def convert(webp: bytes, media_type: str) -> bytes:
    """A stored picture for clients that do not take WebP: "image/png" or "image/jpeg"."""
    with Image.open(io.BytesIO(webp), formats=["WEBP"]) as image:
        out = io.BytesIO()
        if media_type == "image/png":
            image.save(out, "PNG")
        else:
            _flatten(image).save(out, "JPEG", quality=85)
    return out.getvalue()


def _sniff(data: bytes) -> str:
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        raise unsupported_media("PICTURE_TYPE_HEIF", "HEIC and AVIF pictures are not taken: send it as JPEG")
    raise unsupported_media("PICTURE_TYPE_UNSUPPORTED", "send a JPEG, PNG, WebP or GIF picture")


def _agree_on_sides(data: bytes, name: str, told: Sides) -> None:
    if told == (None, None):
        return
    # Browsers tell the sides of what they show, which is turned as the file's orientation says.
    width, height = sides_of(data, name)
    if not any(
        told[0] in (None, wide) and told[1] in (None, high) for wide, high in ((width, height), (height, width))
    ):
        raise invalid("PICTURE_BROKEN", "the picture has not the width and height that are told, send it again")


def _agree(name: str, declared_type: str, filename: str) -> None:
    declared = declared_type.partition(";")[0].strip().lower()
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    told = [_DECLARED.get(declared, "?")] if declared not in _UNTOLD else []
    told += [_EXTENSIONS.get(extension, "?")] if extension else []
    if any(other != name for other in told):
        raise unsupported_media("PICTURE_TYPE_MISMATCH", "the file is not what its name or type says it is")


def _webp(image: Image.Image, *, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=quality, method=4)
    return out.getvalue()


def _flatten(image: Image.Image) -> Image.Image:
    """On white, for formats without transparency."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _preview(image: Image.Image) -> bytes:
    """PNG where transparency matters and it fits, else the best JPEG that fits; noise is made smaller until it does."""
    side_px = PREVIEW_SIDE_PX
    while True:
        small, out = fit(image, side_px), io.BytesIO()
        if small.mode == "RGBA":
            small.save(out, "PNG")
            if out.tell() <= PREVIEW_BYTES:
                return out.getvalue()
        for quality in (88, 70):
            out = io.BytesIO()
            _flatten(small).save(out, "JPEG", quality=quality)
            if out.tell() <= PREVIEW_BYTES:
                return out.getvalue()
        side_px = side_px * 3 // 4
