"""What a client refuses by itself is what the edge would refuse: clients hold copies of a few limits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gateway
from gateway.client import client
from gateway.client_frames import MAX_TEXT_CHARS

pytestmark = pytest.mark.unit
WEB = Path(gateway.__file__).parent / "web"


@pytest.mark.parametrize("script", ["sdk/protocol.js", "desk/pane.js"])
def test_the_browser_knows_the_longest_text(script: str) -> None:
    """In Unicode characters, as the edge counts them."""
    found = re.findall(r"const MAX_TEXT_CHARS = (\d+);", (WEB / script).read_text(encoding="utf-8"))
    assert [int(one) for one in found] == [MAX_TEXT_CHARS]


def test_the_python_client_knows_the_longest_text() -> None:
    """It is published by itself and imports nothing of the edge."""
    assert client.MAX_TEXT_CHARS == MAX_TEXT_CHARS
