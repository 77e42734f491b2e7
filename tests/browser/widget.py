"""The chat as a person finds it on a page."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

WAIT_MS = 20_000

# What fades in is judged when it is there; what never ends is not waited for.
_SETTLED = """async () => {
  const roots = [document];
  for (const root of roots)
    for (const element of root.querySelectorAll('*')) if (element.shadowRoot) roots.push(element.shadowRoot);
  const ends = one => one.playState === "running" && Number.isFinite(one.effect.getComputedTiming().endTime);
  const moving = () => roots.flatMap(root => root.getAnimations()).filter(ends);
  while (moving().length) await Promise.allSettled(moving().map(one => one.finished));
}"""


async def settled(page: Page) -> None:
    """Waits until nothing on the page moves: whoever measures, measures what stays."""
    await page.evaluate(_SETTLED)


class Widget:
    """Names the widget's parts; `expect` waits for what they should become."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.host = page.locator("stickerdesk-chat")
        self.launcher = self.host.locator("button.launcher")
        self.panel = self.host.locator(".panel")
        self.field = self.host.locator(".composer textarea")
        self.log = self.host.get_by_role("log")
        self.banner = self.host.locator(".banner")
        self.strip = self.host.locator(".strip .sticker")
        self.tray = self.host.locator(".tray")
        self.announcer = self.host.locator(".log-frame > [role=status]")
        self.draft = self.host.locator(".writing")
        self.action = self.host.locator(".composer button[type=submit]")

    @property
    def mine(self) -> Locator:
        """The customer's messages."""
        return self.host.locator(".row.mine")

    @property
    def theirs(self) -> Locator:
        """Answers that are complete."""
        return self.host.locator(".row.theirs:has(.bubble.text:not(.writing))")

    async def open(self) -> Widget:
        """Opens the panel and waits until it is connected."""
        await self.launcher.click()
        await expect(self.host.locator(".status.live")).to_be_visible(timeout=WAIT_MS)
        return self

    async def write(self, text: str) -> None:
        """Writes and sends."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def say(self, text: str) -> None:
        """Writes, sends, and waits for the complete answer."""
        answers = await self.theirs.count()
        await self.write(text)
        await expect(self.theirs).to_have_count(answers + 1, timeout=WAIT_MS)

    async def said(self) -> list[str]:
        """The texts of all bubbles in order."""
        return [text.strip() for text in await self.host.locator(".bubble.text").all_inner_texts()]
