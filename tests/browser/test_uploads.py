"""Pictures in pieces over the socket: progress, cancel, a broken connection, an older server."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.browser.conftest import OpenShop
from tests.browser.scripted import ScriptedEdge
from tests.browser.test_pictures import attach, chip, png
from tests.browser.widget import WAIT_MS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_ID = "0123456789abcdef"
_VIEW = {"url": "/x", "thumb_url": "/x", "width": 12, "height": 8, "animated": False}


def noise(side: int = 260) -> bytes:
    """A picture of some 200 KB that no encoder makes smaller."""
    out = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


async def test_a_picture_goes_in_pieces_and_arrives_whole(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Every byte once and in order, named by its content; then the message names the picture."""
    chat = await open_shop(edge=edge)
    data = noise()
    await attach(chat, data)
    await chat.write("look")
    await edge.until(lambda: [frame.get("image") or frame["text"] for frame in edge.of("message")] == [_ID, "look"])
    ((identity, upload),) = edge.uploads.items()
    assert bytes(upload.data) == data
    digest = hashlib.sha256(data).hexdigest()
    (begun,) = edge.of("upload")
    assert (begun["sha256"], begun["size"], begun["media_type"]) == (digest, len(data), "image/png")
    assert identity == f"p-{digest[:40]}"
    await expect(chip(chat)).to_be_hidden()


async def test_a_broken_connection_only_pauses(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """The chip says that it waits, and the rest goes from where the server has it."""
    edge.stop_after = 64 * 1024
    chat = await open_shop(edge=edge)
    data = noise()
    await attach(chat, data)
    await chat.action.click()
    progress = chip(chat).get_by_role("progressbar", name="Uploading")
    await expect(progress).not_to_have_attribute("aria-valuenow", "0", timeout=WAIT_MS)
    await edge.drop()
    await expect(chip(chat)).to_contain_text("goes on by itself", timeout=WAIT_MS)
    edge.stop_after = None
    await edge.until(lambda: len(edge.of("message")) == 1)
    (upload,) = edge.uploads.values()
    assert bytes(upload.data) == data
    assert len(edge.of("upload")) == 2


async def test_an_upload_is_cancelled_and_the_same_picture_sent_again(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """The cross ends it here and there; what was written stays; choosing it again works."""
    edge.stop_after = 32 * 1024
    chat = await open_shop(edge=edge)
    data = noise()
    await attach(chat, data)
    await chat.write("my words")
    await chip(chat).get_by_role("button", name="Cancel the upload").click(timeout=WAIT_MS)
    await expect(chip(chat)).to_be_hidden()
    await edge.until(lambda: len(edge.cancelled) == 1)
    await expect(chat.field).to_have_value("my words")
    assert edge.of("message") == []
    edge.stop_after = None
    await attach(chat, data)
    await chat.action.click()
    await edge.until(lambda: len(edge.of("message")) == 2)


def refusal(data: bytes, **fault: object) -> dict[str, object]:
    """What the edge answers to the beginning of a picture's upload."""
    return {"type": "error", "upload_id": f"p-{hashlib.sha256(data).hexdigest()[:40]}", "trace_id": "t", **fault}


async def test_a_picture_that_is_refused_says_why_and_makes_room(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """The server's sentence stands there, the words are kept; the same picture never will do, another one does."""
    chat = await open_shop(edge=edge)
    fault = {"code": 400, "reason": "PICTURE_BROKEN", "message": "That is no picture.", "retryable": False}
    edge.refuse["upload"] = refusal(png(), **fault)
    await attach(chat, png())
    await chat.write("my words")
    await expect(chip(chat)).to_contain_text("That is no picture.", timeout=WAIT_MS)
    await expect(chip(chat).get_by_role("button", name="Try again")).to_be_hidden()
    await expect(chat.field).to_have_value("my words")
    await chip(chat).get_by_role("button", name="Remove the picture").click()
    await expect(chip(chat)).to_be_hidden()
    del edge.refuse["upload"]
    await attach(chat, noise())
    await chat.action.click()
    await edge.until(lambda: [frame.get("text") for frame in edge.of("message")] == [None, "my words"])


async def test_an_upload_that_failed_says_why_and_is_tried_again(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """What is wrong is not the picture: it stays, with a button that sends it and the words once more."""
    chat = await open_shop(edge=edge)
    fault = {"code": 500, "reason": "INTERNAL", "message": "Something went wrong.", "retryable": False}
    edge.refuse["upload"] = refusal(png(), **fault)
    await attach(chat, png())
    await chat.write("my words")
    await expect(chip(chat)).to_contain_text("Something went wrong.", timeout=WAIT_MS)
    await expect(chip(chat).locator("img")).to_be_visible()
    del edge.refuse["upload"]
    await chip(chat).get_by_role("button", name="Try again").click()
    await edge.until(lambda: [frame.get("text") for frame in edge.of("message")] == [None, "my words"])
    await expect(chip(chat)).to_be_hidden()


async def test_a_refusal_that_passes_is_waited_for(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """A retryable one needs nobody's button: the upload goes on by itself."""
    chat = await open_shop(edge=edge)
    fault = {"code": 429, "reason": "RATE_LIMITED", "message": "Wait a moment.", "retryable": True}
    edge.refuse["upload"] = refusal(png(), **fault, retry_after_ms=10)
    await attach(chat, png())
    await chat.write("my words")
    await edge.until(lambda: len(edge.of("upload")) == 1)
    del edge.refuse["upload"]
    await edge.until(lambda: len(edge.of("message")) == 2)
    assert len(edge.of("upload")) > 1


async def test_a_server_without_uploads_gets_the_picture_by_http(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """An unknown frame is no failure: the same picture goes as a form, now and the next time."""
    fault = {"code": 400, "message": "no such frame", "retryable": False, "trace_id": "t", "field": "type"}
    edge.refuse["upload"] = {"type": "error", "reason": "UNKNOWN_FRAME", **fault}
    chat = await open_shop(edge=edge)
    posted: list[str] = []

    async def images(route: object) -> None:
        posted.append("one")
        await route.fulfill(status=201, json={**_VIEW, "id": f"{_ID}{len(posted)}"})  # type: ignore[attr-defined]

    await chat.page.route("**/v1/images?*", images)
    for count in (1, 2):
        await attach(chat, png(words=str(count)))
        await chat.action.click()
        await edge.until(lambda count=count: len(edge.of("message")) == count)  # type: ignore[misc]
    assert len(posted) == 2
    assert len(edge.of("upload")) == 1
