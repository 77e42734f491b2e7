"""What axe-core and the eye of a small, dark or restless screen find."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import OpenShop
from tests.browser.scripted import ScriptedEdge
from tests.browser.widget import WAIT_MS, Widget, settled

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
_KINDS: dict[str, dict[str, Any]] = {
    "desktop": {},
    "dark": {"color_scheme": "dark"},
    "phone in Chinese": {**_PHONE, "locale": "zh-CN"},
}


@pytest.mark.parametrize("kind", _KINDS)
async def test_axe_finds_nothing(open_shop: OpenShop, kind: str) -> None:
    """No violation of WCAG 2.2 AA: page alone, with an answer and suggestions, with the tray open."""
    chat = await open_shop(chat=False, reduced_motion="reduce", **_KINDS[kind])
    assert await violations(chat.page) == []
    await chat.open()
    await chat.say("hello")
    await chat.field.press_sequentially("thanks")
    await expect(chat.strip).to_have_count(1, timeout=WAIT_MS)
    assert await violations(chat.page) == []
    await chat.host.locator(".composer button[aria-controls]").click()
    await expect(chat.tray.locator(".sticker").first).to_be_visible(timeout=WAIT_MS)
    assert await violations(chat.page) == []


async def test_targets_are_large_enough_for_a_thumb(open_shop: OpenShop) -> None:
    """Every button of an open conversation is at least 44 by 44 pixels, but for links within a line of text."""
    chat = await open_shop(reduced_motion="reduce", **_PHONE)
    await chat.say("hello")
    await chat.field.press_sequentially("thanks")
    await expect(chat.strip).to_have_count(1, timeout=WAIT_MS)
    small = await chat.host.evaluate(
        """host => [...host.shadowRoot.querySelectorAll("button:not(.link)")]
            .filter(button => button.checkVisibility())
            .map(button => [button.className, button.getBoundingClientRect()])
            .filter(([, box]) => box.width < 44 || box.height < 44)
            .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
    )
    assert small == []


async def test_on_a_phone_the_chat_fills_the_screen(open_shop: OpenShop) -> None:
    """The panel takes the whole screen and nothing scrolls sideways."""
    chat = await open_shop(reduced_motion="reduce", **_PHONE)
    assert await chat.panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    assert await chat.page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_reduced_motion_is_respected(open_shop: OpenShop) -> None:
    """Nothing in the chat moves for those who asked for stillness."""
    chat = await open_shop(reduced_motion="reduce")
    await chat.say("hello")
    assert await chat.host.evaluate("host => host.shadowRoot.getAnimations().length") == 0


async def test_the_reader_keeps_the_place_while_news_arrive(open_shop: OpenShop) -> None:
    """Who reads further up is not dragged down; a button leads to the new messages."""
    chat = await open_shop(viewport={"width": 1000, "height": 420})
    for text in ("one", "two", "three"):
        await chat.say(text)
    other = Widget(await chat.page.context.new_page())
    await other.page.goto(chat.page.url)
    await other.open()
    await chat.log.evaluate("log => { log.scrollTop = 0 }")
    await other.say("from elsewhere")
    pill = chat.host.get_by_role("button", name="New messages")
    await expect(pill).to_be_visible(timeout=WAIT_MS)
    assert await chat.log.evaluate("log => log.scrollTop") == 0
    await pill.click()
    await expect(pill).to_be_hidden()
    await expect(chat.theirs.last).to_be_in_viewport()


async def test_who_reads_the_end_stays_there_while_the_window_shrinks(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """An answer that comes in the moment in which the field grows is shown to its end."""
    chat = await open_shop(edge=edge, viewport={"width": 1000, "height": 520})
    for number in range(12):
        edge.say(text=f"Answer {number}")
    await expect(chat.theirs).to_have_count(12, timeout=WAIT_MS)
    grow = """host => host.client.on("entry", () => {
      const field = host.shadowRoot.querySelector(".composer textarea");
      field.value = "one\\ntwo\\nthree\\nfour\\nfive";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    })"""
    await chat.host.evaluate(f"host => void ({grow})(host)")
    edge.say(text="The last one.")
    await expect(chat.theirs).to_have_count(13, timeout=WAIT_MS)
    await settled(chat.page)
    await expect(chat.theirs.last.locator(".bubble")).to_be_in_viewport(ratio=1)
    await expect(chat.host.locator(".pill")).to_be_hidden()


async def test_a_thumb_gets_stickers_and_no_keyboard(open_shop: OpenShop) -> None:
    """On a telephone the tray takes the focus without its search; with a mouse the search has it."""
    phone = await open_shop(**_PHONE)
    await phone.host.get_by_role("button", name="Stickers", exact=True).click()
    await expect(phone.tray).to_be_focused()
    await phone.page.keyboard.press("Escape")
    await expect(phone.tray).to_be_hidden()
    desk = await open_shop()
    await desk.host.get_by_role("button", name="Stickers", exact=True).click()
    await expect(desk.tray.get_by_role("searchbox")).to_be_focused()
