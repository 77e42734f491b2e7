"""A conversation with every part in it, on each kind of screen: nothing shuts anybody out, nothing sticks out."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.cards import COUPON, FILLED, ORDER, TICKET, form
from tests.browser.conftest import OpenShop
from tests.browser.scripted import STICKER, ScriptedEdge
from tests.browser.test_pictures import attach, png
from tests.browser.widget import WAIT_MS, Widget

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
_DARK: dict[str, Any] = {"color_scheme": "dark"}
_KINDS: dict[str, dict[str, Any]] = {
    "desktop light": {},
    "desktop dark": _DARK,
    "phone light, Chinese": {**_PHONE, "locale": "zh-CN"},
    "phone dark": {**_PHONE, **_DARK},
}
_SMALL = """host => [...host.shadowRoot.querySelectorAll("button:not(.link), .slot-input, .face")]
    .filter(part => part.checkVisibility())
    .map(part => [part.className, part.getBoundingClientRect()])
    .filter(([, box]) => box.width < 44 || box.height < 44)
    .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
_STICKS_OUT = """host => {
  const log = host.shadowRoot.querySelector(".log");
  const frame = log.getBoundingClientRect();
  return [log.scrollWidth - log.clientWidth, ...[...log.querySelectorAll(".card *, .slot-form *, .bubble, .rating *")]
    .map(part => part.getBoundingClientRect())
    .filter(box => box.width && (box.left < frame.left - 1 || box.right > frame.right + 1)).map(() => 1)];
}"""


async def everything(chat: Widget, edge: ScriptedEdge) -> None:
    """Says and shows all that there is."""
    edge.say(text="Here it is.", cards=[ORDER, TICKET, COUPON])
    edge.say("system", notice={"kind": "announcement", "text": "We ship again on Monday."})
    edge.say("agent", text="One moment.")
    edge.say("agent", revision={"target": 3, "kind": "edited", "text": "Two moments."})
    await chat.write("bye")
    await edge.until(lambda: len(edge.of("message")) == 1)
    edge.tell(type="receipt", reader="agent", delivered=4, read=4)
    edge.tell(type="queue", position=2, wait_s=60)
    edge.say(text="Which day?", form=form("date", filled=FILLED), quick_replies=["Never mind"], stickers=[STICKER])
    await chat.host.locator(".face").nth(3).click(timeout=WAIT_MS)
    await expect(chat.host.locator(".slot-form")).to_be_visible(timeout=WAIT_MS)


@pytest.mark.parametrize("kind", _KINDS)
async def test_axe_finds_nothing_in_a_full_conversation(edge: ScriptedEdge, open_shop: OpenShop, kind: str) -> None:
    """No violation of WCAG 2.2 AA with cards, a form, a rating, an announcement and an upload under way."""
    chat = await open_shop(edge=edge, reduced_motion="reduce", **_KINDS[kind])
    await everything(chat, edge)
    assert await violations(chat.page) == []
    await chat.log.evaluate("log => { log.scrollTop = 0 }")
    assert await violations(chat.page) == []
    edge.stop_after = 0
    await attach(chat, png())
    await chat.action.click()
    await expect(chat.host.get_by_role("progressbar")).to_be_visible(timeout=WAIT_MS)
    assert await violations(chat.page) == []


async def test_everything_can_be_hit_with_a_thumb_and_nothing_sticks_out(
    edge: ScriptedEdge, open_shop: OpenShop
) -> None:
    """44 pixels for each target, and no part wider than a small phone."""
    chat = await open_shop(edge=edge, reduced_motion="reduce", **{**_PHONE, "viewport": {"width": 320, "height": 640}})
    await everything(chat, edge)
    assert await chat.host.evaluate(_SMALL) == []
    assert await chat.host.evaluate(_STICKS_OUT) == [0]


