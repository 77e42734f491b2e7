"""The widget on a page that is not ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.conftest import Shop, watch
from tests.browser.widget import WAIT_MS, Widget, settled

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def _page(shop_url: str) -> bytes:
    """A page whose policy allows scripts, connections and pictures of the desk, and no styles at all."""
    host = shop_url.removeprefix("http://")
    policy = f"default-src 'none'; script-src {shop_url}; connect-src {shop_url} ws://{host}; img-src {shop_url}"
    body = f"""<!doctype html><html lang="en"><title>Elsewhere</title><main><h1>Elsewhere</h1></main>
<script type="module" src="{shop_url}/widget.js" data-locale="zh" data-theme="dark" data-position="start"
 data-heading="别处" data-tenant="default" data-starters="你好|再见"></script></html>""".encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-security-policy: {policy}\r\n"
    return f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(shop: Shop) -> AsyncIterator[str]:
    """The address of a page of another origin that carries the widget's one script tag."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_page(shop.url))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    server.close()


async def test_one_script_tag_is_enough_under_a_strict_policy(
    elsewhere: str, browser: Browser, faults: list[str]
) -> None:
    """On another origin, with inline styles and scripts forbidden, the chat works and looks as its attributes say."""
    context = await browser.new_context(locale="en-US")
    page = await context.new_page()
    watch(page, faults)
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    await page.goto(elsewhere)
    chat = await Widget(page).open()
    await expect(chat.host.locator(".title")).to_have_text("别处")
    assert [url.partition("?")[2] for url in sockets] == ["tenant=default"]
    await chat.host.get_by_role("button", name="你好").click()
    await expect(chat.theirs).to_contain_text("You said: 你好", timeout=WAIT_MS)
    await expect(chat.theirs.locator(".big-sticker img")).to_have_js_property("naturalWidth", 136)
    await settled(page)
    box = await chat.panel.bounding_box()
    assert box is not None
    assert box["x"] < 100  # at the start of the line, here the left
    assert await chat.panel.evaluate("panel => getComputedStyle(panel).backgroundColor") == "rgb(24, 18, 16)"
    await context.close()


async def test_a_page_dresses_the_widget_by_variables(elsewhere: str, browser: Browser) -> None:
    """The accent is the page's choice."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(elsewhere)
    chat = Widget(page)
    await chat.host.evaluate("host => host.style.setProperty('--stickerdesk-accent', 'rgb(0, 80, 160)')")
    await settled(page)
    colour = await chat.launcher.evaluate("button => getComputedStyle(button).backgroundColor")
    assert colour == "rgb(0, 80, 160)"
    await context.close()
