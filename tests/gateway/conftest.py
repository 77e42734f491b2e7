"""A real gateway on port 0, between a real WebSocket client and fakes behind real gRPC servers."""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from PIL import Image

from gateway.__main__ import Gateway
from gateway.settings import GatewaySettings
from servicekit.errors import not_found, to_status
from servicekit.telemetry import Telemetry
from stickerdesk.recommender.v1 import recommender_pb2 as pb
from stickerdesk.recommender.v1 import recommender_pb2_grpc as pb_grpc
from tests.fakes_orchestrator import STICKER_ID, OrchestratorProcess, sticker
from tests.gateway.client import Client

SECRET = "a secret of the tests, long enough for HS256"


def webp_picture() -> bytes:
    """A small real WebP."""
    target = io.BytesIO()
    Image.new("RGBA", (8, 8), (255, 200, 0, 255)).save(target, "WEBP", lossless=True)
    return target.getvalue()


class FakeRecommender(pb_grpc.RecommenderServiceServicer):
    """One sticker, found by any query; what the edge does not call is not implemented, as gRPC says it."""

    Recommend = ListPacks = AddStickers = RemoveStickers = RecordFeedback = None  # type: ignore[assignment]

    def __init__(self) -> None:
        self.picture = webp_picture()
        self.sha256 = hashlib.sha256(self.picture).hexdigest()
        self.calls = 0
        self.packs: tuple[str, ...] | None = None

    async def GetSticker(self, request: pb.GetStickerRequest, context: Any) -> pb.GetStickerResponse:
        self.calls += 1
        if request.sticker_id != STICKER_ID:
            await context.abort_with_status(to_status(not_found("STICKER_NOT_FOUND", "no such sticker")))
        return pb.GetStickerResponse(sticker=sticker(sha256=self.sha256), image=self.picture)

    async def SearchStickers(self, request: pb.SearchStickersRequest, context: Any) -> pb.SearchStickersResponse:
        self.packs = tuple(request.packs)
        found = [pb.ScoredSticker(sticker=sticker(sha256=self.sha256), score=0.9)]
        return pb.SearchStickersResponse(stickers=found[: request.limit], impression_id="i1")


class Edge:
    """A running gateway and what stands behind it."""

    def __init__(self, gateway: Gateway, port: int, orchestrator: OrchestratorProcess) -> None:
        self.gateway = gateway
        self.port = port
        self.orchestrator = orchestrator
        self.clients: list[Client] = []

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def dial(self, query: str = "", **options: Any) -> Client:
        """A connected client; closed at the end of the test."""
        client = await Client.dial(f"ws://127.0.0.1:{self.port}/v1/ws{query}", **options)
        self.clients.append(client)
        return client

    async def join(self, **hello: Any) -> Client:
        """A client that has said hello and is caught up."""
        return await (await self.dial()).hello(**hello)

    def metric(self, name: str, **labels: str) -> float:
        """A sample of the gateway's registry, 0 when there is none yet."""
        return self.gateway._telemetry.registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
async def orchestrator() -> AsyncIterator[OrchestratorProcess]:
    process = await OrchestratorProcess().start()
    yield process
    await process.kill()


@pytest.fixture
async def recommender() -> AsyncIterator[tuple[FakeRecommender, str]]:
    servicer = FakeRecommender()
    server = grpc.aio.server()
    pb_grpc.add_RecommenderServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield servicer, f"127.0.0.1:{port}"
    await server.stop(None)


@pytest.fixture
def web_dir(tmp_path: Path) -> Path:
    """A small site of the test's own."""
    web = tmp_path / "web"
    (web / "sdk").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><title>shop</title>", "utf-8")
    (web / "widget.js").write_text("export {}", "utf-8")
    (web / "sdk" / "index.js").write_text("export {}", "utf-8")
    (web / ".secret.js").write_text("no", "utf-8")
    (tmp_path / "outside.js").write_text("no", "utf-8")
    return web


@pytest.fixture
async def make_edge(
    tmp_path: Path, web_dir: Path, orchestrator: OrchestratorProcess, recommender: tuple[FakeRecommender, str]
) -> AsyncIterator[Callable[..., Awaitable[Edge]]]:
    """Starts a gateway with settings of the test's choice."""
    started: list[Edge] = []

    async def make(**changes: Any) -> Edge:
        values: dict[str, Any] = {
            "listen": "127.0.0.1:0",
            "orchestrator_url": orchestrator.url,
            "recommender_url": recommender[1],
            "data_dir": tmp_path,
            "web_dir": web_dir,
            "token_secret": SECRET,
            "drain_s": 0.0,
            "log_level": "warning",
        }
        settings = GatewaySettings(**{**values, **changes})
        gateway = Gateway(settings, Telemetry.create("gateway", settings))
        edge = Edge(gateway, await gateway.start(), orchestrator)
        started.append(edge)
        return edge

    yield make
    for edge in started:
        for client in edge.clients:
            await client.close()
        await edge.gateway.stop()


@pytest.fixture
async def edge(make_edge: Callable[..., Awaitable[Edge]]) -> Edge:
    """A gateway with ordinary settings."""
    return await make_edge()
