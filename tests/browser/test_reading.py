"""Who read what: ticks, the badge, and what becomes of messages after they were said."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenShop, Shop
from tests.browser.scripted import ScriptedEdge
from tests.browser.widget import WAIT_MS, Widget

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  const state = hidden ? "hidden" : "visible";
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def read(edge: ScriptedEdge) -> int:
    """How far the page said that its reader got."""
    return max((frame.get("read", 0) for frame in edge.of("receipt")), default=0)


async def test_ticks_tell_how_far_a_message_got(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Sent, delivered, read: a mark for the eye, a word for the ear; what the customer's own devices read is none."""
    chat = await open_shop(edge=edge)
    await chat.write("hello")
    state = chat.mine.locator(".state")
    await expect(state).to_have_text("Sent", timeout=WAIT_MS)
    edge.tell(type="receipt", reader="customer", delivered=1, read=1)
    edge.tell(type="receipt", reader="assistant", delivered=1, read=0)
    await expect(state).to_have_text("Delivered", timeout=WAIT_MS)
    edge.tell(type="receipt", reader="agent", delivered=1, read=1)
    await expect(state).to_have_text("Read", timeout=WAIT_MS)
    edge.tell(type="receipt", reader="assistant", delivered=0, read=0)
    edge.say(text="hi")
    await expect(chat.theirs).to_have_count(1, timeout=WAIT_MS)
    await expect(state).to_have_text("Read")


