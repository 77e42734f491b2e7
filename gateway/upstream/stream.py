"""The upstream side of one connection on a lane of a shared call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from gateway.edge.actions import Offer, OpenRequest, UpstreamEvent
from gateway.links import LinkDesk
from gateway.orchestrator_stream import OrchestratorStream
from gateway.pictures.desk import Attachment
from gateway.upstream.endings import cancelled
from gateway.upstream.lane import Lane
from gateway.upstream.trunks import Trunks
from gateway.views import open_message, request_of
from servicekit.errors import Code, ServiceError, timeout
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb


class LaneStream:
    """One conversation on a lane, or on a call of its own where the orchestrator knows no lanes.

    Args:
        trunks: The shared calls.
        open_timeout_s: Time for the first answer.
        links: Makes the addresses in entries.
        gate: Lets so many conversations be opened at once, see `OrchestratorStream`.
        metadata: Trace context.
        own_call: Makes the stream for an orchestrator of an older version.
    """

    __slots__ = (
        "_cancelled",
        "_gate",
        "_lane",
        "_links",
        "_metadata",
        "_open_timeout_s",
        "_own",
        "_own_call",
        "_trunks",
    )

    def __init__(
        self,
        trunks: Trunks,
        open_timeout_s: float,
        links: LinkDesk,
        gate: asyncio.Semaphore,
        metadata: tuple[tuple[str, str], ...],
        own_call: Callable[[], OrchestratorStream],
    ) -> None:
        self._trunks = trunks
        self._open_timeout_s = open_timeout_s
        self._links = links
        self._gate = gate
        self._metadata = metadata
        self._own_call = own_call
        self._lane: Lane | None = None
        self._own: OrchestratorStream | None = None
        self._cancelled = False

    async def events(self, request: OpenRequest) -> AsyncGenerator[UpstreamEvent, None]:
        """Opens the conversation and yields what comes down, until the lane ends.

        Raises:
            ServiceError: Always, when the lane ends: why it did.
        """
        try:
            event = await self._open(request)
            if event is None or self._lane is None:
                async with aclosing(self._on_own_call().events(request)) as events:
                    async for event in events:
                        yield event
                return
            while True:
                yield event
                event = await self._lane.next()
        finally:
            self.cancel()

    async def _open(self, request: OpenRequest) -> UpstreamEvent | None:
        """The first answer; None where the orchestrator knows no lanes."""
        async with self._gate:
            if self._cancelled:
                raise cancelled()
            begin = pb.LaneBegin(**dict(self._metadata))
            lane = self._lane = self._trunks.lane(begin, self._links.of(request.tenant))
            if lane is None:
                return None
            try:
                async with asyncio.timeout(self._open_timeout_s):
                    await lane.send(open_message(request))
                    return await lane.next()
            except TimeoutError:
                lane.distrust()
                raise timeout("DEADLINE_EXCEEDED", "the conversation did not open in time, try again") from None
            except ServiceError as error:
                if error.code is Code.UNIMPLEMENTED:
                    return None
                raise

    def _on_own_call(self) -> OrchestratorStream:
        self._own = self._own_call()
        if self._cancelled:
            self._own.cancel()
        return self._own

    async def offer(self, offer: Offer, picture: Attachment | None = None) -> None:
        """Writes one request; when the lane is over it is dropped here, and the session offers it again."""
        if self._own is not None:
            await self._own.offer(offer, picture)
        elif self._lane is not None:
            await self._lane.send(request_of(offer.frame, picture))

    def cancel(self) -> None:
        """Ends it; `events` raises, in line not before it is its turn."""
        self._cancelled = True
        if self._own is not None:
            self._own.cancel()
        if self._lane is not None:
            self._lane.hang_up()
