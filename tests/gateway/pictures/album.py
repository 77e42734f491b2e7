"""Pictures as customers and attackers send them, made when they are asked for."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(name: str = "PNG", size: tuple[int, int] = (40, 30), colour: str = "orange", **options: Any) -> bytes:
    """An ordinary one."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, name, **options)
    return out.getvalue()


def see_through() -> bytes:
    """A PNG with a transparent half."""
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 10, 20))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def animation() -> bytes:
    """A GIF of two frames."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes whose header says 30,000 × 30,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def polyglot() -> bytes:
    """A JPEG that is a web page too."""
    return picture("JPEG") + b"<html><script>alert(document.domain)</script></html>"


def truncated() -> bytes:
    """The first half of a PNG of noise."""
    noise = Image.effect_noise((200, 200), 90)
    out = io.BytesIO()
    noise.save(out, "PNG")
    return out.getvalue()[: out.tell() // 2]


def noisy(side_px: int) -> bytes:
    """A PNG that does not compress."""
    out = io.BytesIO()
    Image.merge("RGB", [Image.effect_noise((side_px, side_px), 120) for _ in range(3)]).save(out, "PNG")
    return out.getvalue()
