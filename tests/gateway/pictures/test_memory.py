"""What a picture of 40 megapixels costs at most while it is decoded, measured in a process of its own.

`python -m tests.gateway.pictures.test_memory` prints the table for every kind.
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

pytestmark = pytest.mark.integration

_SIZE = (8000, 5000)
_ROOT = Path(__file__).parents[3]
_PEAK = """
import io, sys
from PIL import Image
from gateway.pictures.intake import take_picture
small = io.BytesIO()
Image.new("RGB", (50, 50)).save(small, "PNG")
take_picture(small.getvalue())
data = sys.stdin.buffer.read()
def kib(what):
    return int(open("/proc/self/status").read().partition(what + ":")[2].split()[0])
before = kib("VmRSS")
take_picture(data)
print((kib("VmHWM") - before) // 1024)
"""
_WITH_HOLES: dict[str, Any] = {"transparency": 3}
_KINDS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "JPEG": ("RGB", "JPEG", {}, 100),
    "JPEG, progressive": ("RGB", "JPEG", {"progressive": True}, 300),
    "JPEG, progressive, CMYK": ("CMYK", "JPEG", {"progressive": True}, 400),
    "PNG, palette with holes": ("P", "PNG", _WITH_HOLES, 150),
    "PNG, 16-bit grey": ("I;16", "PNG", {}, 150),
    "PNG, RGB": ("RGB", "PNG", {}, 250),
    "PNG, RGBA": ("RGBA", "PNG", {}, 250),
    "GIF with holes": ("P", "GIF", _WITH_HOLES, 150),
    "WebP": ("RGB", "WEBP", {"method": 0, "quality": 20}, 520),
    "WebP with alpha": ("RGBA", "WEBP", {"method": 0, "quality": 20}, 520),
}
"""Mode, format, options, and the most MiB; the decoders' own demand, a little for bands and for encoding."""


def _picture(kind: str) -> bytes:
    mode, name, options, _ = _KINDS[kind]
    image = Image.new(mode, _SIZE) if mode == "I;16" else Image.new("L", _SIZE, 3).convert(mode)
    if mode == "RGBA":
        image.putalpha(90)
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def _peak_mib(kind: str) -> int:
    run = subprocess.run(
        [sys.executable, "-c", _PEAK], input=_picture(kind), capture_output=True, cwd=_ROOT, check=True
    )
    return int(run.stdout)


@pytest.mark.parametrize("kind", ["JPEG", "PNG, palette with holes", "PNG, RGBA", "GIF with holes", "WebP with alpha"])
def test_the_largest_picture_takes_no_more_than_its_decoder(kind: str) -> None:
    """No copies at full size beside the decoder's own."""
    assert 20 < _peak_mib(kind) <= _KINDS[kind][3]


if __name__ == "__main__":
    for each in _KINDS:
        print(f"{each:26} +{_peak_mib(each):4} MiB")
