"""Pictures that are made to harm, or only unusual: what is taken is clean, what is not is a typed error."""

from __future__ import annotations

import io
import random
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from PIL.PngImagePlugin import PngInfo

from gateway.messages import message_for
from gateway.pictures.intake import PREVIEW_BYTES, STORED_SIDE_PX, Picture, convert, take_picture
from gateway.pictures.room import DecodingRoom
from servicekit.errors import Code, ServiceError
from tests.fuzz import examples
from tests.gateway.pictures.album import animation, bomb, picture

pytestmark = [pytest.mark.unit, pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")]

SECRET = b"SECRET-PLACE-59.3293N"
KINDS = ("JPEG", "PNG", "WEBP", "GIF")


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def refusal(data: bytes, **told: str) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        take_picture(data, **told)
    return caught.value


def shown(found: Picture) -> list[bytes]:
    """All that anybody ever gets of it."""
    others = [convert(found.stored, kind) for kind in ("image/png", "image/jpeg")]
    return [found.stored, found.thumbnail, found.preview, *others]


def with_metadata(kind: str) -> bytes:
    """A place, a comment, a thumbnail, a profile: whatever the format can carry."""
    image = Image.linear_gradient("L").convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (59.0, 19.0, 45.0)
    exif.get_ifd(0x8825)[29] = SECRET.decode()
    told: dict[str, object] = {"exif": exif.tobytes(), "icc_profile": SECRET * 10}
    if kind == "PNG":
        info = PngInfo()
        info.add_text("Comment", SECRET.decode())
        info.add_itxt("XML:com.adobe.xmp", SECRET.decode(), zip=True)
        told["pnginfo"] = info
    elif kind == "GIF":
        return encode(image, kind, comment=SECRET)
    else:
        told |= {"xmp": SECRET, "comment": SECRET} if kind == "JPEG" else {"xmp": SECRET}
    return encode(image, kind, **told)


@pytest.mark.parametrize("kind", KINDS)
def test_no_metadata_survives(kind: str) -> None:
    """EXIF with its GPS, XMP, profiles, comments: in nothing that is kept or shown."""
    data = with_metadata(kind)
    assert SECRET in data or kind == "PNG"
    for out in shown(take_picture(data)):
        assert SECRET not in out
        assert not {"exif", "xmp", "icc_profile", "comment", "Comment"} & set(opened(out).info)
        assert b"GPS" not in out


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_obeyed(kind: str, orientation: int) -> None:
    """The red corner is where a viewer would show it, also in a picture that is made smaller."""
    side = 2100
    image = Image.new("RGB", (side, side // 2), "white")
    image.paste("red", (0, 0, side // 3, side // 6))
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = opened(take_picture(encode(image, kind, exif=exif)).stored).convert("RGB")
    corner = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}[orientation]
    x = 5 if corner[1] == "l" else found.width - 6
    y = 5 if corner[0] == "t" else found.height - 6
    red, green, _ = found.getpixel((x, y))
    assert (found.width > found.height) == (orientation <= 4)
    assert (red > 200, green < 60) == (True, True)


def test_print_colours_are_shown_in_screen_colours() -> None:
    """CMYK, as Photoshop writes it too (inverted): white stays white."""
    for image in (Image.new("CMYK", (60, 40), (0, 0, 0, 0)), Image.new("RGB", (60, 40), "white").convert("CMYK")):
        found = opened(take_picture(encode(image, "JPEG")).stored)
        assert found.mode == "RGB"
        assert min(found.getpixel((30, 20))) > 240


def png(width: int, height: int, colour: int, bits: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG by hand; `extra` are whole chunks after the header."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = (*extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(body)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize(("colour", "samples"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_sixteen_bits_are_scaled_not_clipped(colour: int, samples: int) -> None:
    """Grey, grey with alpha, RGB, RGBA of 16 bits: a ramp stays a ramp."""
    row = b"".join(struct.pack(">H", x * 655) * samples for x in range(100))
    found = take_picture(png(100, 20, colour, 16, (b"\0" + row) * 20))
    ramp = [opened(found.stored).convert("RGB").getpixel((x, 10))[0] for x in (1, 50, 98)]
    assert ramp[0] < 20
    assert 100 < ramp[1] < 156
    assert ramp[2] > 235


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1), (2049, 3)])
def test_extreme_shapes(size: tuple[int, int]) -> None:
    """No side becomes nothing, none is over the limit."""
    found = take_picture(encode(Image.new("RGB", size, "red"), "PNG"))
    for out in shown(found):
        assert min(opened(out).size) >= 1
        assert max(opened(out).size) <= STORED_SIDE_PX


def test_animations_are_marked_and_the_second_picture_of_a_photo_is_none() -> None:
    """GIF, WebP and PNG that move; a phone's JPEG with a preview behind it does not."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime")]
    for kind in ("GIF", "WEBP", "PNG"):
        found = take_picture(encode(frames[0], kind, save_all=True, append_images=frames[1:]))
        assert found.animated, kind
        assert not getattr(opened(found.stored), "is_animated", False)
        assert opened(found.stored).convert("RGB").getpixel((10, 10))[0] > 200, "the first frame"
    photo = encode(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert take_picture(photo, declared_type="image/jpeg", filename="photo.jpg").animated is False


def test_a_hundred_thousand_frames_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five mebibytes of tiny frames cost no more than one."""
    frame = b"\x21\xf9\x04\x00\x00\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    data = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00" + frame * 200_000 + b";"
    seen: list[int] = []
    seek = GifImageFile._seek

    def watched(self: GifImageFile, frame: int, update_image: bool = True) -> None:
        seen.append(frame)
        seek(self, frame, update_image)

    monkeypatch.setattr(GifImageFile, "_seek", watched)
    assert take_picture(data).animated
    assert len(seen) < 10


@pytest.mark.parametrize(
    "hidden",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"<?php system($_GET['x']); ?>",
        b"PK\x03\x04" + bytes(40),
        b"%PDF-1.7 /JavaScript",
        b"#!/bin/sh\nrm -rf /\n",
        b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE",
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_hides_behind_a_picture_is_gone(kind: str, hidden: bytes) -> None:
    """Polyglots: behind the end, and in a comment at the beginning."""
    plain = encode(Image.linear_gradient("L").convert("RGB"), kind)
    cases = [plain + hidden]
    if kind == "JPEG":
        cases.append(plain[:2] + b"\xff\xfe" + struct.pack(">H", len(hidden) + 2) + hidden + plain[2:])
    if kind == "PNG":
        cases.append(plain[:33] + chunk(b"teXt", b"c\0" + hidden) + plain[33:])
    if kind == "GIF":
        cases.append(encode(Image.new("RGB", (9, 9)), kind, comment=hidden))
    for data in cases:
        assert all(hidden not in out for out in shown(take_picture(data)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><img src='x'></html>", "PICTURE_TYPE_UNSUPPORTED"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "PICTURE_TYPE_UNSUPPORTED"),
        (b"\xef\xbb\xbf  <svg/>", "PICTURE_TYPE_UNSUPPORTED"),
        (b"\x1f\x8b\x08" + zlib.compress(b"<svg/>"), "PICTURE_TYPE_UNSUPPORTED"),
        (b"%PDF-1.7", "PICTURE_TYPE_UNSUPPORTED"),
        (b"II*\0" + bytes(100), "PICTURE_TYPE_UNSUPPORTED"),
        (b"\0\0\1\0" + bytes(100), "PICTURE_TYPE_UNSUPPORTED"),
        (b"8BPS" + bytes(100), "PICTURE_TYPE_UNSUPPORTED"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PICTURE_TYPE_UNSUPPORTED"),
        (b"\xff\xd8", "PICTURE_TYPE_UNSUPPORTED"),
        (b"\xff\xd8\xff", "PICTURE_BROKEN"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "PICTURE_BROKEN"),
        (b"RIFF\0\0\0\0WAVEfmt ", "PICTURE_TYPE_UNSUPPORTED"),
        (b"GIF89a" + struct.pack("<HH", 65535, 65535) + bytes(20), "PICTURE_BROKEN"),
        (encode(Image.new("L", (9, 9)), "GIF").replace(b"\x09\0\x09\0", b"\xff\xff\xff\xff", 1), "PICTURE_TOO_LARGE"),
        (bomb(), "PICTURE_TOO_LARGE"),
        (png(100, 100, 2, 8, bytes(100)), "PICTURE_BROKEN"),
        (png(0, 10, 2, 8, b""), "PICTURE_BROKEN"),
        (png(10, 10, 2, 8, (b"\0" + bytes(30)) * 10, chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(9**8)))), ""),
        (png(10, 10, 2, 8, (b"\0" + bytes(30)) * 10, chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(9**8)))), ""),
    ],
)
def test_what_is_not_a_picture(data: bytes, reason: str) -> None:
    """Other formats and broken ones are told apart; a bomb in a side chunk is refused or ignored, never unpacked."""
    try:
        found = take_picture(data)
    except ServiceError as error:
        assert error.reason in ({reason} if reason else {"PICTURE_BROKEN", "PICTURE_TOO_LARGE"})  # noqa: PT017
    else:
        assert not reason
        assert (found.width, found.height) == (10, 10)


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"hevc"])
def test_heic_and_avif_are_told_what_to_do(brand: bytes) -> None:
    """Their own reason, and a sentence in both languages that says what is taken instead."""
    data = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(200)
    for told in ({}, {"declared_type": "image/heic", "filename": "IMG_0001.HEIC"}):
        error = refusal(data, **told)
        assert (error.code, error.reason) == (Code.UNSUPPORTED_MEDIA, "PICTURE_TYPE_HEIF")
    assert "JPEG" in (message_for("PICTURE_TYPE_HEIF", "en") or "")
    assert "JPEG" in (message_for("PICTURE_TYPE_HEIF", "zh") or "")
    assert refusal(b"\0\0\0\x18ftypisom" + bytes(50)).reason == "PICTURE_TYPE_UNSUPPORTED", "a film"


