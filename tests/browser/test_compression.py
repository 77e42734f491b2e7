"""Pictures made smaller before they go: what really came out of the canvas counts, not what was asked of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import OpenShop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_PREPARED = """async (able) => {
  const { prepare } = await import("/sdk/pictures.js");
  const drawn = HTMLCanvasElement.prototype.toBlob;
  const photo = document.createElement("canvas");
  photo.width = 2400;
  photo.height = 1200;
  const pen = photo.getContext("2d");
  pen.fillStyle = "#00f";
  pen.fillRect(0, 0, 1200, 1200); // the right half shows what is behind it
  const file = await new Promise((resolve) => drawn.call(photo, resolve, "image/png"));
  const asked = [];
  HTMLCanvasElement.prototype.toBlob = function (done, type, quality) {
    asked.push(type);
    const really = { able: type, unable: "image/png", silent: null }[able[type]];
    return really ? drawn.call(this, done, really, quality) : done(null);
  };
  // An even picture is a small file; what is tried here is what is made of a large one.
  Object.defineProperty(file, "size", { value: 4 * 1024 * 1024 });
  const made = await prepare(file);
  HTMLCanvasElement.prototype.toBlob = drawn;
  const bitmap = made === file ? null : await createImageBitmap(made);
  if (!bitmap) return { type: made.type, same: true, asked };
  const seen = document.createElement("canvas");
  seen.width = bitmap.width;
  seen.height = bitmap.height;
  seen.getContext("2d").drawImage(bitmap, 0, 0);
  const at = (x) => [...seen.getContext("2d").getImageData(x, 100, 1, 1).data];
  return { type: made.type, same: false, asked, size: [bitmap.width, bitmap.height], left: at(100), right: at(1900) };
}"""


async def prepared(open_shop: OpenShop, webp: str, jpeg: str) -> Any:
    """What the SDK makes of a large picture in a browser that is so able."""
    chat = await open_shop()
    return await chat.page.evaluate(_PREPARED, {"image/webp": webp, "image/jpeg": jpeg})


async def test_webp_where_the_browser_can(open_shop: OpenShop) -> None:
    """It is asked for first, and what is transparent stays so."""
    made = await prepared(open_shop, "able", "able")
    assert (made["type"], made["asked"], made["size"]) == ("image/webp", ["image/webp"], [2048, 1024])
    assert made["right"][3] == 0


@pytest.mark.parametrize("webp", ["unable", "silent"])
async def test_jpeg_where_webp_comes_out_as_something_else(open_shop: OpenShop, webp: str) -> None:
    """A PNG under that name, or nothing at all: a JPEG is made, white where something showed through."""
    made = await prepared(open_shop, webp, "able")
    assert (made["type"], made["asked"]) == ("image/jpeg", ["image/webp", "image/jpeg"])
    assert all(level > 250 for level in made["right"])
    assert made["left"][2] > 200


async def test_the_file_itself_where_nothing_can_be_made(open_shop: OpenShop) -> None:
    """A picture that cannot be made smaller goes as it is."""
    assert (await prepared(open_shop, "unable", "silent"))["same"]
