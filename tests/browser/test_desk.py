"""A customer and a person of the shop, each in a browser, before the real edge, orchestrator and store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from orchestrator.policy.decision import DecisionTree
from orchestrator.reply.retrieval import RetrievalEngine
from orchestrator.reply.templates import Templates
from servicekit.desk_login import make_login
from stickerdesk.recommender.v1 import recommender_pb2_grpc
from tests.browser.axe import violations
from tests.browser.conftest import OneStickerRecommender, watch
from tests.browser.desk import Desk
from tests.browser.widget import WAIT_MS, Widget, settled
from tests.gateway.desk.http import ANNA, BEN, PERSON, tenants_file
from tests.gateway.mesh import SECRET, Mesh, mesh
from tests.orchestrator.harness import knowledge

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def edge(redis_url: str, tmp_path: Path) -> AsyncIterator[Mesh]:
    """A gateway, an orchestrator with the built-in engine, and stickers."""
    server = grpc.aio.server()
    recommender_pb2_grpc.add_RecommenderServiceServicer_to_server(OneStickerRecommender(), server)  # type: ignore[abstract]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    engine = RetrievalEngine(knowledge(), Templates(knowledge()), DecisionTree(), pace_s=0)
    async with mesh(
        redis_url, tmp_path, engine, tenants_file=tenants_file(tmp_path), recommender_url=f"127.0.0.1:{port}"
    ) as made:
        yield made
    await server.stop(None)


@pytest_asyncio.fixture(loop_scope="session")
async def visit(edge: Mesh, browser: Browser, faults: list[str]) -> AsyncIterator[OpenPage]:
    """Opens a page in a browser of its own."""
    contexts: list[BrowserContext] = []

    async def open_it(path: str, *, locale: str = "en-US", **context: Any) -> Page:
        contexts.append(await browser.new_context(locale=locale, **context))
        page = await contexts[-1].new_page()
        watch(page, faults)
        await page.goto(f"{edge.http}{path}")
        return page

    yield open_it
    for made in contexts:
        await made.close()


async def customer(visit: OpenPage, *, locale: str = "en-US", ask: str = PERSON) -> Widget:
    """A customer who has asked for a person."""
    chat = await Widget(await visit("/", locale=locale)).open()
    await chat.field.fill(ask)
    await chat.field.press("Enter")
    await expect(chat.host.locator(".banner")).to_be_visible(timeout=WAIT_MS)
    return chat


async def at_desk(visit: OpenPage, key: str = str(ANNA), **context: Any) -> Desk:
    """A person who is logged in."""
    desk = Desk(await visit("/desk", **context))
    await desk.enter(key)
    return desk


@pytest.mark.parametrize(
    ("locale", "ask", "take", "hand_back", "hello", "answer", "later"),
    [
        (
            "en-US",
            PERSON,
            "Take",
            "Hand back",
            "my cup arrived broken",
            "I am sorry, I send a new one",
            "how do I return something?",
        ),
        ("zh-CN", "我要转人工客服", "接手", "交还助手", "杯子收到的时候碎了", "非常抱歉，马上给您补发", "怎么退货？"),
    ],
)
async def test_a_person_helps_and_the_assistant_goes_on(
    visit: OpenPage, locale: str, ask: str, take: str, hand_back: str, hello: str, answer: str, later: str
) -> None:
    """The customer asks for a person, one takes over, both talk, it is handed back, and the engine answers again."""
    desk = await at_desk(visit, locale=locale)
    chat = await customer(visit, locale=locale, ask=ask)
    await desk.section("waiting").first.click(timeout=WAIT_MS)
    await desk.act(take).click()
    await expect(desk.field).to_be_visible(timeout=WAIT_MS)
    await expect(chat.host.locator(".notice").filter(has_text="Anna")).to_be_visible(timeout=WAIT_MS)
    await expect(chat.host.locator(".banner")).to_be_hidden()
    await expect(desk.section("mine")).to_have_count(1)
    await chat.field.press_sequentially(hello)
    await expect(desk.host.locator(".row.typing")).to_be_visible(timeout=WAIT_MS)
    await chat.field.press("Enter")
    await expect(desk.rows.filter(has_text=hello)).to_be_visible(timeout=WAIT_MS)
    await desk.field.press_sequentially(answer[:4])
    await expect(chat.host.locator(".row.typing")).to_be_visible(timeout=WAIT_MS)
    await desk.say(answer)
    said = chat.host.locator(".row.theirs").filter(has_text=answer)
    await expect(said).to_be_visible(timeout=WAIT_MS)
    await expect(said.locator(".speaker")).to_have_text("Anna")
    long = "。".join(["这是一段很长的回复，需要换行显示"] * 12)
    await desk.say(long)
    row = desk.rows.filter(has_text=long)
    await expect(row.locator(".state.read")).to_be_attached(timeout=WAIT_MS)  # after which it is not drawn anew
    bubble = row.locator(".bubble")
    assert await bubble.evaluate("it => it.clientHeight > 60 && it.scrollWidth <= it.clientWidth + 1")
    await desk.act(hand_back).click()
    await expect(desk.section("mine")).to_have_count(0, timeout=WAIT_MS)
    await chat.field.fill(later)
    await chat.field.press("Enter")
    await expect(chat.host.locator(".row.theirs").last.locator(".bubble")).to_contain_text("14", timeout=WAIT_MS)
    assert await chat.host.locator(".row.theirs .speaker").count() == 1  # at the head of what she said


async def test_two_agents_see_who_was_first(visit: OpenPage) -> None:
    """The second sees that it is taken, cannot write, and is told when it was too late."""
    anna = await at_desk(visit)
    ben = await at_desk(visit, str(BEN))
    await customer(visit)
    for desk in (anna, ben):
        await desk.section("waiting").first.click(timeout=WAIT_MS)
    await anna.take()
    await expect(ben.host.locator(".facts")).to_contain_text("Anna has it", timeout=WAIT_MS)
    await expect(ben.field).to_be_hidden()
    await expect(ben.section("others")).to_have_count(1)


async def test_a_sticker_and_a_suggested_reply_are_said(visit: OpenPage) -> None:
    """One tap each; the hint goes when it was answered."""
    desk = await at_desk(visit)
    chat = await customer(visit)
    await desk.section("waiting").first.click(timeout=WAIT_MS)
    await desk.take()
    await chat.field.fill("how long do I have to return something?")
    await chat.field.press("Enter")
    await desk.host.get_by_role("button", name="Use it").click(timeout=WAIT_MS)
    assert "30" in await desk.field.input_value()
    await desk.field.press("Enter")
    await expect(chat.host.locator(".row.theirs").filter(has_text="30")).to_be_visible(timeout=WAIT_MS)
    await expect(desk.host.locator(".hint")).to_be_hidden()
    await desk.host.locator(".composer button[aria-controls]").click()
    await desk.host.locator(".tray .sticker").first.click(timeout=WAIT_MS)
    await expect(chat.host.locator(".row.theirs .big-sticker img").last).to_be_visible(timeout=WAIT_MS)


async def test_the_desk_by_keys_alone(visit: OpenPage) -> None:
    """Next conversation, take, write, close with a second thought: no mouse."""
    desk = await at_desk(visit)
    chat = await customer(visit)
    await expect(desk.section("waiting")).to_have_count(1, timeout=WAIT_MS)
    await desk.page.keyboard.press("Alt+ArrowDown")
    await expect(desk.act("Take")).to_be_visible()
    await desk.page.keyboard.press("Alt+KeyT")
    await expect(desk.field).to_be_focused(timeout=WAIT_MS)
    await desk.page.keyboard.type("Hello, Anna here")
    await desk.page.keyboard.press("Enter")
    await expect(chat.host.locator(".row.theirs").filter(has_text="Anna here")).to_be_visible(timeout=WAIT_MS)
    await desk.act("Close").focus()
    await desk.page.keyboard.press("Enter")
    await expect(desk.act("Yes, close")).to_be_focused()
    await desk.page.keyboard.press("Enter")
    await expect(chat.host.locator(".rating")).to_be_visible(timeout=WAIT_MS)
    await expect(desk.section("recent")).to_have_count(1, timeout=WAIT_MS)


async def test_the_title_calls_and_the_row_shows_what_is_new(visit: OpenPage) -> None:
    """Who waits and who wrote are counted; what was looked at is not."""
    desk = await at_desk(visit)
    assert await desk.page.title() == "Desk"
    chat = await customer(visit)
    await expect(desk.page).to_have_title("(1) Desk", timeout=WAIT_MS)
    await desk.section("waiting").first.click()
    await desk.take()
    await expect(desk.page).to_have_title("Desk", timeout=WAIT_MS)
    await customer(visit)
    await desk.section("waiting").first.click(timeout=WAIT_MS)
    await chat.field.fill("still there?")
    await chat.field.press("Enter")
    await expect(desk.section("mine").locator(".dot")).to_be_visible(timeout=WAIT_MS)
    await expect(desk.page).to_have_title("(2) Desk")


async def test_a_link_logs_in_once_and_leaves_no_trace(visit: OpenPage) -> None:
    """The address is clean at once; a reload stays in; the same link again asks for a key; logging out ends it."""
    word = make_login(SECRET.encode(), "default", "安娜")
    desk = Desk(await visit(f"/desk/#login={word}"))
    await expect(desk.host.locator(".me")).to_contain_text("安娜", timeout=WAIT_MS)
    assert "login" not in desk.page.url
    await desk.page.reload()
    await expect(desk.host.locator(".me")).to_contain_text("安娜", timeout=WAIT_MS)
    other = Desk(await visit(f"/desk/#login={word}"))
    await expect(other.host.locator(".login .fault")).to_contain_text("used before", timeout=WAIT_MS)
    await desk.host.get_by_role("button", name="Log out").click()
    await expect(desk.key).to_be_visible()
    await desk.page.reload()
    await expect(desk.key).to_be_visible(timeout=WAIT_MS)


async def test_a_wrong_key_is_told(visit: OpenPage) -> None:
    """In words, and the field is ready for another."""
    desk = Desk(await visit("/desk"))
    await expect(desk.host.locator(".login .note code")).to_have_count(2)
    await desk.key.fill("nonsense")
    await desk.key.press("Enter")
    await expect(desk.host.locator(".login .fault")).to_contain_text("not valid", timeout=WAIT_MS)
    await expect(desk.key).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 860), (834, 1112), (390, 844)])
async def test_the_desk_is_accessible(visit: OpenPage, scheme: str, size: tuple[int, int]) -> None:
    """Logging in, the lists, a conversation that is mine: axe finds nothing, on a desktop, a tablet and a phone."""
    viewport = {"width": size[0], "height": size[1]}
    desk = Desk(await visit("/desk", color_scheme=scheme, viewport=viewport))
    await expect(desk.key).to_be_visible(timeout=WAIT_MS)
    assert await violations(desk.page) == []
    await desk.enter(str(ANNA))
    chat = await customer(visit)
    await expect(desk.section("waiting")).to_have_count(1, timeout=WAIT_MS)
    assert await violations(desk.page) == []
    await desk.section("waiting").first.click()
    await desk.take()
    await chat.field.fill("I am so angry, how long do I have to return this?!")
    await chat.field.press("Enter")
    await expect(desk.host.locator(".hint")).to_be_visible(timeout=WAIT_MS)
    await desk.say("I am looking it up")
    await desk.act("Close").click()
    assert await violations(desk.page) == []


async def test_the_newest_stays_in_sight_when_the_window_shrinks(visit: OpenPage) -> None:
    """As when a telephone's keyboard comes up."""
    desk = await at_desk(visit)
    chat = await customer(visit)
    await desk.section("waiting").first.click(timeout=WAIT_MS)
    await desk.take()
    for number in range(6):
        await desk.say(f"{number}: " + "a sentence of some length that takes more than one line on a telephone " * 2)
    await chat.field.fill("how long do I have to return something?")
    await chat.field.press("Enter")
    await expect(desk.host.locator(".hint")).to_be_visible(timeout=WAIT_MS)
    await desk.page.set_viewport_size({"width": 390, "height": 844})
    await settled(desk.page)
    await expect(desk.rows.last).to_be_in_viewport(ratio=0.9)
    await desk.page.set_viewport_size({"width": 390, "height": 460})
    await settled(desk.page)
    await expect(desk.rows.last.locator(".bubble")).to_be_in_viewport(ratio=0.9)
