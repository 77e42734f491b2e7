"""A real browser in front of a real edge, with fakes behind real gRPC servers."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from PIL import Image, ImageDraw
from playwright.async_api import Browser, BrowserContext, Page, expect

from gateway.__main__ import Gateway
from gateway.settings import GatewaySettings
from servicekit.telemetry import Telemetry
from stickerdesk.recommender.v1 import recommender_pb2 as pb
from stickerdesk.recommender.v1 import recommender_pb2_grpc as pb_grpc
from tests.browser.chromium import MISSING, executable, launched
from tests.browser.scripted import ScriptedEdge
from tests.browser.widget import WAIT_MS, Widget
from tests.browser.wire import Wire
from tests.fakes_orchestrator import OrchestratorProcess, sticker

OpenShop = Callable[..., Awaitable[Widget]]


class OneStickerRecommender(pb_grpc.RecommenderServiceServicer):
    """Draws any sticker as a yellow disc and finds it for any words but `nothing`."""

    def __init__(self) -> None:
        target = io.BytesIO()
        picture = Image.new("RGBA", (136, 136), (0, 0, 0, 0))
        ImageDraw.Draw(picture).ellipse((8, 8, 128, 128), fill=(255, 204, 77, 255))
        picture.save(target, "WEBP", lossless=True)
        self.picture = target.getvalue()

    async def GetSticker(self, request: pb.GetStickerRequest, context: Any) -> pb.GetStickerResponse:
        return pb.GetStickerResponse(sticker=sticker(request.sticker_id), image=self.picture)

    async def SearchStickers(self, request: pb.SearchStickersRequest, context: Any) -> pb.SearchStickersResponse:
        found = [] if request.query == "nothing" else [pb.ScoredSticker(sticker=sticker(), score=0.9)]
        return pb.SearchStickersResponse(stickers=found)


class Shop:
    """The edge that serves the demo shop, what stands behind it, and the network in front of it."""

    def __init__(self, port: int, orchestrator: OrchestratorProcess, wire: Wire) -> None:
        self.port = port
        self.orchestrator = orchestrator
        self.wire = wire

    @property
    def url(self) -> str:
        """The shop's address, over the wire that can be cut."""
        return f"http://127.0.0.1:{self.wire.port}"

    def texts(self) -> list[str]:
        """What the only conversation's journal has from its customer."""
        (conversation,) = self.orchestrator.journal.conversations.values()
        return [entry.text.text for entry in conversation.entries if entry.client_msg_id]


@pytest_asyncio.fixture(loop_scope="session")
async def orchestrator() -> AsyncIterator[OrchestratorProcess]:
    """The fake orchestrator, which a test may kill and start again."""
    process = await OrchestratorProcess().start()
    yield process
    await process.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def shop(tmp_path: Path, orchestrator: OrchestratorProcess) -> AsyncIterator[Shop]:
    """The demo shop behind a real gateway."""
    server = grpc.aio.server()
    pb_grpc.add_RecommenderServiceServicer_to_server(OneStickerRecommender(), server)  # type: ignore[abstract]
    recommender_port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    settings = GatewaySettings(
        listen="127.0.0.1:0",
        orchestrator_url=orchestrator.url,
        recommender_url=f"127.0.0.1:{recommender_port}",
        data_dir=tmp_path,
        drain_s=0.0,
        log_level="warning",
    )
    gateway = Gateway(settings, Telemetry.create("gateway", settings))
    port = await gateway.start()
    wire = await Wire(port).mend()
    yield Shop(port, orchestrator, wire)
    await wire.cut()
    await gateway.stop()
    await server.stop(None)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests; each opens contexts of its own, which share nothing."""
    path = executable()
    if path is None:
        pytest.skip(MISSING)
    async with launched(path) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def edge() -> ScriptedEdge:
    """An edge that says what the test writes; pages opened with it talk to it alone."""
    return ScriptedEdge()


@pytest_asyncio.fixture(loop_scope="session")
async def faults() -> AsyncIterator[list[str]]:
    """What pages complained of: no test may end with a script error or a breach of the content security policy."""
    seen: list[str] = []
    yield seen
    assert seen == []


def watch(page: Page, faults: list[str]) -> None:
    """Collects script errors and policy breaches of a page; a cut network is the tests' own doing."""
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)


@pytest_asyncio.fixture(loop_scope="session")
async def open_shop(shop: Shop, browser: Browser, faults: list[str]) -> AsyncIterator[OpenShop]:
    """Opens the shop in a browser of the given kind, and its chat."""
    contexts: list[BrowserContext] = []

    async def open_it(
        *, chat: bool = True, locale: str = "en-US", edge: ScriptedEdge | None = None, **context: Any
    ) -> Widget:
        made = await browser.new_context(locale=locale, **context)
        contexts.append(made)
        if edge is not None:
            await edge.attach(made)
        page = await made.new_page()
        watch(page, faults)
        await page.goto(shop.url)
        widget = Widget(page)
        await expect(widget.launcher).to_be_visible(timeout=WAIT_MS)
        return await widget.open() if chat else widget

    yield open_it
    for made in contexts:
        await made.close()
