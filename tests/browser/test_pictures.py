"""Adding pictures to the chat: chosen, pasted, dropped; seen by whoever may see them."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import Locator, expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenShop, Shop
from tests.browser.widget import WAIT_MS, Widget

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def png(size: tuple[int, int] = (120, 80), words: str = "Order 4711") -> bytes:
    image = Image.new("RGB", size, "#ffe0b0")
    ImageDraw.Draw(image).text((8, 30), words, fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def file(data: bytes, name: str = "cat.png", kind: str = "image/png") -> Any:
    return {"name": name, "mimeType": kind, "buffer": data}


def chip(chat: Widget) -> Locator:
    return chat.host.locator(".picture-chip")


async def attach(chat: Widget, data: bytes, name: str = "cat.png", kind: str = "image/png") -> None:
    await chat.host.locator("input[type=file]:not([capture])").set_input_files(file(data, name, kind))
    await expect(chip(chat)).to_be_visible(timeout=WAIT_MS)


async def shown(chat: Widget) -> Locator:
    """The picture in the conversation, loaded."""
    picture = chat.mine.locator("button.picture img")
    await expect(picture).to_have_count(1, timeout=WAIT_MS)
    await expect(picture).not_to_have_js_property("naturalWidth", 0, timeout=WAIT_MS)
    return picture


async def test_a_picture_is_chosen_thought_over_and_sent(shop: Shop, open_shop: OpenShop) -> None:
    """A chip shows it and can be taken back; sent with words it comes first; both are answered."""
    chat = await open_shop()
    await expect(chat.host.get_by_role("button", name="Add a picture")).to_be_visible()
    await attach(chat, png())
    await expect(chip(chat)).to_contain_text("Ready to send")
    await chip(chat).get_by_role("button", name="Remove the picture").click()
    await expect(chip(chat)).to_be_hidden()
    await attach(chat, png())
    await chat.write("what is this?")
    picture = await shown(chat)
    await expect(picture).to_have_js_property("naturalWidth", 120)
    await expect(chat.theirs).to_have_count(2, timeout=WAIT_MS)
    await expect(chip(chat)).to_be_hidden()
    await expect(chat.mine.locator("button.picture img")).to_have_attribute("alt", "an orange field")
    assert shop.texts() == ["", "what is this?"]


async def test_a_picture_is_seen_whole_after_a_reload_and_on_another_device(open_shop: OpenShop) -> None:
    """The thumbnail opens the whole one; Escape closes that and not the chat; a reload shows it again."""
    chat = await open_shop()
    await attach(chat, png((1000, 500)))
    await chat.action.click()
    await expect(await shown(chat)).to_have_js_property("naturalWidth", 320)
    await chat.mine.locator("button.picture").click()
    viewer = chat.host.locator("dialog.viewer")
    await expect(viewer.locator("img")).to_have_js_property("naturalWidth", 1000, timeout=WAIT_MS)
    await chat.page.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()
    await expect(chat.mine.locator("button.picture")).to_be_focused()
    await expect(chat.panel).to_be_visible()
    await chat.page.reload()
    await shown(chat)


async def test_a_browser_takes_the_format_that_it_can_show(open_shop: OpenShop) -> None:
    """WebP from the source of the picture element; without it the plain one of the image, which shows the same."""
    chat = await open_shop()
    await attach(chat, png())
    await chat.action.click()
    picture = await shown(chat)
    as_image = '{headers: {accept: "image/webp,*/*"}}'  # as the browser asks for pictures
    kind = f"async (image) => (await (await fetch(image.currentSrc, {as_image})).blob()).type"
    assert await picture.evaluate(kind) == "image/webp"
    await picture.evaluate(
        "(image) => new Promise((shown) => { image.addEventListener('load', shown, {once: true}); "
        "image.previousSibling.remove(); })"
    )
    await expect(picture).to_have_js_property("naturalWidth", 120)
    assert await picture.evaluate(kind) == "image/jpeg"


async def test_a_picture_is_dropped(open_shop: OpenShop) -> None:
    """While it hovers a zone says where to let go."""
    chat = await open_shop()
    data = await _transfer(chat, png())
    await chat.panel.dispatch_event("dragenter", {"dataTransfer": data})
    await expect(chat.host.locator(".drop-zone")).to_be_visible()
    await chat.panel.dispatch_event("dragleave", {"dataTransfer": data})
    await expect(chat.host.locator(".drop-zone")).to_be_hidden()
    await chat.panel.dispatch_event("drop", {"dataTransfer": data})
    await expect(chip(chat)).to_be_visible()


async def test_a_picture_is_pasted(open_shop: OpenShop) -> None:
    """From the clipboard into the field."""
    chat = await open_shop()
    paste = """(field, base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], "shot.png", { type: "image/png" }));
      const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
      field.dispatchEvent(event);
    }"""
    await chat.field.evaluate(paste, base64.b64encode(png()).decode())
    await expect(chip(chat)).to_be_visible()
    await chat.action.click()
    await shown(chat)


async def _transfer(chat: Widget, data: bytes) -> Any:
    make = """(base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], "cat.png", { type: "image/png" }));
      return transfer;
    }"""
    return await chat.page.evaluate_handle(make, base64.b64encode(data).decode())


async def test_a_large_photo_is_made_smaller_before_it_goes(shop: Shop, open_shop: OpenShop) -> None:
    """What travels is of at most 2048 pixels, a fraction of the file."""
    chat = await open_shop()
    out = io.BytesIO()
    Image.effect_noise((3000, 2000), 60).convert("RGB").save(out, "JPEG", quality=95)
    await chat.page.evaluate(_COUNT)
    await attach(chat, out.getvalue(), "photo.jpg", "image/jpeg")
    await chat.action.click()
    await shown(chat)
    sent = await chat.page.evaluate("window.sentBytes")
    assert 10_000 < sent < len(out.getvalue())
    (conversation,) = shop.orchestrator.journal.conversations.values()
    picture = conversation.entries[0].image
    assert (picture.width_px, picture.height_px) == (2048, 1365)


_COUNT = """() => {
  window.sentBytes = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    window.sentBytes += data.byteLength ?? 0;
    return send.call(this, data);
  };
}"""


@pytest.mark.parametrize(
    ("locale", "data", "name", "kind", "said"),
    [
        ("en-US", b"hello", "notes.txt", "text/plain", "This kind of file is not taken"),
        ("zh-CN", b"hello", "notes.txt", "text/plain", "不支持这种文件"),
        ("en-US", b"", "cat.png", "image/png", "This file is empty"),
        ("zh-CN", png()[:60], "cat.png", "image/png", "图片无法读取"),
    ],
)
async def test_what_cannot_be_sent_is_said_in_plain_words(
    open_shop: OpenShop, locale: str, data: bytes, name: str, kind: str, said: str
) -> None:
    """In the customer's language: at once where the file tells, else with the words kept for another picture."""
    chat = await open_shop(locale=locale)
    await attach(chat, data, name, kind)
    if kind == "image/png" and data:
        await chat.write("my words")
        await expect(chip(chat)).to_contain_text(said, timeout=WAIT_MS)
        await expect(chat.field).to_have_value("my words")
        await expect(chat.mine).to_have_count(0)
    else:
        await expect(chip(chat)).to_contain_text(said)
        await chat.write("my words")
        await expect(chat.mine).to_have_count(1, timeout=WAIT_MS)
        await expect(chip(chat)).to_be_hidden()


