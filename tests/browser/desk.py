"""The agent desk as a test sees it."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.browser.widget import WAIT_MS


class Desk:
    """The desk's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.host = page.locator("stickerdesk-desk")
        self.key = self.host.locator("#key")
        self.rows = self.host.locator(".log .row")
        self.notices = self.host.locator(".log .notice")
        self.field = self.host.locator("textarea")

    def section(self, name: str) -> Locator:
        """The conversations of a list: mine, waiting, others, recent."""
        return self.host.locator(f"section.{name} .item")

    def act(self, name: str) -> Locator:
        """A button of the conversation that is shown."""
        return self.host.locator(".acts").get_by_role("button", name=name)

    async def enter(self, key: str) -> None:
        """Logs in."""
        await self.key.fill(key)
        await self.key.press("Enter")
        await expect(self.host.locator(".bar")).to_be_visible(timeout=WAIT_MS)

    async def take(self) -> None:
        """Takes the conversation that is shown; what the customer writes from now on is for the agent."""
        await self.act("Take").click()
        await expect(self.field).to_be_visible(timeout=WAIT_MS)

    async def say(self, text: str) -> None:
        """Says something to the customer and waits until it stands there."""
        await self.field.fill(text)
        await self.field.press("Enter")
        await expect(self.rows.filter(has_text=text)).to_be_visible(timeout=WAIT_MS)