@pytest.mark.parametrize(
    ("name", "kind", "fits"),
    [
        ("cat.png", "image/png", True),
        ("CAT.PNG", "IMAGE/PNG", True),
        ("my.holiday.2026.png", "", True),
        ("cat", "", True),
        ("cat.png.exe", "", False),
        ("cat.exe.png", "", True),
        ("cat.php;.png", "", True),
        ("cat.png\0.php", "", False),
        ("cat.png.", "", True),
        ("../../cat.png", "", True),
        ("cat.jpg", "image/png", False),
        ("cat.png", "image/jpeg", False),
        ("cat.svg", "image/svg+xml", False),
        ("cat.png", "text/html", False),
        ("cat.png", "image/png; charset=x", True),
    ],
)
def test_names_and_types_must_agree(name: str, kind: str, fits: bool) -> None:
    """Only the last extension counts, and the name is never kept, so double ones do no harm."""
    data = picture("PNG")
    if fits:
        assert take_picture(data, declared_type=kind, filename=name).came_as == "image/png"
    else:
        assert refusal(data, declared_type=kind, filename=name).reason == "PICTURE_TYPE_MISMATCH"


def test_large_pictures_wait_for_room() -> None:
    """While there is no memory for a large one it waits; small ones and a photo that came before it pass."""
    large = encode(Image.new("RGB", (3600, 3600)), "WEBP", quality=1)
    photo = encode(Image.new("RGB", (3600, 3600)), "JPEG", quality=1)
    with ThreadPoolExecutor(1) as threads:
        room = DecodingRoom(250_000_000)
        with room.hold(100_000_000):
            take_picture(picture(), room=room)
            take_picture(photo, room=room)
            waiting = threads.submit(take_picture, large, room=room)
            while not room._line.locked():
                assert not waiting.done()
        assert waiting.result(60).width == 2048


