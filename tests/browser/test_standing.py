"""What the chat says of how things stand, and that it keeps the reader where things happen."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import OpenShop, Shop, watch
from tests.browser.scripted import STICKER, ScriptedEdge
from tests.browser.widget import WAIT_MS, Widget, settled

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LANDSCAPE = {"width": 844, "height": 390}


async def test_a_service_that_is_away_is_not_said_to_be_there(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """The edge holds the line while what is behind it restarts: no green dot meanwhile, and a word why."""
    chat = await open_shop(edge=edge)
    status = chat.host.locator(".status")
    await expect(status).to_have_text("Here for you, answers at once")
    edge.tell(type="service", available=False)
    await expect(chat.banner).to_have_text("Reconnecting… your messages are kept", timeout=WAIT_MS)
    await expect(status).to_have_text("Connecting…")
    await expect(chat.host.locator(".status.live")).to_have_count(0)
    edge.tell(type="service", available=True)
    await expect(chat.banner).to_be_hidden(timeout=WAIT_MS)
    await expect(chat.host.locator(".status.live")).to_have_count(1)
    edge.tell(type="service", available=False)
    await expect(chat.banner).to_be_visible(timeout=WAIT_MS)
    await edge.drop()  # another gateway may be better off
    await expect(chat.host.locator(".status.live")).to_have_count(1, timeout=WAIT_MS)
    await expect(chat.banner).to_be_hidden()


async def test_who_waits_for_a_person_is_told_so(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """In the line nobody is there yet; one who came is there; one who had to leave is not."""
    chat = await open_shop(edge=edge)
    status = chat.host.locator(".status")
    edge.say("system", notice={"kind": "handed_over", "text": "A person takes over."})
    await expect(status).to_have_text("Waiting for a person", timeout=WAIT_MS)
    edge.tell(type="queue", position=1)
    await expect(chat.banner).to_contain_text("number 1 in the line")
    await expect(status).to_have_text("Waiting for a person")
    edge.say("system", notice={"kind": "agent_joined", "text": "Mei has joined the conversation."})
    await expect(status).to_have_text("A person of the shop is here", timeout=WAIT_MS)
    await expect(chat.banner).to_be_hidden()
    edge.say("system", notice={"kind": "agent_left", "text": "Mei had to leave."})
    await expect(status).to_have_text("Waiting for a person", timeout=WAIT_MS)
    edge.say("agent", text="Here I am.")
    await expect(status).to_have_text("A person of the shop is here", timeout=WAIT_MS)


async def test_who_reads_the_end_stays_there_when_the_rating_comes(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """The question how it was comes into sight by itself, and nothing lies over the stickers."""
    chat = await open_shop(edge=edge, viewport={"width": 390, "height": 700})
    for number in range(8):
        edge.say(text=f"Answer {number}, long enough to fill the window of a telephone after a while. " * 2)
    await expect(chat.theirs).to_have_count(8, timeout=WAIT_MS)
    await chat.write("thanks, bye!")
    edge.say(text="Bye!", stickers=[STICKER])
    rating = chat.host.get_by_role("region", name="How was this conversation?")
    await expect(rating).to_be_visible(timeout=WAIT_MS)
    await expect(rating.get_by_role("radio", name="Good", exact=True)).to_be_in_viewport(ratio=0.9)
    await expect(chat.host.locator(".pill")).to_be_hidden()


async def test_a_telephone_on_its_side_is_filled(open_shop: OpenShop) -> None:
    """Of little height the panel takes all, and the launcher is not in the way."""
    chat = await open_shop(viewport=LANDSCAPE)
    await settled(chat.page)
    box = await chat.panel.bounding_box()
    assert box == {"x": 0, "y": 0, **LANDSCAPE}
    await expect(chat.launcher).to_be_hidden()
    await expect(chat.field).to_be_in_viewport()
    await chat.host.get_by_role("button", name="Stickers", exact=True).click()
    await expect(chat.tray.locator("button.sticker").first).to_be_in_viewport(timeout=WAIT_MS)
    await settled(chat.page)
    log = await chat.log.bounding_box()
    assert log is not None
    assert log["height"] > 60, "the conversation stays in sight above the tray"


async def test_the_smallest_telephone_has_one_line_to_write_in(open_shop: OpenShop) -> None:
    """With the camera's button too, the invitation to write does not wrap."""
    chat = await open_shop(viewport={"width": 320, "height": 568}, has_touch=True, is_mobile=True)
    assert await chat.field.evaluate("field => field.scrollHeight") <= 48


