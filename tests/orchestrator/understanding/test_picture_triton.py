"""Pictures through the real server: the words are read whichever other models are in place."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from orchestrator.understanding.picture import NOTHING, READING, SEEING, Sureness, TritonPictures
from servicekit.resilience import CircuitBreaker

pytestmark = pytest.mark.integration


def _screenshot(*lines: str) -> bytes:
    image = Image.new("RGB", (384, 300), "white")
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((20, 30 + 70 * number), line, font=ImageFont.load_default(36), fill="black")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


async def test_words_are_read_and_rubbish_degrades(triton_url: str) -> None:
    """A screenshot's lines; bytes that are no picture are nothing seen, and no reason to spare the model."""
    told: list[str] = []
    breakers = {model: CircuitBreaker(model, failure_threshold=1) for model in (SEEING, READING)}
    pictures = TritonPictures(triton_url, breakers, Sureness(budget_s=30.0), told.append)
    assert await pictures.look(b"no picture") == NOTHING
    assert READING in told
    told.clear()
    what = await pictures.look(_screenshot("Order 4711", "not shipped yet"))
    await pictures.close()
    assert what.words.split("\n") == ["Order 4711", "not shipped yet"]
    assert READING not in told
