"""Words in pictures through the real server."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator

import numpy as np
import pytest
import tritonclient.grpc as triton
from PIL import Image, ImageDraw, ImageFont
from tritonclient.utils import InferenceServerException

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def client(triton_url: str) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(triton_url) as connected:
        yield connected


def font(size: int, chinese: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if not chinese:
        return ImageFont.load_default(size)
    lister = shutil.which("fc-list")
    found = subprocess.run([lister, ":lang=zh-cn", "file"], capture_output=True, text=True).stdout if lister else ""
    path = next((line.strip().rstrip(":") for line in found.splitlines()), "")
    if not path:
        pytest.skip("no Chinese font: install fonts-wqy-zenhei and fontconfig")
    return ImageFont.truetype(path, size)


def picture(*lines: str, name: str = "PNG") -> bytes:
    image = Image.new("RGB", (384, 384), "#ffeecc")
    draw = ImageDraw.Draw(image)
    draw.ellipse((120, 30, 260, 170), fill="#f39c12")
    for number, line in enumerate(lines):
        draw.text((20, 200 + 60 * number), line, font=font(38, not line.isascii()), fill="#222222")
    out = io.BytesIO()
    image.save(out, name)
    return out.getvalue()


def read(client: triton.InferenceServerClient, data: bytes) -> tuple[str, float]:
    tensor = triton.InferInput("IMAGE_BYTES", [1, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[data]], dtype=np.object_))
    result = client.infer("picture_text", [tensor])
    return result.as_numpy("TEXT")[0, 0].decode(), float(result.as_numpy("CONFIDENCE")[0, 0])


def test_english_is_read_in_order(client: triton.InferenceServerClient) -> None:
    """Two lines come back as two lines, from top to bottom."""
    text, confidence = read(client, picture("Where is", "my parcel?"))
    assert text.split("\n")[-2:] == ["Where is", "my parcel?"]
    assert confidence >= 0.8


def test_chinese_is_read(client: triton.InferenceServerClient) -> None:
    """What a Chinese sticker says is understood."""
    assert "快递到哪了" in read(client, picture("快递到哪了"))[0]


def test_a_picture_without_words_says_nothing(client: triton.InferenceServerClient) -> None:
    """No words, no invention."""
    assert read(client, picture()) == ("", 0.0)


@pytest.mark.parametrize("data", [b"", b"no picture", picture()[:300], b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused_and_the_model_lives(client: triton.InferenceServerClient, data: bytes) -> None:
    """A typed refusal, and the next picture is read."""
    with pytest.raises(InferenceServerException) as caught:
        read(client, data)
    assert "INVALID_ARGUMENT" in str(caught.value.status())
    assert read(client, picture()) == ("", 0.0)