async def test_words_run_their_own_way_on_a_page_from_right_to_left(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """An English sentence ends with its full stop at the right, an Arabic one at the left; the panel is mirrored."""
    chat = await open_shop(edge=edge)
    await chat.page.evaluate("document.documentElement.dir = 'rtl'")
    edge.say(text="Here it is.")
    edge.say(text="مرحبا.")
    await expect(chat.theirs).to_have_count(2, timeout=WAIT_MS)
    full_stop = """bubble => {
      const text = document.createTreeWalker(bubble, NodeFilter.SHOW_TEXT).nextNode();
      const place = (from, to) => {
        const range = document.createRange();
        range.setStart(text, from);
        range.setEnd(text, to);
        return range.getBoundingClientRect().left;
      };
      return place(text.length - 1, text.length) > place(0, 1);
    }"""
    await settled(chat.page)
    assert await chat.theirs.nth(0).locator(".bubble").evaluate(full_stop) is True
    assert await chat.theirs.nth(1).locator(".bubble").evaluate(full_stop) is False
    box = await chat.panel.bounding_box()
    assert box is not None
    assert box["x"] < 100


async def test_lists_in_ones_own_bubble_can_be_read(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Their bullets have the colour of their words."""
    chat = await open_shop(edge=edge)
    await chat.write("I need:\n- a cup\n- a tote")
    item = chat.mine.locator("li").first
    await expect(chat.mine.locator(".state")).to_have_text("Sent", timeout=WAIT_MS)  # after which it stays as it is
    await settled(chat.page)
    colours = await item.evaluate("li => [getComputedStyle(li, '::marker').color, getComputedStyle(li).color]")
    assert colours[0] == colours[1]


async def test_a_page_names_the_shop(shop: Shop, browser: Browser, faults: list[str]) -> None:
    """The tenant of the tag goes with connection and search; what is kept is kept for it apart."""
    context = await browser.new_context(locale="en-US")
    page = await context.new_page()
    watch(page, faults)
    asked: list[str] = []
    page.on("websocket", lambda socket: asked.append(socket.url))
    await page.goto(shop.url)
    await page.evaluate("document.querySelector('stickerdesk-chat').remove()")
    await page.evaluate(
        """() => {
          const chat = document.createElement("stickerdesk-chat");
          chat.setAttribute("tenant", "default");
          document.body.append(chat);
        }"""
    )
    chat = await Widget(page).open()
    assert any("/v1/ws?tenant=default" in url for url in asked)
    await chat.host.get_by_role("button", name="Stickers", exact=True).click()
    async with page.expect_request("**/v1/stickers/search?*", timeout=WAIT_MS) as search:
        await chat.tray.get_by_role("searchbox").fill("cat")
    assert "tenant=default" in (await search.value).url
    await expect(chat.tray.locator("button.sticker").first).to_be_visible(timeout=WAIT_MS)
    keys = await page.evaluate("Object.keys(localStorage)")
    assert [key for key in keys if key.endswith("/default:token")], keys
    await context.close()


async def test_a_sticker_whose_picture_is_gone_is_not_offered(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """A recent one of a pack that was taken away: no broken picture, and the keyboard still finds the grid."""
    chat = await open_shop(edge=edge)
    gone = {**STICKER, "id": "old/cat", "url": "/stickers/old/cat/0000000000000000"}
    await chat.page.evaluate("kept => localStorage.setItem('stickerdesk:recent', JSON.stringify(kept))", [gone])
    await chat.page.reload()
    again = await Widget(chat.page).open() if await chat.panel.is_hidden() else Widget(chat.page)
    edge.suggestions = [STICKER]
    await again.host.get_by_role("button", name="Stickers", exact=True).click()
    await expect(again.tray.locator("button.sticker")).to_have_count(1, timeout=WAIT_MS)
    await expect(again.tray.locator("button.sticker")).to_have_attribute("tabindex", "0")


async def test_without_a_network_nobody_is_said_to_be_there(shop: Shop, open_shop: OpenShop) -> None:
    """At once and until the server proves the platform wrong: it answers over a network that is said to be gone."""
    chat = await open_shop()
    status = chat.host.locator(".status")
    await shop.wire.cut()
    await chat.page.evaluate("window.dispatchEvent(new Event('offline'))")
    await expect(chat.banner).to_contain_text("You are offline", timeout=WAIT_MS)
    await expect(status).to_have_text("Offline")
    await shop.wire.mend()
    await chat.page.evaluate("window.dispatchEvent(new Event('online'))")
    await expect(chat.host.locator(".status.live")).to_have_count(1, timeout=WAIT_MS)
    await expect(chat.banner).to_be_hidden()
    await chat.page.evaluate("window.dispatchEvent(new Event('offline'))")
    await expect(chat.host.locator(".status.live")).to_have_count(1, timeout=WAIT_MS)
    await expect(chat.banner).to_be_hidden()


async def test_a_first_connection_that_takes_long_says_so(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Nothing at first but the header's word; after some seconds that one can write already; gone with the welcome."""
    edge.refuse["hello"] = {"type": "nothing yet"}
    chat = await open_shop(edge=edge, chat=False)
    await chat.page.clock.install()
    await chat.launcher.click()
    await expect(chat.host.locator(".status")).to_have_text("Connecting…", timeout=WAIT_MS)
    await expect(chat.banner).to_be_hidden()
    await chat.page.clock.fast_forward(4_100)
    await expect(chat.banner).to_contain_text("You can write already", timeout=WAIT_MS)
    edge.refuse.clear()
    await edge.drop()
    await chat.page.clock.fast_forward(2_000)
    await expect(chat.host.locator(".status.live")).to_have_count(1, timeout=WAIT_MS)
    await expect(chat.banner).to_be_hidden()


async def test_stickers_that_nobody_can_be_asked_for_are_not_said_to_be_none(
    edge: ScriptedEdge, open_shop: OpenShop
) -> None:
    """Without a connection the tray says that they cannot be had now, and not that another word would help."""
    edge.refuse["hello"] = {"type": "nothing yet"}
    chat = await open_shop(edge=edge, chat=False)
    await chat.launcher.click()
    await chat.host.get_by_role("button", name="Stickers", exact=True).click()
    await expect(chat.tray).to_contain_text("Try again in a moment", timeout=WAIT_MS)


async def test_the_same_reply_is_offered_once(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """However often an answer has it."""
    chat = await open_shop(edge=edge)
    edge.say(text="How may I help?", quick_replies=["Talk to a person", "My parcel", "Talk to a person"])
    await expect(chat.host.locator(".offers .chip")).to_have_text(["Talk to a person", "My parcel"], timeout=WAIT_MS)
