"""The use cases: find stickers, keep the catalogue, learn from clicks."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recommender.catalogue import Catalogue, Pack, Sticker
from recommender.channel import Channel, ChannelDownError, ChannelKind, Hit, Query
from recommender.feedback import Event, Evidence, FeedbackStore, FeedbackUnavailableError
from recommender.pack import LoadedPack
from recommender.pack_store import PackStore, PackSummary
from recommender.query_key import query_key
from recommender.ranking import Ranked, RankingWeights, Wish, rank
from servicekit.errors import not_found, unavailable
from servicekit.resilience import current_deadline
from servicekit.telemetry import get_logger

_CANDIDATES = 200
_FEEDBACK_PATIENCE_S = 0.25
_DEADLINE_RESERVE_S = 0.03


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found.

    Attributes:
        ranked: Stickers that fit, best first; empty when nothing fits.
        degraded: Whether a channel was down.
        impression_id: Names the answer in feedback.
    """

    ranked: Sequence[Ranked]
    degraded: bool
    impression_id: str


class Recommender:
    """Stickers for texts."""

    def __init__(
        self,
        store: PackStore,
        instant: Sequence[Channel],
        remote: Sequence[Channel],
        feedback: FeedbackStore,
        *,
        weights: RankingWeights | None = None,
        channel_patience_s: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Wires the parts; `load` makes it ready.

        Args:
            store: The packs.
            instant: Channels that refresh at once and never fail.
            remote: Channels that depend on another server; `Maintenance` keeps them fresh.
            feedback: Clicks.
            weights: How a score comes about.
            channel_patience_s: Seconds that an answer waits for its slowest channel.
            clock: Unix time.
        """
        self._store = store
        self._instant = tuple(instant)
        self._channels = (*instant, *remote)
        self._feedback = feedback
        self._weights = weights or RankingWeights()
        self._patience_s = channel_patience_s
        self._clock = clock
        self._catalogue: Catalogue | None = None
        self._changing = asyncio.Lock()
        self._log = get_logger("recommender")

    @property
    def catalogue(self) -> Catalogue:
        """The stickers as they stand.

        Raises:
            ServiceError: CATALOGUE_LOADING, before the first `load` has ended.
        """
        if self._catalogue is None:
            raise unavailable("CATALOGUE_LOADING", "the stickers are still loading, try again", retry_after_s=1.0)
        return self._catalogue

    async def load(self) -> None:
        """Reads all packs and makes them searchable by the instant channels."""
        async with self._changing:
            await self._reload()

    async def reload_if_changed(self) -> bool:
        """Takes over changes that another process made to the packs; tells whether there were any."""
        if not await asyncio.to_thread(self._store.changed):
            return False
        await self.load()
        return True

    async def find(self, query: Query, wish: Wish) -> Answer:
        """Returns the stickers that fit; an empty answer when none does.

        Raises:
            ServiceError: CATALOGUE_LOADING.
        """
        catalogue = self.catalogue
        found, evidence, degraded = await self._ask(query)
        ranked = rank(found, catalogue, wish, evidence, self._weights)
        return Answer(ranked, degraded, uuid.uuid4().hex)

    def sticker(self, sticker_id: str) -> Sticker:
        """Returns one sticker.

        Raises:
            ServiceError: STICKER_NOT_FOUND or CATALOGUE_LOADING.
        """
        sticker = self.catalogue.stickers.get(sticker_id)
        if sticker is None:
            raise not_found("STICKER_NOT_FOUND", "there is no such sticker")
        return sticker

    def picture(self, sticker_id: str) -> bytes:
        """Returns the stored picture of a sticker; raises as `sticker` does."""
        return self.catalogue.pictures[self.sticker(sticker_id).id]

    def packs(self) -> list[Pack]:
        """Returns the packs in order of their id."""
        return list(self.catalogue.packs.values())

    async def add(self, request_id: str, archive: bytes, *, overwrite: bool) -> PackSummary:
        """Adds a pack; readers see all of it or nothing. Raises as `PackStore.add` does."""
        async with self._changing:
            summary = await asyncio.to_thread(self._store.add, request_id, archive, overwrite=overwrite)
            await self._reload()
            return summary

    async def remove(self, request_id: str, sticker_ids: Sequence[str], pack_id: str) -> int:
        """Removes stickers or a pack; returns how many stickers are gone."""
        async with self._changing:
            present = self.catalogue.stickers
            count = await asyncio.to_thread(self._store.remove, request_id, sticker_ids, pack_id, present)
            await self._reload()
            return count

    async def record(self, request_id: str, events: Sequence[Event]) -> int:
        """Counts reactions to stickers that exist; returns how many counted.

        Raises:
            ServiceError: FEEDBACK_UNAVAILABLE, the store is out of reach.
        """
        known = [event for event in events if event.sticker_id in self.catalogue.stickers]
        try:
            return await self._feedback.record(request_id, known)
        except FeedbackUnavailableError as error:
            raise unavailable("FEEDBACK_UNAVAILABLE", "feedback cannot be stored now, try again") from error

    async def _reload(self) -> None:
        loaded: list[LoadedPack] = await asyncio.to_thread(self._store.load)
        pictures = {sticker_id: data for one in loaded for sticker_id, data in one.pictures.items()}
        catalogue = Catalogue.of((one.pack for one in loaded), pictures)
        # Channels first: until the swap their hits on new stickers are skipped, after it none is missing.
        for channel in self._instant:
            await channel.refresh(catalogue)
        self._catalogue = catalogue
        self._log.info("catalogue loaded", packs=len(catalogue.packs), stickers=len(catalogue.stickers))

    async def _ask(self, query: Query) -> tuple[dict[ChannelKind, Sequence[Hit]], Evidence, bool]:
        """Asks all channels and the feedback store at once; says whether one was missing."""
        patience_s = self._remaining_patience_s()
        answers, evidence = await asyncio.gather(
            asyncio.gather(*(self._ask_one(channel, query, patience_s) for channel in self._channels)),
            self._evidence(query, min(patience_s, _FEEDBACK_PATIENCE_S)),
        )
        found = {channel.kind: hits for channel, hits in zip(self._channels, answers, strict=True) if hits is not None}
        return found, evidence or Evidence(), evidence is None or None in answers

    async def _ask_one(self, channel: Channel, query: Query, patience_s: float) -> Sequence[Hit] | None:
        try:
            async with asyncio.timeout(patience_s):
                return await channel.search(query, _CANDIDATES)
        except (ChannelDownError, TimeoutError) as error:
            self._log.debug("channel down", channel=channel.kind.value, problem=str(error) or "too slow")
            return None

    async def _evidence(self, query: Query, patience_s: float) -> Evidence | None:
        key = query_key(query.text)
        try:
            async with asyncio.timeout(patience_s):
                return await self._feedback.evidence(key, self._clock())
        except (FeedbackUnavailableError, TimeoutError) as error:
            self._log.debug("feedback out of reach", problem=str(error) or "too slow")
            return None

    def _remaining_patience_s(self) -> float:
        deadline = current_deadline.get()
        if deadline is None:
            return self._patience_s
        return max(0.01, min(self._patience_s, deadline.remaining_s - _DEADLINE_RESERVE_S))
