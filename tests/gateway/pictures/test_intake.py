"""Pictures of strangers: what is taken is clean, what is not is a typed error."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.pictures.intake import MAX_BYTES, PREVIEW_BYTES, Picture, convert, take_picture
from servicekit.errors import Code, ServiceError
from tests.fuzz import examples

pytestmark = [pytest.mark.unit, pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")]


def encode(image: Image.Image, name: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def gradient(mode: str = "RGB", size: tuple[int, int] = (80, 60)) -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert(mode)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def refusal(data: bytes, **told: str) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        take_picture(data, **told)
    return caught.value


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_kind_on_the_list_is_taken(name: str) -> None:
    """JPEG, PNG, WebP and GIF become WebP of the same size."""
    picture = take_picture(
        encode(gradient(), name), declared_type=f"image/{name.lower()}", filename=f"a.{name.lower()}"
    )
    assert (picture.width, picture.height, picture.animated) == (80, 60, False)
    assert opened(picture.stored).format == "WEBP"
    assert opened(picture.stored).size == (80, 60)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_pixel_mode_of_png_is_taken(mode: str) -> None:
    """Bilevel, grey, palette, transparent and 16-bit pictures are read as people see them."""
    image = gradient("I;16") if mode == "I;16" else gradient().convert(mode)
    if mode == "I;16":
        image = Image.frombytes("I;16", (80, 60), struct.pack("<4800H", *(i * 13 for i in range(4800))))
    picture = take_picture(encode(image, "PNG"))
    low, high = opened(picture.preview).convert("L").getextrema()
    assert high - low > 100, "the picture has lost its contrast"


def test_cmyk_is_taken() -> None:
    """Print pictures are shown in RGB."""
    assert opened(take_picture(encode(gradient("CMYK"), "JPEG")).stored).mode == "RGB"


def test_one_pixel_is_a_picture() -> None:
    """The smallest picture is taken as it is."""
    picture = take_picture(encode(gradient(size=(1, 1)), "PNG"))
    assert (picture.width, picture.height) == (1, 1)


def test_an_extreme_shape_keeps_a_pixel_on_its_short_side() -> None:
    """A line of 9000×1 does not shrink to nothing."""
    picture = take_picture(encode(gradient(size=(9000, 1)), "PNG"))
    assert (picture.width, picture.height) == (2048, 1)


def test_an_animation_keeps_its_first_frame_and_says_so() -> None:
    """GIF and WebP animations are marked."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    for name in ("GIF", "WEBP"):
        data = encode(frames[0], name, save_all=True, append_images=frames[1:], duration=50)
        picture = take_picture(data)
        assert picture.animated
        red, _, blue = opened(picture.stored).convert("RGB").getpixel((10, 10))
        assert red > 200 > 60 > blue


def test_metadata_is_gone_and_the_picture_upright() -> None:
    """EXIF with a place in it is dropped after its orientation was obeyed."""
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate 90° to see it upright
    exif[0x010E] = "SECRET PLACE"
    picture = take_picture(encode(gradient(size=(80, 60)), "JPEG", exif=exif))
    assert (picture.width, picture.height) == (60, 80)
    for data in (picture.stored, picture.thumbnail, picture.preview):
        assert b"SECRET" not in data
        assert b"Exif" not in data


def test_a_script_behind_the_pixels_is_gone() -> None:
    """A polyglot is neutralised by encoding anew."""
    evil = encode(gradient(), "JPEG") + b"<script>alert(1)</script><?php evil(); ?>"
    picture = take_picture(evil)
    assert all(b"<script>" not in data for data in (picture.stored, picture.thumbnail, picture.preview))


def test_transparency_is_kept_and_flattened_on_white_for_jpeg() -> None:
    """A cut-out sticker stays a cut-out."""
    image = gradient("RGBA")
    image.putalpha(0)
    picture = take_picture(encode(image, "PNG"))
    assert opened(picture.stored).mode == "RGBA"
    assert opened(convert(picture.stored, "image/jpeg")).getpixel((5, 5)) == (255, 255, 255)
    assert opened(convert(picture.stored, "image/png")).mode == "RGBA"


