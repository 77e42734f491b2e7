"""axe-core from npm, kept in a cache folder outside the repository."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.npm import package
from tests.browser.widget import settled

VERSION = "4.10.3"
MISSING = "no npm here: install it (Debian: apt-get install npm), or unpack axe-core into the folder AXE_CORE names"

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def violations(page: Page) -> list[str]:
    """What axe finds on a page as it is now."""
    script = await asyncio.to_thread(source)
    if script is None:
        pytest.skip(MISSING)
    await page.evaluate(script.read_text("utf-8") + "; undefined")  # a script tag would offend the page's policy
    await settled(page)
    found = await page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", _TAGS)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def source() -> Path | None:
    """`axe.min.js`, fetched once; None without npm.

    Raises:
        subprocess.CalledProcessError: npm could not fetch it.
    """
    if named := os.environ.get("AXE_CORE"):
        return Path(named) / "axe.min.js"
    folder = package("axe-core", VERSION)
    return folder and folder / "axe.min.js"
