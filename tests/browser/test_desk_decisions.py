"""What only a person may decide or change, at the desk: refunds that wait, and words that were said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, expect

from gateway.tokens import VisitorTokens
from gateway.trust.identity import Identity
from orchestrator.backoffice.demo.demo_shop import order_number
from orchestrator.backoffice.schema import Refund
from orchestrator.policy.decision import DecisionTree
from orchestrator.reply.retrieval import RetrievalEngine
from orchestrator.reply.templates import Templates
from stickerdesk.recommender.v1 import recommender_pb2_grpc
from tests.browser.axe import violations
from tests.browser.conftest import OneStickerRecommender, watch
from tests.browser.test_desk import OpenPage, at_desk, customer
from tests.browser.test_desk import visit as visit
from tests.browser.test_pictures import png
from tests.browser.widget import WAIT_MS, Widget
from tests.gateway.desk.http import tenants_file
from tests.gateway.mesh import SECRET, Mesh, mesh
from tests.orchestrator.backoffice.shops import TENANT, Shop, made
from tests.orchestrator.harness import knowledge

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

ZHAO = "demo-zhao"  # of the standard tier: a teapot is more than is refunded without a person


@pytest_asyncio.fixture(loop_scope="session")
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """The demo shop's records."""
    url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    await made(url)
    opened = Shop(url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def edge(redis_url: str, tmp_path: Path, shop: Shop) -> AsyncIterator[Mesh]:
    """A gateway and an orchestrator with the built-in engine and the shop's tools, and stickers."""
    server = grpc.aio.server()
    recommender_pb2_grpc.add_RecommenderServiceServicer_to_server(OneStickerRecommender(), server)  # type: ignore[abstract]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    engine = RetrievalEngine(knowledge(), Templates(knowledge()), DecisionTree(), pace_s=0)
    async with mesh(
        redis_url, tmp_path, engine, tenants_file=tenants_file(tmp_path), recommender_url=f"127.0.0.1:{port}",
        shop=shop.office,
    ) as made:  # fmt: skip
        yield made
    await server.stop(None)


async def zhao(edge: Mesh, browser: Browser, faults: list[str]) -> Widget:
    """A customer of the shop's records, in their own browser, who wants more back than is given without a person."""
    tokens = VisitorTokens(SECRET.encode(), tenant=TENANT, life_s=3600)
    token, _ = tokens.renew(Identity(ZHAO, TENANT, 0, 0))
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    watch(page, faults)
    await page.goto(edge.http)
    await page.evaluate("token => localStorage.setItem(`stickerdesk:${location.host}:token`, token)", token)
    await page.reload()
    chat = await Widget(page).open()
    await chat.say(f"订单 {order_number(TENANT, ZHAO, 'fresh_teapot')} 的茶壶收到就碎了，我要退款")
    await chat.say("好的")
    return chat


@pytest.mark.parametrize(
    ("locale", "agree", "heading", "said"),
    [("en-US", True, "Refund", "Done. The customer is told."), ("zh-CN", False, "退款", "已拒绝，并已告知顾客。")],
)
async def test_a_person_decides_and_the_customer_reads_it(
    edge: Mesh, shop: Shop, visit: OpenPage, browser: Browser, faults: list[str],
    locale: str, agree: bool, heading: str, said: str,
) -> None:  # fmt: skip
    """It comes into the list by itself, in the desk's language; one click, once, and the chat says what came of it."""
    before = await shop.count(Refund)
    desk = await at_desk(visit, locale=locale)
    approvals = desk.host.locator("section.approvals .approval")
    await expect(approvals).to_have_count(0)
    chat = await zhao(edge, browser, faults)
    answers = await chat.theirs.count()
    await expect(approvals).to_have_count(1, timeout=WAIT_MS)
    await expect(approvals.locator("strong")).to_have_text(heading)
    await expect(approvals.locator(".sum")).to_contain_text("238")
    assert await violations(desk.page) == []
    await approvals.get_by_role("button").filter(has_text="赵一鸣").click()
    await expect(desk.rows.filter(has_text="茶壶收到就碎了")).to_be_visible(timeout=WAIT_MS)
    await expect(desk.host.locator(".pane-head h1")).to_contain_text("赵一鸣")
    await approvals.locator(".decide button").nth(0 if agree else 1).click()
    await expect(desk.host.locator(".decided")).to_have_text(said, timeout=WAIT_MS)
    await expect(approvals).to_have_count(0)
    await expect(chat.theirs).to_have_count(answers + 1, timeout=WAIT_MS)
    await expect(chat.theirs.last).to_contain_text("通过" if agree else "238")
    assert await shop.count(Refund) == before + agree
    await chat.page.context.close()


async def test_what_was_decided_elsewhere_is_said(
    edge: Mesh, shop: Shop, visit: OpenPage, browser: Browser, faults: list[str]
) -> None:
    """Two people decide otherwise on the same: the first word stands, the second reads so."""
    anna, ben = await at_desk(visit), await at_desk(visit)
    chat = await zhao(edge, browser, faults)
    held = anna.page.context
    await expect(anna.host.locator(".approval")).to_have_count(1, timeout=WAIT_MS)
    await expect(ben.host.locator(".approval")).to_have_count(1, timeout=WAIT_MS)
    await held.route("**/v1/desk/approvals", lambda route: route.abort())  # she sees the list as it was
    await ben.host.get_by_role("button", name="Deny").click()
    await expect(ben.host.locator(".decided")).to_contain_text("Denied", timeout=WAIT_MS)
    await anna.host.get_by_role("button", name="Approve").click()
    await expect(anna.host.locator(".decided")).to_contain_text("decided", timeout=WAIT_MS)
    assert await shop.count(Refund, Refund.approved_by != "") == 0
    await chat.page.context.close()


async def test_an_agent_changes_and_takes_back_what_they_said(visit: OpenPage) -> None:
    """The text comes back into the field; the customer reads the new one, or that there was one; Escape leaves it."""
    desk = await at_desk(visit)
    chat = await customer(visit)
    await desk.section("waiting").first.click(timeout=WAIT_MS)
    await desk.take()
    await desk.say("It comes on Monday")
    heard = chat.host.locator(".row.theirs").filter(has_text="It comes on")
    await desk.field.fill("half a thought")
    await desk.host.get_by_role("button", name="Change: It comes on Monday").click()
    await expect(desk.field).to_have_value("It comes on Monday")
    assert await violations(desk.page) == []
    await desk.field.press("Escape")
    await expect(desk.field).to_have_value("half a thought")
    await desk.host.get_by_role("button", name="Change: It comes on Monday").click()
    await desk.field.fill("It comes on Tuesday")
    await desk.field.press("Enter")
    await expect(heard).to_contain_text("It comes on Tuesday", timeout=WAIT_MS)
    await expect(heard).to_contain_text("Edited")
    await expect(desk.field).to_have_value("half a thought")
    await desk.host.get_by_role("button", name="Change: It comes on Tuesday").click()
    await desk.host.get_by_role("button", name="Take back").click()
    await expect(chat.host.locator(".retracted")).to_have_text("This message was taken back.", timeout=WAIT_MS)
    await expect(desk.host.locator(".retracted")).to_be_visible(timeout=WAIT_MS)
    await expect(desk.host.locator(".change")).to_have_count(0)


async def test_an_agent_sends_a_picture(visit: OpenPage) -> None:
    """With words to it, which come after; a file that is none is refused in words; the customer opens the picture."""
    desk = await at_desk(visit)
    chat = await customer(visit)
    await desk.section("waiting").first.click(timeout=WAIT_MS)
    await desk.take()
    chosen = desk.host.locator("input[type=file]:not([capture])")
    await chosen.set_input_files(FilePayload(name="a.svg", mimeType="image/svg+xml", buffer=b"<svg/>"))
    await expect(desk.host.locator(".picture-chip")).to_contain_text("Choose a JPEG")
    await chosen.set_input_files(FilePayload(name="cup.png", mimeType="image/png", buffer=png()))
    await expect(desk.host.locator(".picture-chip")).to_contain_text("Ready to send")
    await expect(desk.host.locator(".picture-chip img")).to_be_visible()
    assert await violations(desk.page) == []
    await desk.say("like this one?")
    await expect(desk.host.locator(".picture-chip")).to_be_hidden()
    rows = chat.host.locator(".row.theirs").filter(has=chat.page.locator("button.picture, .bubble.text"))
    await expect(rows.last).to_contain_text("like this one?", timeout=WAIT_MS)
    await expect(rows.nth(-2).locator("button.picture img")).not_to_have_js_property("naturalWidth", 0, timeout=WAIT_MS)
    await rows.nth(-2).locator("button.picture").click()
    await expect(chat.host.locator("dialog.viewer img")).to_be_visible()
    await expect(desk.rows.locator("button.picture img")).not_to_have_js_property("naturalWidth", 0, timeout=WAIT_MS)


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["desktop", "phone"])
async def test_a_long_story_leaves_room_for_the_conversation(visit: OpenPage, size: tuple[int, int]) -> None:
    """Of why somebody waits the first lines are shown, and the rest by the title; the transcript has all of it."""
    story = "it arrived broken and nobody ever answered me " * 12
    await customer(visit, ask=f"let me talk to a human agent please, {story}")
    desk = await at_desk(visit, viewport={"width": size[0], "height": size[1]})
    await desk.section("waiting").first.click(timeout=WAIT_MS)
    reason = desk.host.locator(".reason")
    await expect(reason).to_be_visible(timeout=WAIT_MS)
    assert (await reason.get_attribute("title") or "").count("it arrived broken") >= 2
    assert await reason.evaluate("it => it.clientHeight <= 64 && it.scrollHeight > it.clientHeight")
