"""The recommender as the edge uses it: pictures and the search of the sticker tray."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import grpc

from gateway.frames import StickerView
from gateway.sticker_images import StoredPicture
from gateway.views import Links, sticker_view
from servicekit.errors import from_rpc_error
from stickerdesk.recommender.v1 import recommender_pb2 as pb
from stickerdesk.recommender.v1 import recommender_pb2_grpc as pb_grpc


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found."""

    stickers: tuple[StickerView, ...]
    degraded: bool
    impression_id: str


class RecommenderClient:
    """Calls the recommender under a deadline; gRPC's retry policy is the one layer that retries."""

    def __init__(self, channel: grpc.aio.Channel, timeout_s: float = 5.0) -> None:
        self._stub = pb_grpc.RecommenderServiceStub(channel)
        self._timeout_s = timeout_s

    async def picture(self, sticker_id: str) -> StoredPicture:
        """The picture of a sticker.

        Raises:
            ServiceError: STICKER_NOT_FOUND, or why it cannot be had now.
        """
        try:
            answer = await self._stub.GetSticker(
                pb.GetStickerRequest(sticker_id=sticker_id, with_image=True), timeout=self._timeout_s
            )
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None
        return StoredPicture(answer.sticker.sha256, answer.sticker.media_type, answer.image)

    async def search(self, query: str, locale: str, limit: int, links: Links, packs: Sequence[str] = ()) -> Found:
        """Stickers of these packs (none named: of all) for a query as typed, best first, with addresses by `links`.

        Raises:
            ServiceError: Why it cannot be answered now.
        """
        request = pb.SearchStickersRequest(query=query, locale=locale, limit=limit, packs=packs)
        try:
            answer = await self._stub.SearchStickers(request, timeout=self._timeout_s)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None
        stickers = tuple(sticker_view(scored.sticker, links) for scored in answer.stickers)
        return Found(stickers, answer.degraded, answer.impression_id)
