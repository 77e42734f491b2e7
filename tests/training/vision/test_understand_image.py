"""`understand_image` on the real Triton: whatever the bytes are, all that is seen comes out, or a typed refusal."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import numpy as np
import pytest
import tritonclient.grpc.aio as triton
from PIL import Image
from tritonclient.utils import InferenceServerException

pytestmark = pytest.mark.integration

_OUTPUTS = ("INFO", "JOINT_EMBEDDING", "EMOTION", "POLARITY", "CAPTION", "CONFIDENCE")
_NOISE = Image.fromarray(np.random.default_rng(3).integers(0, 255, (200, 160, 3), dtype=np.uint8))


def encoded(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    """The bytes of a picture in a format."""
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def animation(frames: int, form: str = "GIF") -> bytes:
    """An animation whose frames differ."""
    pictures = [Image.new("RGB", (60, 40), (number * 9 % 255, 80, 200)) for number in range(frames)]
    return encoded(pictures[0], form, save_all=True, append_images=pictures[1:], duration=40)


@pytest.fixture
async def client(triton_url: str) -> AsyncIterator[triton.InferenceServerClient]:
    """A client of the session's Triton."""
    async with triton.InferenceServerClient(triton_url) as made:
        yield made


async def see(client: triton.InferenceServerClient, data: bytes) -> dict[str, np.ndarray]:
    """Ask for what matters of one picture."""
    tensor = triton.InferInput("IMAGE_BYTES", [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[data]], dtype=object))
    reply = await client.infer("understand_image", [tensor], client_timeout=60)
    return {name: reply.as_numpy(name) for name in _OUTPUTS}


@pytest.mark.parametrize(
    ("data", "info"),
    [
        (encoded(Image.new("RGB", (1, 1), (9, 9, 9))), [1, 1, 1]),
        (encoded(Image.new("L", (50, 30), 90)), [50, 30, 1]),
        (encoded(Image.new("CMYK", (50, 30)), "JPEG"), [50, 30, 1]),
        (encoded(Image.fromarray(np.full((20, 20), 40_000, np.uint16))), [20, 20, 1]),
        (encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0))), [20, 20, 1]),
        (animation(30), [60, 40, 30]),
        (animation(30)[:1700], [60, 40, 15]),
        (animation(8, "PNG")[:-200], [60, 40, 8]),
        (encoded(Image.new("RGB", (5000, 4900), (200, 30, 30)), "JPEG"), [5000, 4900, 1]),
        (encoded(_NOISE) + b"trailing bytes", [160, 200, 1]),
    ],
    ids=[
        "one pixel",
        "grey",
        "cmyk",
        "16 bit",
        "transparent",
        "animated",
        "cut animation",
        "cut apng",
        "giant",
        "trailing",
    ],
)
async def test_any_picture_has_a_defined_answer(
    client: triton.InferenceServerClient, data: bytes, info: list[int]
) -> None:
    """Probabilities sum to one, the embedding has length one, captions are text, if only none."""
    seen = await see(client, data)
    assert seen["INFO"][0].tolist() == info
    np.testing.assert_allclose(seen["EMOTION"].sum(1), 1, atol=1e-3)
    np.testing.assert_allclose(seen["POLARITY"].sum(1), 1, atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(seen["JOINT_EMBEDDING"], axis=1), 1, atol=1e-3)
    assert [len(caption.decode()) < 400 for caption in seen["CAPTION"][0]] == [True, True]
    assert ((seen["CONFIDENCE"] >= 0) & (seen["CONFIDENCE"] <= 1)).all()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\x00" * 5000, "unsupported"),
        (encoded(_NOISE)[:3000], "damaged"),
        (encoded(_NOISE, "JPEG")[:3000], "damaged"),
        (animation(8, "WEBP")[:-40], "damaged"),
        (animation(8)[:13], "unsupported"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (11 << 20), "too_large"),
    ],
    ids=["empty", "zeros", "cut png", "cut jpeg", "cut webp", "cut header", "too large"],
)
async def test_a_refusal_comes_through_the_ensemble(
    client: triton.InferenceServerClient, data: bytes, reason: str
) -> None:
    """The first model's INVALID_ARGUMENT with its word reaches the caller, and the next picture is seen."""
    with pytest.raises(InferenceServerException) as refused:
        await see(client, data)
    assert refused.value.status() == "StatusCode.INVALID_ARGUMENT"
    assert reason in str(refused.value.message())
    assert (await see(client, encoded(_NOISE)))["INFO"][0].tolist() == [160, 200, 1]
