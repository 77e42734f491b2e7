"""How it was, asked at the end."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenShop
from tests.browser.scripted import ScriptedEdge
from tests.browser.widget import WAIT_MS, Widget

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_after_a_goodbye_the_customer_is_asked_once(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """Score and words go out once, thanks follow, and neither a goodbye nor a reload asks again."""
    chat = await open_shop(edge=edge)
    rating = chat.host.get_by_role("region", name="How was this conversation?")
    await chat.write("where is my parcel?")
    edge.say(text="Here.")
    await expect(chat.theirs).to_have_count(1, timeout=WAIT_MS)
    await expect(rating).to_be_hidden()
    await chat.write("thanks, bye!")
    edge.say(text="Bye!")
    await rating.get_by_role("radio", name="Good", exact=True).check(timeout=WAIT_MS)
    await rating.get_by_role("textbox").fill("quick and kind")
    await rating.get_by_role("button", name="Send rating").click()
    await expect(rating).to_contain_text("Thank you", timeout=WAIT_MS)
    (sent,) = edge.of("rating")
    assert (sent["score"], sent["comment"]) == (4, "quick and kind")
    await chat.page.reload()
    again = Widget(chat.page)
    await expect(again.theirs).to_have_count(2, timeout=WAIT_MS)
    await again.write("bye")
    edge.say(text="Bye again!")
    await expect(again.theirs).to_have_count(3, timeout=WAIT_MS)
    await expect(rating).to_be_hidden()


async def test_a_closed_conversation_asks_and_can_be_waved_away(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """One tap and the question does not come back."""
    chat = await open_shop(edge=edge)
    edge.say(text="Here.")
    edge.say("system", notice={"kind": "closed", "text": "Closed."})
    await chat.host.get_by_role("button", name="Not now").click(timeout=WAIT_MS)
    await expect(chat.host.locator(".rating")).to_be_hidden()
    await chat.page.reload()
    again = Widget(chat.page)
    await expect(again.theirs).to_have_count(1, timeout=WAIT_MS)
    await expect(again.host.locator(".rating")).to_be_hidden()


async def test_a_refused_rating_stays_and_says_why(edge: ScriptedEdge, open_shop: OpenShop) -> None:
    """The words are kept, and the same button sends them again."""
    fault = {"type": "error", "code": 429, "reason": "RATE_LIMITED", "message": "Wait a moment.", "retryable": True}
    chat = await open_shop(edge=edge)
    edge.say("system", notice={"kind": "closed", "text": "Closed."})
    await chat.host.get_by_role("radio", name="Very bad").check(timeout=WAIT_MS)
    await chat.host.locator(".rating textarea").fill("slow")
    send = chat.host.get_by_role("button", name="Send rating")
    await send.click()
    await edge.until(lambda: len(edge.of("rating")) == 1)
    await expect(chat.host.locator(".rating")).to_contain_text("Thank you", timeout=WAIT_MS)
    await chat.page.evaluate("localStorage.removeItem('stickerdesk:rated')")
    await chat.page.reload()
    edge.refuse["rating"] = fault | {"trace_id": "t"}
    again = Widget(chat.page)
    await again.host.get_by_role("radio", name="Fair").check(timeout=WAIT_MS)
    await again.host.locator(".rating textarea").fill("slow")
    # The refusal names no rating here, as an older edge's would: the question stays open until the answer comes.
    await again.host.get_by_role("button", name="Send rating").click()
    await edge.until(lambda: len(edge.of("rating")) == 2)
    identity = edge.of("rating")[-1]["rating_id"]
    edge.tell(**fault, trace_id="t", client_msg_id=identity)
    await expect(again.host.locator(".rating")).to_contain_text("Wait a moment.", timeout=WAIT_MS)
    await expect(again.host.locator(".rating textarea")).to_have_value("slow")
    del edge.refuse["rating"]
    await again.host.get_by_role("button", name="Send rating").click()
    await expect(again.host.locator(".rating")).to_contain_text("Thank you", timeout=WAIT_MS)
