"""The chat on a network that breaks."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from tests.browser.conftest import OpenShop, Shop
from tests.browser.widget import WAIT_MS, Widget

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_cut_in_mid_answer_loses_nothing_and_doubles_nothing(shop: Shop, open_shop: OpenShop) -> None:
    """What was being answered and what is written meanwhile arrive once each, in order, after the network is back."""
    gate = shop.orchestrator.script.gate(1)
    chat = await open_shop()
    await chat.write("first")
    await expect(chat.draft).to_be_visible(timeout=WAIT_MS)
    await shop.wire.cut()
    await expect(chat.banner).to_contain_text("Reconnecting", timeout=WAIT_MS)
    await chat.write("second, offline")
    await chat.write("third, offline")
    await expect(chat.mine.last).to_contain_text("Waiting for the connection")
    gate.set()
    await shop.wire.mend()
    await expect(chat.theirs).to_have_count(3, timeout=WAIT_MS)
    await expect(chat.banner).to_be_hidden()
    assert shop.texts() == ["first", "second, offline", "third, offline"]
    said = await chat.said()
    assert sorted(said) == sorted([*shop.texts(), *(f"You said: {text}" for text in shop.texts())])
    assert [text for text in said if not text.startswith("You said")] == shop.texts()


async def test_a_browser_that_goes_offline_comes_back_by_itself(shop: Shop, open_shop: OpenShop) -> None:
    """The platform's own word for offline is shown, and its word for online is acted on at once."""
    chat = await open_shop()
    await chat.say("before")
    await chat.page.context.set_offline(True)
    await shop.wire.cut()
    await expect(chat.banner).to_contain_text("You are offline", timeout=WAIT_MS)
    await chat.write("meanwhile")
    await shop.wire.mend()
    await chat.page.context.set_offline(False)
    await expect(chat.theirs).to_have_count(2, timeout=WAIT_MS)
    assert shop.texts() == ["before", "meanwhile"]


async def test_a_reload_finds_the_conversation_again(open_shop: OpenShop) -> None:
    """The same browser is the same visitor: after a reload the history is there and the panel still open."""
    chat = await open_shop()
    await chat.say("remember me")
    await chat.page.reload()
    again = Widget(chat.page)
    await expect(again.theirs).to_have_count(1, timeout=WAIT_MS)
    assert await again.said() == ["remember me", "You said: remember me"]
    await again.say("and now?")
    assert (await again.said())[-1] == "You said: and now?"


async def test_a_message_unacknowledged_at_reload_is_sent_once(shop: Shop, open_shop: OpenShop) -> None:
    """It is kept, sent by the next page under the same id, and answered once, although the server had taken it."""
    shop.orchestrator.script.silent_acks = True
    chat = await open_shop()
    await chat.write("is it there?")
    await expect(chat.mine).to_have_count(1)
    await chat.page.reload()
    shop.orchestrator.script.silent_acks = False
    again = Widget(chat.page)
    await again.write("second")
    await expect(again.theirs).to_have_count(2, timeout=WAIT_MS)
    assert shop.texts() == ["is it there?", "second"]
    await expect(again.mine).to_have_count(2)


async def test_an_orchestrator_that_dies_is_only_a_delay(shop: Shop, open_shop: OpenShop) -> None:
    """The answer that it was writing is finished by its successor, and shown once."""
    shop.orchestrator.script.gate(2)
    chat = await open_shop()
    await chat.write("hello")
    await expect(chat.draft).to_have_text("You said: ", timeout=WAIT_MS)
    await shop.orchestrator.kill()
    shop.orchestrator.script.gates.clear()
    await shop.orchestrator.start()
    await expect(chat.theirs).to_have_count(1, timeout=WAIT_MS)
    await expect(chat.draft).to_have_count(0)
    assert await chat.said() == ["hello", "You said: hello"]


async def test_a_refused_message_can_be_sent_again(shop: Shop, open_shop: OpenShop) -> None:
    """A final refusal is shown with its reason and a way to try again, which works once the cause is gone."""
    chat = await open_shop()
    await chat.say("hello")
    (conversation,) = shop.orchestrator.journal.conversations.values()
    conversation.state = pb.CONVERSATION_STATE_CLOSED
    await chat.write("one more thing")
    failed = chat.host.locator(".row.failed")
    await expect(failed).to_contain_text("one more thing", timeout=WAIT_MS)
    await expect(chat.banner).to_contain_text("This conversation has ended")
    conversation.state = pb.CONVERSATION_STATE_OPEN
    await chat.host.get_by_role("button", name="Send again").click()
    await expect(chat.theirs).to_have_count(2, timeout=WAIT_MS)
    await expect(failed).to_have_count(0)


async def test_a_refused_message_can_be_deleted(shop: Shop, open_shop: OpenShop) -> None:
    """It is gone from the page and does not come back with a reload."""
    chat = await open_shop()
    await chat.say("hello")
    (conversation,) = shop.orchestrator.journal.conversations.values()
    conversation.state = pb.CONVERSATION_STATE_CLOSED
    await chat.write("never mind")
    await chat.host.get_by_role("button", name="Delete").click(timeout=WAIT_MS)
    await expect(chat.mine).to_have_count(1)
    await chat.page.reload()
    await expect(Widget(chat.page).theirs).to_have_count(1, timeout=WAIT_MS)
    await expect(chat.mine).to_have_count(1)


async def test_a_token_that_is_no_good_ends_politely(open_shop: OpenShop) -> None:
    """The page says that the connection has ended, and one tap begins anew."""
    chat = await open_shop()
    await chat.say("hello")
    await chat.page.evaluate(
        "for (const key of Object.keys(localStorage)) if (key.endsWith(':token')) localStorage.setItem(key, 'garbage')"
    )
    await chat.page.reload()
    again = Widget(chat.page)
    await expect(again.banner).to_contain_text("The connection has ended", timeout=WAIT_MS)
    await expect(again.host.locator(".status")).to_have_text("Not connected")
    await again.host.get_by_role("button", name="Start again").click()
    await again.say("hello again")
    assert await again.said() == ["hello again", "You said: hello again"]


async def test_trimmed_history_is_told(shop: Shop, open_shop: OpenShop) -> None:
    """Entries that are gone leave a line where they were, not silence."""
    chat = await open_shop()
    await chat.say("one")
    await chat.say("two")
    (conversation,) = shop.orchestrator.journal.conversations.values()
    conversation.first_kept = 3
    await chat.page.reload()
    again = Widget(chat.page)
    await expect(again.host.locator(".gap")).to_have_text("Earlier messages are not shown here.", timeout=WAIT_MS)
    assert await again.said() == ["two", "You said: two"]


async def test_a_journal_that_was_replaced_replaces_what_is_shown(shop: Shop, open_shop: OpenShop) -> None:
    """After another epoch the page shows the new journal and nothing of the old one."""
    chat = await open_shop()
    await chat.say("old")
    (conversation,) = shop.orchestrator.journal.conversations.values()
    await shop.wire.cut()
    conversation.epoch = "e2"
    del conversation.entries[:]
    conversation.append(pb.Entry(author=pb.AUTHOR_SYSTEM, notice=pb.NoticeContent(kind="info", text="A fresh start")))
    await shop.wire.mend()
    await expect(chat.host.locator(".notice")).to_have_text("A fresh start", timeout=WAIT_MS)
    assert await chat.said() == []
