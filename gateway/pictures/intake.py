"""Takes a stranger's picture: nothing of the bytes that came in survives but the pixels.

The content decides what it is; the declared type and the file's extension must agree with it. The picture is decoded
under limits and encoded anew, which drops metadata, trailing scripts and whatever else hides in a file. Magic-number
checks alone do not do that: a JPEG with a script behind it passes them, and `verify()` passes a truncated one.

Pure of I/O; it takes tens of milliseconds of CPU, so callers run it in a thread.
"""

from __future__ import annotations

import io
import threading
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass

from PIL import Image, ImageOps

from servicekit.errors import ServiceError, invalid, too_large, unsupported_media

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
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
_MIXABLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"})
_UNTOLD = ("", "application/octet-stream")  # what clients say when they do not know

_LARGE_PIXELS = 12_000_000
_LARGE = threading.Lock()

# Over twice this Pillow itself refuses; between, it warns and our own check refuses. No filter of warnings is set:
# those are per process, and pictures are decoded in threads.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


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


def take_picture(data: bytes, *, declared_type: str = "", filename: str = "") -> Picture:
    """Checks, decodes and re-encodes a picture.

    Args:
        data: The file as it came.
        declared_type: The media type that the client says, if any; parameters after ";" are ignored.
        filename: The client's name for it, if any; only its extension is looked at, the name is dropped.

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
    stored, animated = _decode(data, name)
    return Picture(
        width=stored.width,
        height=stored.height,
        animated=animated,
        transparent=stored.mode == "RGBA",
        came_as=MEDIA_TYPES[name],
        stored=_webp(stored, quality=82),
        thumbnail=_webp(_fit(stored, THUMBNAIL_SIDE_PX), quality=75),
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


def _agree(name: str, declared_type: str, filename: str) -> None:
    declared = declared_type.partition(";")[0].strip().lower()
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    told = [_DECLARED.get(declared, "?")] if declared not in _UNTOLD else []
    told += [_EXTENSIONS.get(extension, "?")] if extension else []
    if any(other != name for other in told):
        raise unsupported_media("PICTURE_TYPE_MISMATCH", "the file is not what its name or type says it is")


def _decode(data: bytes, name: str) -> tuple[Image.Image, bool]:
    """The first frame upright as RGB or RGBA and no larger than it is kept, and whether there are more."""
    try:
        with ExitStack() as stack, Image.open(io.BytesIO(data), formats=[name]) as image:  # reads the header only
            _check_pixels(image)
            stack.enter_context(_room(image, name))
            # A second picture in a JPEG is a depth map or a preview. Frames are not counted: there may be 100,000.
            animated = name != "JPEG" and bool(getattr(image, "is_animated", False))
            image.seek(0)
            image.draft(None, (STORED_SIDE_PX, STORED_SIDE_PX))  # a JPEG is decoded at a fraction of its size
            image.load()
            return _fit(_plain(ImageOps.exif_transpose(_shrunk(image))), STORED_SIDE_PX), animated
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except ServiceError:
        raise
    except Exception:  # decoders of hostile files raise whatever they like: struct.error, IndexError, MemoryError …
        raise _broken() from None


def _room(image: Image.Image, name: str) -> AbstractContextManager[object]:
    """A large picture takes up to 700 MiB while it is decoded (a JPEG a sixth of it): one at a time."""
    return _LARGE if name != "JPEG" and image.width * image.height > _LARGE_PIXELS else nullcontext()


def _check_pixels(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> ServiceError:
    return too_large("PICTURE_TOO_LARGE", "pictures may have at most 40 megapixels, choose a smaller one")


def _broken() -> ServiceError:
    return invalid("PICTURE_BROKEN", "the picture cannot be read, it may be damaged: choose another file")


def _plain(image: Image.Image) -> Image.Image:
    """RGB, or RGBA where something shows through; 16-bit grey is scaled, not clipped."""
    if image.mode.startswith("I"):
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    has_alpha = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    plain = image.convert("RGBA" if has_alpha else "RGB")
    if has_alpha:
        low, _ = plain.getchannel("A").getextrema()
        if low == 255:
            plain = plain.convert("RGB")
    plain.info = {}  # metadata ends here
    return plain


def _shrunk(image: Image.Image) -> Image.Image:
    """Made smaller before it is copied into other modes, where its pixels can be mixed as they are."""
    if image.mode not in _MIXABLE or "transparency" in image.info:
        return image
    return _fit(image, STORED_SIDE_PX)


def _fit(image: Image.Image, side_px: int) -> Image.Image:
    if max(image.size) <= side_px:
        return image
    scale = side_px / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


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
        small, out = _fit(image, side_px), io.BytesIO()
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
