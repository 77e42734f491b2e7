"""A person's visit, on everything that `stickerdesk up` starts."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing

import pytest
import pytest_asyncio
from PIL import Image, ImageDraw, ImageFont
from playwright.async_api import Browser, expect

from tests.browser.conftest import watch
from tests.browser.stack import Stack
from tests.browser.widget import WAIT_MS, Widget
from tests.browser.wire import Wire

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The mesh, started once for this module."""
    running = Stack(tmp_path_factory.mktemp("stack"))
    running.start()
    yield running
    running.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def wire(stack: Stack) -> AsyncIterator[Wire]:
    """The network between the browser and the mesh."""
    between = await Wire(stack.port).mend()
    yield between
    await between.cut()


async def _visit(browser: Browser, wire: Wire, faults: list[str], locale: str) -> Widget:
    context = await browser.new_context(locale=locale)
    page = await context.new_page()
    watch(page, faults)
    await page.goto(f"http://127.0.0.1:{wire.port}")
    return await Widget(page).open()


@pytest.mark.parametrize(
    ("locale", "question", "thanks", "placeholder"),
    [
        ("en-US", "my parcel hasn't moved since Tuesday", "thanks a lot", "Write a message…"),
        ("zh-CN", "快递三天没更新了", "谢谢", "输入消息…"),
    ],
)
async def test_a_question_becomes_a_streamed_answer_with_stickers(
    browser: Browser, wire: Wire, faults: list[str], locale: str, question: str, thanks: str, placeholder: str
) -> None:
    """In both languages the text is seen growing, stickers are shown, and a suggested one is sent and answered."""
    chat = await _visit(browser, wire, faults, locale)
    await expect(chat.field).to_have_attribute("placeholder", placeholder)
    await chat.page.evaluate(
        """() => {
            window.lengths = new Set();
            window.Stickerdesk.client.on("draft", ({ text }) => window.lengths.add(text.length));
        }"""
    )
    await chat.say(question)
    assert await chat.page.evaluate("window.lengths.size") > 3
    assert "PEACH" in (await chat.said())[-1]  # the coupon of a late parcel
    sticker = chat.host.locator(".row.theirs .big-sticker img")
    await expect(sticker).not_to_have_js_property("naturalWidth", 0, timeout=WAIT_MS)
    await chat.field.press_sequentially(thanks)
    await expect(chat.strip.first).to_be_visible(timeout=WAIT_MS)
    await chat.strip.first.click()
    await expect(chat.mine.locator(".big-sticker img")).not_to_have_js_property("naturalWidth", 0, timeout=WAIT_MS)
    await expect(chat.host.locator(".row.theirs.first")).to_have_count(2, timeout=WAIT_MS)
    await chat.page.context.close()


@pytest.mark.parametrize(
    ("locale", "question"), [("en-US", "my parcel hasn't moved since Tuesday"), ("zh-CN", "快递三天没更新了")]
)
async def test_cards_show_what_stands_in_the_books(
    stack: Stack, browser: Browser, wire: Wire, faults: list[str], locale: str, question: str
) -> None:
    """Order, ticket and coupon on the page are rows of the shop's own database, all of one customer."""
    chat = await _visit(browser, wire, faults, locale)
    await chat.say(question)
    shown = {}
    for kind in ("order", "ticket", "coupon"):
        card = chat.host.locator(f".card.{kind}").first
        await expect(card).to_be_visible(timeout=WAIT_MS)
        shown[kind] = await card.inner_text()
    books = sqlite3.connect(f"file:{stack.data_dir / 'orchestrator' / 'backoffice.sqlite3'}?mode=ro", uri=True)
    with closing(books):
        found = books.execute(
            "SELECT o.number, t.number, c.code, t.customer_id = o.customer_id AND c.customer_id = o.customer_id"
            " FROM tickets t JOIN orders o ON o.id = t.order_id JOIN coupons c ON c.customer_id = t.customer_id"
        ).fetchall()
    (row,) = [one for one in found if one[2] in shown["coupon"]]
    assert row[0] in shown["order"]
    assert row[1] in shown["ticket"]
    assert row[3] == 1
    await chat.page.context.close()


async def test_words_in_a_picture_are_read_and_answered(browser: Browser, wire: Wire, faults: list[str]) -> None:
    """A screenshot is attached, shown in the conversation, read by the real models, and answered from its words."""
    chat = await _visit(browser, wire, faults, "en-US")
    image = Image.new("RGB", (384, 200), "white")
    for line, words in enumerate(("My parcel hasn't", "moved since Tuesday")):
        ImageDraw.Draw(image).text((16, 40 + 60 * line), words, font=ImageFont.load_default(34), fill="black")
    data = io.BytesIO()
    image.save(data, "PNG")
    file = {"name": "shot.png", "mimeType": "image/png", "buffer": data.getvalue()}
    await chat.host.locator("input[type=file]:not([capture])").set_input_files(file)  # type: ignore[arg-type]
    await chat.action.click()
    picture = chat.mine.locator("button.picture img")
    await expect(picture).to_have_js_property("naturalWidth", 320, timeout=WAIT_MS)
    await expect(chat.theirs).to_have_count(1, timeout=WAIT_MS)
    assert "PEACH" in (await chat.said())[-1]  # the coupon of a late parcel
    await chat.page.context.close()


async def test_a_lost_connection_loses_nothing(browser: Browser, wire: Wire, faults: list[str]) -> None:
    """What is written without a network is answered once when it is back, and a reload shows the same conversation."""
    chat = await _visit(browser, wire, faults, "en-US")
    await chat.say("How do I return something?")
    await wire.cut()
    await expect(chat.banner).to_contain_text("Reconnecting", timeout=WAIT_MS)
    await chat.write("Where is my parcel?")
    await chat.write("How do I pay?")
    await wire.mend()
    await expect(chat.theirs).to_have_count(3, timeout=2 * WAIT_MS)
    said = await chat.said()
    await chat.page.reload()
    again = Widget(chat.page)
    await expect(again.theirs).to_have_count(3, timeout=WAIT_MS)
    assert await again.said() == said
    mine = [(await bubble.inner_text()).strip() for bubble in await again.mine.locator(".bubble").all()]
    assert mine == ["How do I return something?", "Where is my parcel?", "How do I pay?"]
    await chat.page.context.close()


async def test_a_killed_orchestrator_is_only_a_delay(
    stack: Stack, browser: Browser, wire: Wire, faults: list[str]
) -> None:
    """After kill -9 while the answer is being written the launcher starts it again and the answer arrives once."""
    chat = await _visit(browser, wire, faults, "en-US")
    await chat.say("hello")
    await chat.write("my parcel hasn't moved since Tuesday")
    await expect(chat.mine).to_have_count(2)
    parts = json.loads((stack.data_dir / "run.json").read_text())["parts"]
    os.kill(parts["orchestrator"]["pid"], signal.SIGKILL)
    await expect(chat.theirs).to_have_count(2, timeout=90_000)
    assert (await chat.said()).count("my parcel hasn't moved since Tuesday") == 1
    assert sum("PEACH" in text for text in await chat.said()) == 1
    await chat.page.context.close()