def test_the_preview_always_fits() -> None:
    """Noise, the worst case for every codec, is made small enough for the models' copy."""
    noise = Image.effect_noise((1600, 1600), 120).convert("RGBA")
    noise.putalpha(Image.effect_noise((1600, 1600), 120))
    assert len(take_picture(encode(noise.convert("RGB"), "JPEG")).preview) <= PREVIEW_BYTES
    assert len(take_picture(encode(noise.resize((600, 600)), "PNG")).preview) <= PREVIEW_BYTES


def test_large_pictures_are_made_smaller() -> None:
    """A phone's photo is kept at 2048 px with a thumbnail of 320."""
    picture = take_picture(encode(gradient(size=(4000, 3000)), "JPEG"))
    assert (picture.width, picture.height) == (2048, 1536)
    assert max(opened(picture.thumbnail).size) == 320


def bomb(width: int, height: int) -> bytes:
    """A tiny PNG that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "told", "code", "reason"),
    [
        (b"", {}, 400, "PICTURE_EMPTY"),
        (b"\xff\xd8\xff" + bytes(5 * 1024 * 1024), {}, 413, "PICTURE_TOO_LARGE"),
        (bomb(50_000, 50_000), {}, 413, "PICTURE_TOO_LARGE"),
        (bomb(7_000, 6_000), {}, 413, "PICTURE_TOO_LARGE"),
        (bomb(100, 100), {}, 400, "PICTURE_BROKEN"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", {}, 415, "PICTURE_TYPE_UNSUPPORTED"),
        (b"BM" + bytes(100), {}, 415, "PICTURE_TYPE_UNSUPPORTED"),
        (b"MZ\x90\x00" + bytes(100), {"filename": "cat.png"}, 415, "PICTURE_TYPE_UNSUPPORTED"),
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", {}, 400, "PICTURE_BROKEN"),
        (b"GIF89a", {}, 400, "PICTURE_BROKEN"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", {}, 400, "PICTURE_BROKEN"),
    ],
)
def test_what_is_not_taken_says_why(data: bytes, told: dict[str, str], code: int, reason: str) -> None:
    """Empty, huge, bombs, other kinds and broken files are told apart."""
    error = refusal(data, **told)
    assert (error.code, error.reason) == (code, reason)


def test_exactly_the_limits_are_taken() -> None:
    """5 MiB and 40 megapixels are allowed; one byte or one line of pixels more is not."""
    small = encode(gradient(), "JPEG")
    full = small + bytes(MAX_BYTES - len(small))
    assert take_picture(full).width == gradient().width
    assert refusal(full + b"\0").reason == "PICTURE_TOO_LARGE"
    wide = Image.new("1", (8_000, 5_000))
    assert take_picture(encode(wide, "PNG")).width == 2048
    assert refusal(encode(Image.new("1", (8_000, 5_001)), "PNG")).reason == "PICTURE_TOO_LARGE"


@pytest.mark.parametrize(
    "told",
    [
        {"declared_type": "image/jpeg"},
        {"declared_type": "text/html"},
        {"filename": "cat.jpg"},
        {"filename": "cat.png.exe"},
        {"declared_type": "image/png", "filename": "cat.gif"},
    ],
)
def test_type_and_name_must_agree_with_the_content(told: dict[str, str]) -> None:
    """A PNG that is called something else is refused."""
    assert refusal(encode(gradient(), "PNG"), **told).reason == "PICTURE_TYPE_MISMATCH"


def test_a_client_that_does_not_know_the_type_is_believed() -> None:
    """No name, octet-stream and parameters are fine."""
    data = encode(gradient(), "PNG")
    take_picture(data, declared_type="application/octet-stream")
    take_picture(data, declared_type="IMAGE/PNG; charset=binary", filename="照片")


def test_truncated_files_are_refused() -> None:
    """Half a picture is no picture, in every format."""
    for name in ("JPEG", "PNG", "WEBP"):
        data = encode(gradient(size=(400, 300)), name)
        assert refusal(data[: len(data) // 2]).reason == "PICTURE_BROKEN", name


@settings(max_examples=examples(150), deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.data())
def test_damaged_files_never_crash_the_intake(name: str, data: st.DataObject) -> None:
    """Any flipped bytes give a picture or a typed error, nothing else."""
    damaged = bytearray(encode(gradient(size=(40, 30)), name))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(take_picture(bytes(damaged)), Picture)
    except ServiceError as error:
        assert error.code in (Code.INVALID, Code.TOO_LARGE, Code.UNSUPPORTED_MEDIA)  # noqa: PT017
