"""Several tabs of one customer."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenShop, Shop
from tests.browser.scripted import ScriptedEdge
from tests.browser.widget import WAIT_MS, Widget

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def beside(chat: Widget) -> Widget:
    """Another tab of the same browser, with its chat open."""
    page = await chat.page.context.new_page()
    await page.goto(chat.page.url)
    return await Widget(page).open()


async def test_what_waits_is_sent_once_by_one_tab(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """While one tab has a message in flight, the other, which knows of it, sends nothing; nor after a reconnect."""
    edge.held = True
    first = await open_shop(edge=edge)
    second = await beside(first)
    await first.write("one")
    await edge.until(lambda: len(edge.of("message")) == 1)
    await expect(second.mine).to_have_count(1, timeout=WAIT_MS)
    await second.write("two")
    await expect(first.mine).to_have_count(2, timeout=WAIT_MS)
    assert [frame["text"] for frame in edge.of("message")] == ["one"]
    edge.held = False
    edge.seen.clear()
    await edge.drop()
    for tab in (first, second):
        await expect(tab.mine.locator(".state").last).to_have_text("Sent", timeout=WAIT_MS)
    assert [frame["text"] for frame in edge.of("message")] == ["one", "two"]
    assert [entry["text"] for entry in edge.entries] == ["one", "two"]


async def test_a_tab_that_goes_leaves_its_messages_to_the_others(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """What the closed tab could not send, another one sends under the same id."""
    edge.held = True
    first = await open_shop(edge=edge)
    second = await beside(first)
    await first.write("left behind")
    await edge.until(lambda: len(edge.of("message")) == 1)
    await expect(second.mine).to_have_count(1, timeout=WAIT_MS)
    edge.held = False
    await first.page.close()
    await expect(second.mine.locator(".state")).to_have_text("Sent", timeout=WAIT_MS)
    assert len({frame["client_msg_id"] for frame in edge.of("message")}) == 1
    assert len(edge.entries) == 1


async def test_many_tabs_lose_nothing_and_double_nothing(shop: Shop, open_shop: OpenShop) -> None:
    """Three tabs write while the network breaks; the real gateway gets each message once, each tab's in order."""
    tabs = [await open_shop()]
    tabs += [await beside(tabs[0]), await beside(tabs[0])]
    await shop.wire.cut()
    for number in range(3):
        for place, tab in enumerate(tabs):
            await tab.write(f"tab {place} message {number}")
    await shop.wire.mend()
    for tab in tabs:
        await tab.page.evaluate("window.dispatchEvent(new Event('online'))")
        await expect(tab.theirs).to_have_count(9, timeout=WAIT_MS)
    texts = shop.texts()
    assert len(texts) == len(set(texts)) == 9
    for place in range(3):
        own = [text for text in texts if text.startswith(f"tab {place}")]
        assert own == [f"tab {place} message {number}" for number in range(3)]


async def test_what_is_given_up_in_one_tab_is_gone_in_all(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """A failed message that is deleted disappears everywhere, and is not sent by a later page."""
    fault = {"code": 409, "reason": "CONVERSATION_CLOSED", "message": "It is over.", "retryable": False}
    edge.held = True
    first = await open_shop(edge=edge)
    second = await beside(first)
    await first.write("too late")
    await edge.until(lambda: len(edge.of("message")) == 1)
    edge.tell(type="error", client_msg_id=edge.of("message")[0]["client_msg_id"], trace_id="t", **fault)
    await expect(second.mine).to_contain_text("It is over.", timeout=WAIT_MS)
    await first.host.get_by_role("button", name="Delete").click()
    await expect(second.mine).to_have_count(0, timeout=WAIT_MS)
    await second.page.reload()
    await expect(Widget(second.page).mine).to_have_count(0)


async def test_a_draft_and_what_was_read_are_shared(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """A reload finds the half-written sentence again; what one tab shows as read is no news in the other."""
    first = await open_shop(edge=edge)
    second = await beside(first)
    await second.page.keyboard.press("Escape")
    edge.say(text="news")
    await expect(first.theirs).to_have_count(1, timeout=WAIT_MS)
    await first.page.bring_to_front()
    await edge.until(lambda: any(frame.get("read") == 1 for frame in edge.of("receipt")))
    await expect(second.host.locator(".badge")).to_be_hidden(timeout=WAIT_MS)
    await first.field.press_sequentially("half a sent")
    await first.page.reload()
    await expect(Widget(first.page).field).to_have_value("half a sent", timeout=WAIT_MS)
