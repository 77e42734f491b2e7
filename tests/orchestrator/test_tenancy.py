"""A tenant's stickers come from its packs, whoever asks and whatever for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from orchestrator.recommender import GrpcRecommender
from orchestrator.tenancy import knowledge_of, open_book, packs_of
from servicekit.errors import ServiceError
from servicekit.resilience import CircuitBreaker
from servicekit.tenants_file import TenantsFileError
from stickerdesk.catalog.v1 import catalog_pb2
from stickerdesk.recommender.v1 import recommender_pb2 as pb
from stickerdesk.recommender.v1 import recommender_pb2_grpc as rpc

pytestmark = pytest.mark.integration


class Catalogue(rpc.RecommenderServiceServicer):
    """Notes which packs it is asked for."""

    ListPacks = AddStickers = RemoveStickers = RecordFeedback = None  # type: ignore[assignment]

    def __init__(self) -> None:
        self.packs: list[tuple[str, ...]] = []

    async def Recommend(self, request: pb.RecommendRequest, context: Any) -> pb.RecommendResponse:
        self.packs.append(tuple(request.packs))
        return pb.RecommendResponse()

    async def SearchStickers(self, request: pb.SearchStickersRequest, context: Any) -> pb.SearchStickersResponse:
        self.packs.append(tuple(request.packs))
        return pb.SearchStickersResponse()

    async def GetSticker(self, request: pb.GetStickerRequest, context: Any) -> pb.GetStickerResponse:
        return pb.GetStickerResponse(sticker=catalog_pb2.Sticker(id=request.sticker_id, pack="house"))


@pytest.fixture
async def catalogue() -> AsyncIterator[tuple[Catalogue, grpc.aio.Channel]]:
    servicer, server = Catalogue(), grpc.aio.server()
    rpc.add_RecommenderServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield servicer, channel
    await server.stop(None)


async def test_stickers_come_from_the_tenants_packs(catalogue: tuple[Catalogue, grpc.aio.Channel]) -> None:
    """Suggested, recommended and sent; a tenant without packs has none, one without a choice has all."""
    seen, channel = catalogue
    packs = {"acme": ["house"], "none": []}
    recommender = GrpcRecommender(channel, CircuitBreaker("test"), packs=packs.get)
    moment: dict[str, Any] = {
        "limit": 3, "emotion": None, "excluded": (), "shown": (), "timeout_s": 2.0,
    }  # fmt: skip
    for tenant in ("acme", "none", "other"):
        await recommender.search("hi", "en", 3, tenant=tenant)
        await recommender.search("", "en", 3, tenant=tenant)
        await recommender.recommend("hi", "en", **moment, tenant=tenant)
    assert seen.packs == [("house",)] * 3 + [()] * 3
    assert (await recommender.get("house/1", tenant="acme")).id == "house/1"
    for sticker, tenant in (("noto-emoji/1", "acme"), ("house/1", "none"), ("housebreaking/1", "acme")):
        assert (await recommender.get(sticker, tenant="other")).id == sticker
        with pytest.raises(ServiceError) as refused:
            await recommender.get(sticker, tenant=tenant)
        assert refused.value.reason == "STICKER_NOT_FOUND"


def test_the_book(tmp_path: Path) -> None:
    """What the file says of packs and knowledge; without a file nobody has anything of their own."""
    path = tmp_path / "tenants.yaml"
    path.write_text("version: 1\ntenants:\n  acme: {packs: [house], knowledge: acme}\n  beta: {}\n")
    book = open_book(path)
    assert [packs_of(book, name) for name in ("acme", "beta", "nobody")] == [["house"], None, None]
    assert [knowledge_of(book, name) for name in ("acme", "beta")] == [tmp_path / "acme", None]
    assert packs_of(open_book(None), "default") is None
    path.write_text("version: 1\ntenants: {acme: {pack: x}}\n")
    with pytest.raises(TenantsFileError):
        open_book(path)
