"""`image_preprocess` in the real Triton: what comes out of pictures of every kind, and how the rest is refused."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tritonclient.grpc as triton
from PIL import Image
from tritonclient.utils import InferenceServerException

pytestmark = pytest.mark.integration

_RED = (255, 0, 0)


@pytest.fixture(scope="module")
def client(triton_url: str) -> triton.InferenceServerClient:
    return triton.InferenceServerClient(triton_url)


def _ask(client: triton.InferenceServerClient, data: bytes) -> tuple[npt.NDArray[np.float32], list[int]]:
    given = triton.InferInput("IMAGE_BYTES", [1, 1], "BYTES")
    given.set_data_from_numpy(np.array([[data]], dtype=object))
    answer = client.infer("image_preprocess", [given])
    return answer.as_numpy("IMAGE")[0], answer.as_numpy("INFO")[0].tolist()


def _encoded(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def _centre(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    middle = image.shape[1] // 2
    return image[:, middle, middle]


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("WEBP", "RGB"),
        ("GIF", "P"),
        ("BMP", "RGB"),
    ],
)
def test_formats_and_modes_keep_their_colour(client: triton.InferenceServerClient, form: str, mode: str) -> None:
    """A red picture is red in whatever format and mode it comes."""
    image, info = _ask(client, _encoded(Image.new("RGB", (40, 40), _RED).convert(mode), form))
    assert _centre(image) == pytest.approx([1, -1, -1], abs=0.1)
    assert info == [40, 40, 1]


@pytest.mark.parametrize("mode", ["L", "LA", "1"])
def test_grey_becomes_three_equal_channels(client: triton.InferenceServerClient, mode: str) -> None:
    """Grey pictures have the same value in all three channels."""
    image, _ = _ask(client, _encoded(Image.new(mode, (30, 30), 0)))
    assert np.ptp(image, axis=0).max() == 0


def test_sixteen_bits_are_scaled_not_clipped(client: triton.InferenceServerClient) -> None:
    """Half of the 16-bit range is mid-grey."""
    image, _ = _ask(client, _encoded(Image.fromarray(np.full((20, 20), 32768, np.uint16))))
    assert _centre(image) == pytest.approx([0, 0, 0], abs=0.02)


def test_transparency_becomes_white(client: triton.InferenceServerClient) -> None:
    """What is fully transparent is white, whatever colour hides behind it."""
    image, _ = _ask(client, _encoded(Image.new("RGBA", (20, 20), (255, 0, 0, 0))))
    assert image.min() == pytest.approx(1)


def test_one_pixel_fills_the_picture(client: triton.InferenceServerClient) -> None:
    """A picture of one pixel is a flat colour."""
    image, info = _ask(client, _encoded(Image.new("RGB", (1, 1), _RED)))
    assert info == [1, 1, 1]
    assert image[0].min() == pytest.approx(1)


def test_a_narrow_picture_is_centred_on_white(client: triton.InferenceServerClient) -> None:
    """The longer side fits; the rest is white."""
    image, _ = _ask(client, _encoded(Image.new("RGB", (10, 100), (0, 0, 0))))
    assert _centre(image) == pytest.approx([-1, -1, -1])
    assert image[:, :, 0].min() == pytest.approx(1)


def test_an_animation_is_shown_by_its_first_visible_frame(client: triton.InferenceServerClient) -> None:
    """Frames with nothing to see are skipped, and all frames are counted."""
    frames = [Image.new("RGBA", (30, 30), (255, 0, 0, 255)), Image.new("RGBA", (30, 30), (0, 0, 255, 255))]
    empty = Image.new("RGBA", (30, 30), (0, 0, 0, 0))
    data = _encoded(empty, "WEBP", save_all=True, append_images=frames, lossless=True)
    image, info = _ask(client, data)
    assert info[2] == 3
    assert _centre(image) == pytest.approx([1, -1, -1], abs=0.05)


def test_orientation_of_the_camera_is_applied(client: triton.InferenceServerClient) -> None:
    """A photograph that says it lies on its side is turned upright."""
    picture = Image.new("RGB", (40, 40), (255, 255, 255))
    picture.paste((0, 0, 0), (0, 0, 40, 20))
    exif = Image.Exif()
    exif[0x0112] = 3
    image, _ = _ask(client, _encoded(picture, exif=exif))
    assert image[:, 2, 2] == pytest.approx([1, 1, 1])


_NOISE = Image.effect_noise((300, 200), 60).convert("RGB")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"not a picture at all", "unsupported"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported"),
        (_encoded(_NOISE, "TIFF"), "unsupported"),
        (_encoded(_NOISE)[:2000], "damaged"),
        (_encoded(_NOISE, "JPEG")[:3000], "damaged"),
        (_encoded(_NOISE, "WEBP")[:1000], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (11 << 20), "too_large"),
        (_encoded(Image.new("1", (30_000, 30_000))), "too_many_pixels"),
        (_encoded(Image.new("L", (30_000, 1))), "too_many_pixels"),
    ],
    ids=["empty", "text", "svg", "tiff", "cut png", "cut jpeg", "cut webp", "bytes", "pixels", "side"],
)
def test_what_is_refused_says_why(client: triton.InferenceServerClient, data: bytes, reason: str) -> None:
    """A refusal is INVALID_ARGUMENT with a stable word, and the model serves the next picture."""
    with pytest.raises(InferenceServerException) as refused:
        _ask(client, data)
    assert "INVALID_ARGUMENT" in str(refused.value.status())
    assert reason in str(refused.value.message())
    assert _ask(client, _encoded(Image.new("RGB", (5, 5), _RED)))[1] == [5, 5, 1]
