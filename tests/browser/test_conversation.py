"""Writing, reading and tapping in the chat."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenShop, Shop
from tests.browser.widget import WAIT_MS, Widget
from tests.fakes_orchestrator import STICKER_ID

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_an_answer_grows_while_it_is_written_and_ends_with_its_sticker(shop: Shop, open_shop: OpenShop) -> None:
    """The stream is seen before it is complete, without being read aloud; the end is, with sticker and sources."""
    gate = shop.orchestrator.script.gate(2)
    chat = await open_shop()
    await chat.write("where is my parcel?")
    await expect(chat.draft).to_have_text("You said: ", timeout=WAIT_MS)
    await expect(chat.announcer).to_have_text("")
    gate.set()
    await expect(chat.theirs).to_contain_text("You said: where is my parcel?", timeout=WAIT_MS)
    await expect(chat.draft).to_have_count(0)
    picture = chat.theirs.locator(".big-sticker img")
    await expect(picture).to_have_attribute("alt", "grinning face")
    await expect(picture).to_have_js_property("naturalWidth", 136)
    await expect(chat.theirs.locator(".citations")).to_have_text("Parcels")
    await expect(chat.announcer).to_have_text(
        "Assistant: You said: where is my parcel? Sticker: grinning face", timeout=WAIT_MS
    )


async def test_a_chinese_browser_finds_everything_in_chinese(open_shop: OpenShop) -> None:
    """Page, chat and stickers speak the browser's language, and the answer to Chinese text arrives."""
    chat = await open_shop(locale="zh-CN")
    await expect(chat.page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(chat.field).to_have_attribute("placeholder", "输入消息…")
    await chat.say("快递三天没更新了")
    assert await chat.said() == ["快递三天没更新了", "You said: 快递三天没更新了"]
    await expect(chat.theirs.locator(".big-sticker img")).to_have_attribute("alt", "嘿嘿")


async def test_the_page_switches_language_and_the_chat_follows(open_shop: OpenShop) -> None:
    """The switch changes shop and chat at once and is remembered."""
    chat = await open_shop()
    await chat.page.locator("#language").dispatch_event("click")
    await expect(chat.field).to_have_attribute("placeholder", "输入消息…")
    await expect(chat.host.locator(".title")).to_have_text("桃木小铺")
    await chat.page.reload()
    await expect(chat.page.locator("html")).to_have_attribute("lang", "zh-CN")


async def test_a_question_of_the_page_opens_the_chat_and_asks(open_shop: OpenShop) -> None:
    """A chip with data-stickerdesk-ask needs no script of the page's own."""
    chat = await open_shop(chat=False)
    await chat.page.locator("#questions button").first.click()
    await expect(chat.theirs).to_contain_text("You said: My parcel hasn't moved", timeout=WAIT_MS)


async def test_a_suggested_sticker_is_picked_while_typing(shop: Shop, open_shop: OpenShop) -> None:
    """Stickers follow what is typed; one click sends one in place of the short text and tells what was chosen."""
    chat = await open_shop()
    await chat.field.press_sequentially("thank you")
    await expect(chat.strip).to_have_count(1, timeout=WAIT_MS)
    await chat.strip.first.click()
    await expect(chat.mine.locator(".big-sticker img")).to_have_js_property("naturalWidth", 136)
    await expect(chat.field).to_have_value("")
    await expect(chat.theirs).to_have_count(1, timeout=WAIT_MS)
    events = [event for event in shop.orchestrator.servicer.seen if event.HasField("sticker_feedback")]
    assert [(e.sticker_feedback.sticker_id, e.sticker_feedback.text) for e in events] == [(STICKER_ID, "thank you")]
    (conversation,) = shop.orchestrator.journal.conversations.values()
    assert conversation.entries[0].sticker.sticker.id == STICKER_ID


async def test_a_sticker_joins_a_long_text_instead_of_replacing_it(open_shop: OpenShop) -> None:
    """What took an effort to write is not thrown away by a tap."""
    chat = await open_shop()
    text = "the parcel should have been here on Tuesday already"
    await chat.field.press_sequentially(text)
    await chat.strip.first.click(timeout=WAIT_MS)
    await expect(chat.field).to_have_value(text)


async def test_the_tray_is_searched_and_walked_by_keyboard(open_shop: OpenShop) -> None:
    """Search, arrow keys and Enter send a sticker without a mouse; Escape closes the tray first, then the panel."""
    chat = await open_shop()
    await chat.host.get_by_role("button", name="Stickers", exact=True).click()
    search = chat.host.get_by_role("searchbox", name="Search stickers")
    await expect(search).to_be_focused()
    await search.fill("nothing")
    await expect(chat.tray).to_contain_text("No sticker fits", timeout=WAIT_MS)
    await search.fill("grin")
    await expect(chat.tray.locator(".sticker")).to_have_count(1, timeout=WAIT_MS)
    await search.press("ArrowDown")
    await chat.page.keyboard.press("Enter")
    await expect(chat.mine.locator(".big-sticker")).to_be_visible(timeout=WAIT_MS)
    await expect(chat.tray).to_be_hidden()
    await chat.host.get_by_role("button", name="Stickers", exact=True).click()
    await chat.page.keyboard.press("Escape")
    await expect(chat.tray).to_be_hidden()
    await expect(chat.panel).to_be_visible()
    await chat.page.keyboard.press("Escape")
    await expect(chat.panel).to_be_hidden()
    await expect(chat.launcher).to_be_focused()


async def test_an_enter_that_ends_a_composition_sends_nothing(open_shop: OpenShop) -> None:
    """Input methods choose words by Enter; only another Enter sends, and Shift+Enter breaks the line."""
    chat = await open_shop()
    await chat.field.fill("kuaidi")
    for init in ({"key": "Enter", "isComposing": True}, {"key": "Enter", "keyCode": 229}):
        await chat.field.dispatch_event("keydown", init)
    await expect(chat.field).to_have_value("kuaidi")
    await chat.field.press("Shift+Enter")
    await expect(chat.field).to_have_value("kuaidi\n")
    await expect(chat.mine).to_have_count(0)


async def test_a_quick_reply_is_one_tap(open_shop: OpenShop) -> None:
    """Quick replies stand under the last answer only and are sent as they read."""
    chat = await open_shop()
    await chat.say("hello")
    await chat.host.get_by_role("button", name="Thanks").click()
    await expect(chat.theirs).to_have_count(2, timeout=WAIT_MS)
    assert await chat.said() == ["hello", "You said: hello", "Thanks", "You said: Thanks"]
    await expect(chat.host.get_by_role("button", name="Thanks")).to_have_count(1)


async def test_an_answer_can_be_stopped(shop: Shop, open_shop: OpenShop) -> None:
    """The button stops while an answer is written, and sends again once something is typed."""
    gate = shop.orchestrator.script.gate(2)
    chat = await open_shop()
    await chat.write("tell me everything")
    await expect(chat.draft).to_be_visible(timeout=WAIT_MS)
    await expect(chat.action).to_have_attribute("aria-label", "Stop answering")
    await chat.field.fill("wait")
    await expect(chat.action).to_have_attribute("aria-label", "Send")
    await chat.field.fill("")
    await chat.action.click()
    while not any(request.HasField("stop") for request in shop.orchestrator.servicer.seen):
        await asyncio.sleep(0.01)
    gate.set()
    await expect(chat.theirs).to_contain_text("You said:", timeout=WAIT_MS)
    assert await chat.said() == ["tell me everything", "You said:"]


async def test_what_is_written_never_becomes_markup(shop: Shop, open_shop: OpenShop) -> None:
    """Markup and script addresses of customers and answers are shown as text."""
    evil = '<img src=x onerror="window.pwned=1"> [tap](javascript:window.pwned=1)'
    chat = await open_shop()
    await chat.say(evil)
    assert await chat.said() == [evil, f"You said: {evil}"]
    assert await chat.host.locator(".bubble.text img, .bubble.text a").count() == 0
    assert await chat.page.evaluate("window.pwned") is None


async def test_a_closed_panel_counts_what_was_not_read(shop: Shop, open_shop: OpenShop) -> None:
    """The launcher shows and says how many messages wait, and opening reads them."""
    gate = shop.orchestrator.script.gate(1)
    chat = await open_shop()
    await chat.write("hello")
    await expect(chat.draft).to_be_visible(timeout=WAIT_MS)
    await chat.page.keyboard.press("Escape")
    gate.set()
    await expect(chat.launcher).to_have_attribute("aria-label", "Open chat, 1 unread", timeout=WAIT_MS)
    await expect(chat.host.locator(".badge")).to_have_text("1")
    await chat.launcher.click()
    await expect(chat.host.locator(".badge")).to_be_hidden()


async def test_a_too_long_text_is_told_before_it_is_sent(open_shop: OpenShop) -> None:
    """The counter says by how much, and nothing is lost."""
    chat = await open_shop()
    await chat.field.fill("好" * 4003)
    await expect(chat.host.locator(".over")).to_have_text("3 characters too long")
    await chat.field.press("Enter")
    await expect(chat.mine).to_have_count(0)
    assert len(await chat.field.input_value()) == 4003


async def test_two_tabs_of_one_customer_see_the_same(shop: Shop, open_shop: OpenShop) -> None:
    """What one tab says and hears appears in the other, once."""
    first = await open_shop()
    await first.say("from the first tab")
    page = await first.page.context.new_page()
    await page.goto(shop.url)
    second = await Widget(page).open()
    await expect(second.theirs).to_have_count(1, timeout=WAIT_MS)
    await second.say("from the second tab")
    await expect(first.theirs).to_have_count(2, timeout=WAIT_MS)
    assert await first.said() == await second.said()
