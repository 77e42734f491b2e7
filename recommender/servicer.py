"""The gRPC surface: convert, call, convert."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import grpc

from recommender import convert
from recommender.engine import Recommender
from stickerdesk.recommender.v1 import recommender_pb2 as pb
from stickerdesk.recommender.v1 import recommender_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]
SERVICE_NAME = pb.DESCRIPTOR.services_by_name["RecommenderService"].full_name


class RecommenderServicer(recommender_pb2_grpc.RecommenderServiceServicer):
    """Serves `stickerdesk.recommender.v1.RecommenderService`; the proto documents each method."""

    def __init__(self, recommender: Recommender, clock: Callable[[], float] = time.time) -> None:
        self._recommender = recommender
        self._clock = clock

    async def Recommend(self, request: pb.RecommendRequest, context: Context) -> pb.RecommendResponse:
        """Stickers for a moment of a conversation."""
        answer = await self._recommender.find(*convert.recommend_request(request))
        return pb.RecommendResponse(
            stickers=convert.scored(answer.ranked),
            abstained=not answer.ranked,
            degraded=answer.degraded,
            impression_id=answer.impression_id,
        )

    async def SearchStickers(self, request: pb.SearchStickersRequest, context: Context) -> pb.SearchStickersResponse:
        """Stickers for a typed query."""
        answer = await self._recommender.find(*convert.search_request(request))
        return pb.SearchStickersResponse(
            stickers=convert.scored(answer.ranked), degraded=answer.degraded, impression_id=answer.impression_id
        )

    async def GetSticker(self, request: pb.GetStickerRequest, context: Context) -> pb.GetStickerResponse:
        """One sticker."""
        sticker = self._recommender.sticker(request.sticker_id)
        image = self._recommender.picture(request.sticker_id) if request.with_image else b""
        return pb.GetStickerResponse(sticker=convert.sticker_message(sticker), image=image)

    async def ListPacks(self, request: pb.ListPacksRequest, context: Context) -> pb.ListPacksResponse:
        """The packs."""
        return pb.ListPacksResponse(packs=map(convert.pack_message, self._recommender.packs()))

    async def AddStickers(self, request: pb.AddStickersRequest, context: Context) -> pb.AddStickersResponse:
        """Adds a pack."""
        convert.check_add(request)
        summary = await self._recommender.add(request.request_id, request.archive, overwrite=request.replace)
        return pb.AddStickersResponse(pack=convert.pack_message(summary))

    async def RemoveStickers(self, request: pb.RemoveStickersRequest, context: Context) -> pb.RemoveStickersResponse:
        """Removes stickers or a pack."""
        convert.check_remove(request)
        count = await self._recommender.remove(request.request_id, request.sticker_ids, request.pack)
        return pb.RemoveStickersResponse(removed_count=count)

    async def RecordFeedback(self, request: pb.RecordFeedbackRequest, context: Context) -> pb.RecordFeedbackResponse:
        """Counts reactions."""
        events = convert.feedback_events(request, self._clock())
        return pb.RecordFeedbackResponse(accepted_count=await self._recommender.record(request.request_id, events))