def judge(data: bytes, **told: str) -> None:
    """A clean picture in bounds, or a typed error."""
    try:
        found = take_picture(data, **told)
    except ServiceError as error:
        assert error.code in (Code.INVALID, Code.TOO_LARGE, Code.UNSUPPORTED_MEDIA)  # noqa: PT017
        return
    assert len(found.preview) <= PREVIEW_BYTES
    assert opened(found.stored).size == (found.width, found.height)
    assert max(found.width, found.height) <= STORED_SIDE_PX


SEEDS = [with_metadata(kind) for kind in KINDS] + [
    animation(),
    encode(Image.new("P", (30, 30)), "GIF", transparency=0),
    encode(Image.new("RGBA", (30, 30), (9, 9, 9, 9)), "PNG"),
    encode(Image.new("I;16", (30, 30)), "PNG"),
    encode(Image.new("1", (30, 30)), "PNG"),
    encode(Image.new("CMYK", (30, 30)), "JPEG", progressive=True),
    encode(Image.new("RGBA", (30, 30), (9, 9, 9, 9)), "WEBP", lossless=True),
]


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_any_damage_is_a_picture_or_a_typed_error(seed: bytes, data: st.DataObject) -> None:
    """Flipped bytes, cut, doubled, shuffled pieces, foreign pieces; with any name and type."""
    rng = random.Random(data.draw(st.integers(0, 2**32)))
    damaged = bytearray(seed)
    for kind in data.draw(st.lists(st.sampled_from(["flip", "cut", "double", "foreign", "length"]), max_size=5)):
        at = rng.randrange(max(1, len(damaged)))
        if kind == "flip" and damaged:
            damaged[at] = rng.randrange(256)
        elif kind == "cut":
            del damaged[at : at + rng.randrange(1, 40)]
        elif kind == "double":
            damaged[at:at] = damaged[at : at + rng.randrange(1, 60)]
        elif kind == "foreign":
            other = rng.choice(SEEDS)
            damaged[at:at] = other[rng.randrange(len(other)) :][: rng.randrange(1, 60)]
        else:
            damaged[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
    kind, name = data.draw(st.sampled_from(["", "image/png", "image/jpeg"])), data.draw(st.text(max_size=12))
    judge(bytes(damaged), declared_type=kind, filename=name)


@settings(max_examples=examples(200), deadline=None)
@given(st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b""]), st.binary())
def test_any_bytes_are_a_picture_or_a_typed_error(magic: bytes, rest: bytes) -> None:
    """Also where only the first bytes are right."""
    judge(magic + rest)
