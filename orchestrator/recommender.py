"""The recommender as the dialogue needs it, and its gRPC client with a breaker."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import grpc

from orchestrator.converse.events import Feedback
from orchestrator.journal.entries import Emotion, Sticker
from orchestrator.sticker_protos import emotion_proto, sticker_of
from servicekit.errors import Code, ServiceError, from_rpc_error, not_found
from servicekit.resilience import CircuitBreaker
from stickerdesk.catalog.v1 import catalog_pb2 as catalog
from stickerdesk.recommender.v1 import recommender_pb2 as pb
from stickerdesk.recommender.v1 import recommender_pb2_grpc as rpc

_T = TypeVar("_T")
_KNOWN_STICKERS = 4_096
_MOST_CHARS = 4_000


class Recommender(Protocol):
    """Finds stickers of a tenant's packs. Every method raises a ServiceError when it cannot."""

    async def get(self, sticker_id: str, *, tenant: str = "") -> Sticker:
        """One sticker.

        Raises:
            ServiceError: STICKER_NOT_FOUND.
        """
        ...

    async def search(self, text: str, language: str, limit: int, *, tenant: str = "") -> tuple[Sticker, ...]:
        """Stickers for what is typed; empty text: frequently used ones."""
        ...

    async def recommend(
        self,
        text: str,
        language: str,
        *,
        limit: int,
        emotion: Emotion | None,
        excluded: Sequence[Emotion],
        shown: Sequence[str],
        timeout_s: float,
        image: Sequence[float] = (),
        tenant: str = "",
    ) -> tuple[Sticker, ...]:
        """Stickers that fit a moment; empty when none does."""
        ...

    async def feedback(self, feedback: Feedback) -> None:
        """Passes on a click or a dismissal."""
        ...


class GrpcRecommender:
    """The `Recommender` port over gRPC.

    Args:
        channel: To the recommender.
        breaker: Spares a recommender that fails.
        timeout_s: For calls without a budget of their own.
        packs: The packs of a tenant; None: all of the catalogue.
    """

    def __init__(
        self,
        channel: grpc.aio.Channel,
        breaker: CircuitBreaker,
        timeout_s: float = 2.0,
        packs: Callable[[str], Sequence[str] | None] = lambda tenant: None,
    ) -> None:
        self._stub: rpc.RecommenderServiceAsyncStub = rpc.RecommenderServiceStub(channel)
        self._breaker = breaker
        self._timeout_s = timeout_s
        self._packs = packs
        self._known: OrderedDict[str, Sticker] = OrderedDict()

    async def get(self, sticker_id: str, *, tenant: str = "") -> Sticker:
        """See the port; stickers seen lately are known without asking."""
        packs = self._packs(tenant)
        if packs is not None and sticker_id.partition("/")[0] not in packs:
            raise not_found("STICKER_NOT_FOUND", "there is no such sticker, choose another")
        if known := self._known.get(sticker_id):
            return known
        request = pb.GetStickerRequest(sticker_id=sticker_id)
        try:
            answer = await self._guarded(self._stub.GetSticker(request, timeout=self._timeout_s))
        except ServiceError as error:
            if error.code in (Code.NOT_FOUND, Code.INVALID):
                raise not_found("STICKER_NOT_FOUND", "there is no such sticker, choose another") from error
            raise
        return self._remember([answer.sticker])[0]

    async def search(self, text: str, language: str, limit: int, *, tenant: str = "") -> tuple[Sticker, ...]:
        """See the port. Nothing typed yet: cheerful ones, as the recommender ranks them by use."""
        if not text.strip():
            return await self.recommend(
                "", language, limit=limit, emotion=Emotion.JOY, excluded=(), shown=(), timeout_s=self._timeout_s,
                tenant=tenant,
            )  # fmt: skip
        packs = self._packs(tenant)
        if packs is not None and not packs:
            return ()
        request = pb.SearchStickersRequest(query=text.strip(), locale=language, limit=limit, packs=packs or ())
        answer = await self._guarded(self._stub.SearchStickers(request, timeout=self._timeout_s))
        return self._remember([one.sticker for one in answer.stickers])

    async def recommend(
        self,
        text: str,
        language: str,
        *,
        limit: int,
        emotion: Emotion | None,
        excluded: Sequence[Emotion],
        shown: Sequence[str],
        timeout_s: float,
        image: Sequence[float] = (),
        tenant: str = "",
    ) -> tuple[Sticker, ...]:
        """See the port."""
        packs = self._packs(tenant)
        if packs is not None and not packs:
            return ()
        request = pb.RecommendRequest(
            packs=packs or (),
            text=text[:_MOST_CHARS],
            locale=language,
            limit=limit,
            emotion=emotion_proto(emotion),
            excluded_emotions=[emotion_proto(one) for one in excluded],
            excluded_sticker_ids=shown,
            image_embedding=image,
        )
        answer = await self._guarded(self._stub.Recommend(request, timeout=timeout_s))
        return self._remember([one.sticker for one in answer.stickers])

    async def feedback(self, feedback: Feedback) -> None:
        """See the port."""
        kind = pb.FeedbackEvent.KIND_CLICKED if feedback.clicked else pb.FeedbackEvent.KIND_DISMISSED
        event = pb.FeedbackEvent(
            kind=kind, sticker_id=feedback.sticker_id, position=feedback.position, query=feedback.text
        )
        request = pb.RecordFeedbackRequest(request_id=secrets.token_hex(16), events=[event])
        await self._guarded(self._stub.RecordFeedback(request, timeout=self._timeout_s))

    async def _guarded(self, call: Awaitable[_T]) -> _T:
        async def translated() -> _T:
            try:
                return await call
            except grpc.RpcError as error:
                raise from_rpc_error(error) from error

        async with self._breaker:
            return await translated()

    def _remember(self, stickers: Sequence[catalog.Sticker]) -> tuple[Sticker, ...]:
        known = tuple(sticker_of(sticker) for sticker in stickers)
        for sticker in known:
            self._known[sticker.id] = sticker
            self._known.move_to_end(sticker.id)
        while len(self._known) > _KNOWN_STICKERS:
            self._known.popitem(last=False)
        return known