async def test_an_upload_without_a_network_goes_when_there_is_one(shop: Shop, open_shop: OpenShop) -> None:
    """The picture waits and says so; when the network is back it goes by itself."""
    chat = await open_shop()
    await attach(chat, png())
    await shop.wire.cut()
    await expect(chat.banner).to_contain_text("Reconnecting", timeout=WAIT_MS)
    await chat.action.click()
    await expect(chip(chat)).to_contain_text("goes on by itself", timeout=WAIT_MS)
    await shop.wire.mend()
    await shown(chat)


async def test_nothing_about_pictures_shuts_anybody_out(open_shop: OpenShop) -> None:
    """No violation found by axe with a chip, a picture, and the whole picture open."""
    chat = await open_shop()
    await attach(chat, png())
    assert await violations(chat.page) == []
    await chat.action.click()
    await shown(chat)
    assert await violations(chat.page) == []
    await chat.mine.locator("button.picture").click()
    await expect(chat.host.locator("dialog.viewer")).to_be_visible()
    assert await violations(chat.page) == []


async def test_what_is_no_picture_is_refused_at_once(open_shop: OpenShop) -> None:
    """No broken image, no way to try again what never can succeed; the next file is taken as if nothing were."""
    chat = await open_shop()
    for data, name, kind in (
        (b"<svg/>", "a.svg", "image/svg+xml"),
        (b"%PDF", "a.pdf", "application/pdf"),
        (b"", "a.png", "image/png"),
    ):
        await attach(chat, data, name, kind)
        await expect(chip(chat)).to_contain_text("Choose")
        await expect(chip(chat).locator("img")).to_be_hidden()
        await expect(chip(chat).get_by_role("button", name="Try again")).to_be_hidden()
        await chip(chat).get_by_role("button", name="Remove the picture").click()
        await expect(chip(chat)).to_be_hidden()
    await attach(chat, b"no picture at all", "a.png", "image/png")
    await expect(chip(chat).locator("img")).to_be_hidden()
    await expect(chip(chat).locator(".chip-picture .icon")).to_be_visible()
    await chat.write("see?")
    await expect(chip(chat)).to_contain_text("picture", timeout=WAIT_MS)
    await expect(chip(chat).get_by_role("button", name="Try again")).to_be_hidden()
    await expect(chat.field).to_have_value("see?")
    await attach(chat, png())
    await chat.field.press("Enter")
    await shown(chat)
