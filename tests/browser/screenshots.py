"""Makes the README's pictures from the running product: `python -m tests.browser.screenshots [NAME …]`.

Starts the whole mesh on a temporary folder, holds a short conversation in each language in a real browser, and writes
`gateway/web/screenshots/*.png`. Text looks as it does for most readers where Inter, EB Garamond and Noto CJK are
installed (Debian: fonts-inter fonts-ebgaramond fonts-noto-cjk).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, expect

from servicekit.desk_login import make_login
from tests.browser.chromium import MISSING, executable, launched
from tests.browser.desk import Desk
from tests.browser.stack import Stack
from tests.browser.widget import WAIT_MS, Widget
from tests.conftest import ROOT

FOLDER = ROOT / "gateway" / "web" / "screenshots"
MAX_BYTES = 300 * 1024
_DESKTOP = {"viewport": {"width": 1280, "height": 880}}
_PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@dataclass(frozen=True)
class Scene:
    """One picture: what is said before it is taken, and what is being typed while it is."""

    name: str
    locale: str
    say: tuple[str, ...] = ()
    typing: str = ""
    tray: str = ""
    context: dict[str, Any] = field(default_factory=lambda: dict(_DESKTOP))


SCENES = (
    Scene("shop", "en-US"),
    Scene("chat-en", "en-US", ("How do I use the welcome coupon?", "ok, thank you!"), "thanks a lot"),
    Scene("chat-zh", "zh-CN", ("快递三天没更新了",), "谢谢"),
    Scene("chat-dark", "en-US", ("my parcel hasn't moved since Tuesday",), context=_DESKTOP | {"color_scheme": "dark"}),
    Scene("tray", "en-US", ("hello",), tray="happy"),
    Scene("phone-en", "en-US", ("my parcel hasn't moved since Tuesday",), context=_PHONE),
    Scene("phone-zh", "zh-CN", ("退款多久到账？", "谢谢！"), "哈哈", context=_PHONE),
)

DESK_TALK = (
    ("en-US", "let me talk to a human agent please"),
    ("zh-CN", "太差了，我要转人工客服！"),
    ("en-US", "I want to speak to a real person, this is unacceptable!"),
)


async def take(browser: Browser, url: str, scene: Scene) -> Path:
    """Plays a scene and takes its picture."""
    context = await browser.new_context(locale=scene.locale, timezone_id="Asia/Shanghai", **scene.context)
    page = await context.new_page()
    await page.goto(url)
    chat = Widget(page)
    await expect(chat.launcher).to_be_visible(timeout=WAIT_MS)
    if scene.say:
        await chat.open()
    for text in scene.say:
        await chat.say(text)
    if scene.typing:
        await chat.field.press_sequentially(scene.typing)
        await expect(chat.strip.first).to_be_visible(timeout=WAIT_MS)
    if scene.tray:
        await chat.host.locator(".composer button[aria-controls]").click()
        await chat.host.get_by_role("searchbox").fill(scene.tray)
        await expect(chat.tray.locator(".sticker").nth(4)).to_be_visible(timeout=WAIT_MS)
    await page.mouse.move(2, 2)
    await page.wait_for_load_state("networkidle")
    await page.wait_for_timeout(600)  # the last movement has ended
    target = FOLDER / f"{scene.name}.png"
    await page.screenshot(path=target)
    await context.close()
    return target


async def take_desk(browser: Browser, url: str, secret: bytes) -> Path:
    """Two customers ask for a person, and one gets her: the desk's picture."""
    chats = []
    for locale, words in DESK_TALK:
        context = await browser.new_context(locale=locale, timezone_id="Asia/Shanghai")
        chats.append(await Widget(await _opened(context, url)).open())
        await chats[-1].write(words)
        await expect(chats[-1].banner).to_be_visible(timeout=WAIT_MS)
    context = await browser.new_context(locale="en-US", timezone_id="Asia/Shanghai", **_DESKTOP)
    desk = Desk(await _opened(context, f"{url}/desk/#login={make_login(secret, 'default', 'Anna')}"))
    await desk.section("waiting").first.click(timeout=WAIT_MS)
    await desk.act("Take").click()
    await expect(desk.field).to_be_visible(timeout=WAIT_MS)
    await chats[0].write("how long do I have to return the teapot? It leaks and I am annoyed")
    await expect(desk.host.locator(".hint")).to_be_visible(timeout=WAIT_MS)
    await desk.say("Hi, Anna here. I am sorry about the teapot.")
    await chats[0].write("thanks for looking into it! How long does a refund take?")
    await expect(desk.rows.filter(has_text="a refund take")).to_be_visible(timeout=WAIT_MS)
    await desk.page.mouse.move(640, 600)
    await desk.page.wait_for_timeout(1500)  # what was understood has come, the last movement has ended
    target = FOLDER / "desk.png"
    await desk.page.screenshot(path=target)
    return target


async def _opened(context: BrowserContext, url: str) -> Page:
    page = await context.new_page()
    await page.goto(url)
    return page


async def take_all(path: str, url: str, secret: bytes, wanted: list[str]) -> bool:
    """Takes every picture that is wanted, all when none is named; whether all are small enough for a README."""
    fits = True
    async with launched(path) as browser:
        for scene in (*SCENES, None):
            if wanted and ("desk" if scene is None else scene.name) not in wanted:
                continue
            target = await (take_desk(browser, url, secret) if scene is None else take(browser, url, scene))
            size = target.stat().st_size
            fits = fits and size <= MAX_BYTES
            print(f"{target.relative_to(ROOT)}  {size / 1024:.0f} KiB")
    return fits


def main() -> int:
    """The exit status."""
    path = executable()
    if path is None:
        print(MISSING, file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder))
        stack.start()
        try:
            secret = (stack.data_dir / "gateway" / "token.key").read_bytes()
            return 0 if asyncio.run(take_all(path, stack.url, secret, sys.argv[1:])) else 1
        finally:
            stack.stop()


if __name__ == "__main__":
    sys.exit(main())