async def test_only_what_was_in_sight_is_read(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """A closed panel, a hidden page and what lies out of sight are delivered and not read."""
    chat = await open_shop(edge=edge, viewport={"width": 1000, "height": 420})
    edge.say(text="one")
    await edge.until(lambda: read(edge) == 1)
    await chat.page.keyboard.press("Escape")
    edge.say(text="two")
    await edge.until(lambda: any(frame.get("delivered") == 2 for frame in edge.of("receipt")))
    await expect(chat.host.locator(".badge")).to_have_text("1")
    assert read(edge) == 1
    await chat.launcher.click()
    await edge.until(lambda: read(edge) == 2)
    await expect(chat.host.locator(".badge")).to_be_hidden()
    await chat.page.evaluate(_HIDE, True)
    edge.say(text="three")
    await edge.until(lambda: any(frame.get("delivered") == 3 for frame in edge.of("receipt")))
    await expect(chat.page).to_have_title("(1) Peachwood 桃木小铺", timeout=WAIT_MS)
    assert read(edge) == 2
    await chat.page.evaluate(_HIDE, False)
    await edge.until(lambda: read(edge) == 3)
    await expect(chat.page).to_have_title("Peachwood 桃木小铺", timeout=WAIT_MS)


async def test_receipts_are_told_together(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """A burst of entries is one or two receipts, and a repeat is none."""
    await open_shop(edge=edge)
    for number in range(20):
        edge.say(text=f"n{number}")
    await edge.until(lambda: read(edge) == 20)
    assert len(edge.of("receipt")) <= 3


async def test_what_another_device_read_is_no_longer_counted(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """The badge goes when the reader read elsewhere, and a reload knows how far they got."""
    chat = await open_shop(edge=edge)
    await chat.page.keyboard.press("Escape")
    edge.say(text="one")
    edge.say(text="two")
    await expect(chat.host.locator(".badge")).to_have_text("2", timeout=WAIT_MS)
    edge.tell(type="receipt", reader="customer", delivered=2, read=1)
    await expect(chat.host.locator(".badge")).to_have_text("1", timeout=WAIT_MS)
    edge.tell(type="receipt", reader="customer", delivered=2, read=2)
    await expect(chat.host.locator(".badge")).to_be_hidden()


async def test_a_server_that_knows_no_receipts_is_left_in_peace(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """After one refusal none is sent until the next connection."""
    fault = {"code": 400, "message": "no such frame", "retryable": False, "trace_id": "t", "field": "type"}
    edge.refuse["receipt"] = {"type": "error", "reason": "UNKNOWN_FRAME", **fault}
    chat = await open_shop(edge=edge)
    edge.say(text="one")
    await edge.until(lambda: len(edge.of("receipt")) == 1)
    edge.say(text="two")
    await chat.write("hello")
    await edge.until(lambda: len(edge.of("message")) == 1)
    assert len(edge.of("receipt")) == 1


async def test_what_was_said_can_be_changed_and_taken_back(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """The message changes where it stands, says so, and is said aloud; a reload shows the same."""
    chat = await open_shop(edge=edge)
    edge.say("agent", text="It comes on Monday.")
    edge.say("agent", text="Wrong window, sorry.", quick_replies=["ok"])
    await expect(chat.theirs).to_have_count(2, timeout=WAIT_MS)
    edge.say("agent", revision={"target": 1, "kind": "edited", "text": "It comes on Tuesday."})
    edge.say("agent", revision={"target": 2, "kind": "retracted"})
    await expect(chat.theirs.first).to_contain_text("It comes on Tuesday.", timeout=WAIT_MS)
    await expect(chat.theirs.first).to_contain_text("Edited")
    await expect(chat.announcer).to_have_text("This message was taken back.")
    for shown in (chat, Widget(chat.page)):
        await expect(shown.host.locator(".retracted")).to_have_text("This message was taken back.", timeout=WAIT_MS)
        assert "Wrong window" not in await shown.log.inner_text()
        await chat.page.reload()


async def test_an_announcement_stands_out(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """It is a notice with a name of its own."""
    chat = await open_shop(edge=edge)
    edge.say("system", notice={"kind": "announcement", "text": "We ship again on **Monday**."})
    section = chat.host.get_by_role("region", name="Announcement")
    await expect(section).to_contain_text("We ship again on Monday.", timeout=WAIT_MS)


async def test_the_place_in_the_line_is_told(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Position and wait, as they change, until a person answers."""
    chat = await open_shop(edge=edge)
    edge.say("system", notice={"kind": "handed_over", "text": "A person takes over."})
    edge.tell(type="queue", position=3, wait_s=240)
    await expect(chat.banner).to_contain_text("number 3 in the line, about 4 min", timeout=WAIT_MS)
    edge.tell(type="queue", position=1)
    await expect(chat.banner).to_contain_text("number 1 in the line. You can go on writing.", timeout=WAIT_MS)
    edge.tell(type="queue", position=0)
    await expect(chat.banner).to_be_hidden()
    edge.tell(type="queue", position=1)
    edge.say("agent", text="Hello, this is Lin.")
    await expect(chat.banner).to_be_hidden()


def _old(seq: int) -> dict[str, Any]:
    return {"type": "entry", "seq": seq, "at": "2026-03-01T09:00:00Z", "author": "assistant", "text": f"old {seq}"}


async def test_scrolling_up_brings_what_was_said_before(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Page by page, without moving what is read, until there is no more."""
    edge.begins_at(121)
    edge.older = [_old(seq) for seq in range(1, 121)]
    for number in range(12):
        edge.say(text=f"new {number}")
    chat = await open_shop(edge=edge, viewport={"width": 1000, "height": 520})
    await expect(chat.host.get_by_role("button", name="Show earlier messages")).to_have_count(1, timeout=WAIT_MS)
    first = chat.host.locator('[data-seq="121"]')
    await chat.log.evaluate("log => { log.scrollTop = 0 }")
    await expect(chat.host.locator('[data-seq="71"]')).to_have_count(1, timeout=WAIT_MS)
    await expect(first).to_be_in_viewport()
    for oldest in (21, 1):
        await chat.log.evaluate("log => { log.scrollTop = 0 }")
        await expect(chat.host.locator(f'[data-seq="{oldest}"]')).to_have_count(1, timeout=WAIT_MS)
    await expect(chat.host.locator(".gap")).to_have_count(0)
    assert [frame["before_seq"] for frame in edge.of("history")] == [121, 71, 21]


async def test_a_token_is_renewed_without_a_new_connection(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """The page asks for the next token when the server says that it ends, and uses it from then on."""
    chat = await open_shop(edge=edge)
    edge.tell(type="expiring", expires_at=1)
    await edge.until(lambda: len(edge.of("refresh")) == 1)
    await chat.write("still here")
    await expect(chat.mine.locator(".state")).to_have_text("Sent", timeout=WAIT_MS)
    assert len(edge.of("hello")) == 1
    await edge.drop()
    await edge.until(lambda: len(edge.of("hello")) == 2)
    assert edge.of("hello")[-1]["token"] == "tok2"


async def test_the_gateway_itself_takes_receipts_or_says_why_not(shop: Shop, open_shop: OpenShop) -> None:
    """Against the real gateway a long conversation with receipts is not closed for bad frames."""
    chat = await open_shop()
    for number in range(4):
        await chat.say(f"n{number}")
    await expect(chat.banner).to_be_hidden()
    assert shop.texts() == ["n0", "n1", "n2", "n3"]