async def test_the_chat_reads_from_right_to_left_where_the_page_does(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Sides are swapped, codes and numbers keep their order, nothing sticks out, axe finds nothing."""
    chat = await open_shop(edge=edge, chat=False, reduced_motion="reduce")
    await chat.page.evaluate("document.documentElement.dir = 'rtl'")
    await chat.open()
    await everything(chat, edge)
    panel, own = await chat.panel.bounding_box(), await chat.mine.locator(".bubble").bounding_box()
    theirs = await chat.theirs.first.locator(".bubble").bounding_box()
    assert panel is not None
    assert own is not None
    assert theirs is not None
    assert panel["x"] < 100
    assert own["x"] < theirs["x"]
    assert await chat.host.locator(".coupon-code").evaluate("code => getComputedStyle(code).direction") == "ltr"
    assert await chat.host.evaluate(_STICKS_OUT) == [0]
    assert await violations(chat.page) == []


def _moving() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (136, 136), colour) for colour in ("#ff0000", "#0000ff")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=40, loop=0, lossless=True)
    return out.getvalue()


@pytest.mark.parametrize(("motion", "still"), [("reduce", True), ("no-preference", False)])
async def test_a_moving_sticker_stands_still_for_who_asked(
    edge: ScriptedEdge, open_shop: OpenShop, motion: str, still: bool
) -> None:
    """Its first frame is shown in the place of the animation, under the same name."""
    chat = await open_shop(edge=edge, reduced_motion=motion)
    moving = _moving()
    await chat.page.route("**/stickers/**", lambda route: route.fulfill(body=moving, content_type="image/webp"))
    edge.say(sticker=STICKER)
    await expect(chat.host.get_by_role("img", name="grinning face")).to_be_visible(timeout=WAIT_MS)
    canvas = chat.host.locator(".big-sticker canvas")
    await expect(canvas).to_have_count(1 if still else 0, timeout=WAIT_MS)
    if still:
        pixel = "canvas => [...canvas.getContext('2d').getImageData(68, 68, 1, 1).data]"
        assert await canvas.evaluate(pixel) == [255, 0, 0, 255]


async def test_a_phone_offers_its_camera(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """A button that opens the camera where there is a thumb, and none on a desk."""
    phone = await open_shop(edge=edge, **_PHONE)
    async with phone.page.expect_file_chooser() as chooser:
        await phone.host.get_by_role("button", name="Take a photo").click()
    await (await chooser.value).set_files({"name": "shot.png", "mimeType": "image/png", "buffer": png()})
    await expect(phone.host.locator(".picture-chip")).to_contain_text("Ready to send", timeout=WAIT_MS)
    desk = await open_shop(edge=ScriptedEdge())
    await expect(desk.host.get_by_role("button", name="Take a photo")).to_have_count(0)


async def test_recent_stickers_come_first_and_the_grid_is_walked_by_arrows(
    edge: ScriptedEdge, open_shop: OpenShop
) -> None:
    """Groups have names; down leads from a short row into the next group, up leads back."""
    many = [{**STICKER, "id": f"noto-emoji/{number}", "alt": {"en": f"s{number}", "zh": ""}} for number in range(16)]
    chat = await open_shop(edge=edge)
    await chat.page.evaluate("kept => localStorage.setItem('stickerdesk:recent', JSON.stringify(kept))", many[:2])
    await chat.page.reload()
    chat = Widget(chat.page)
    await expect(chat.host.locator(".status.live")).to_be_visible(timeout=WAIT_MS)
    await chat.page.route("**/v1/stickers/search*", lambda route: route.fulfill(json={"stickers": many}))
    edge.suggestions = many
    await chat.host.get_by_role("button", name="Stickers", exact=True).click()
    await expect(chat.tray.locator(".grid-head")).to_have_text(["Recent", "All stickers"], timeout=WAIT_MS)
    await expect(chat.tray.locator(".sticker")).to_have_count(16)
    for key, name in (
        ("ArrowDown", "s0"),
        ("ArrowRight", "s1"),
        ("ArrowDown", "s3"),
        ("ArrowUp", "s1"),
        ("End", "s15"),
    ):
        await chat.page.keyboard.press(key)
        await expect(chat.tray.locator(".sticker:focus")).to_have_attribute("title", name)
