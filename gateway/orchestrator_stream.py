"""The upstream side of one connection on a call of its own, for orchestrators that know no lanes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import grpc

from gateway.edge.actions import Offer, OpenRequest, UpstreamEvent
from gateway.links import LinkDesk
from gateway.pictures.desk import Attachment
from gateway.upstream.endings import broken, cancelled, ending_of, task_is_cancelled
from gateway.views import event_of, open_message, request_of
from servicekit.errors import from_rpc_error, timeout
from servicekit.telemetry import get_logger
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb
from stickerdesk.orchestrator.v1 import orchestrator_pb2_grpc as pb_grpc

_log = get_logger("gateway.upstream")


class OrchestratorStream:
    """One open Converse call.

    Args:
        stub: The orchestrator.
        open_timeout_s: Time for the first answer.
        links: Makes the addresses in entries.
        gate: Lets so many conversations be opened at once, in order of arrival. After a lost network all clients come
            back together: opened all at once, each would be slow enough to be given up, and its work be lost.
        metadata: Trace context and the like, sent with the call.
    """

    __slots__ = ("_call", "_cancelled", "_gate", "_links", "_metadata", "_open_timeout_s", "_stub")

    def __init__(
        self,
        stub: pb_grpc.OrchestratorServiceAsyncStub,
        open_timeout_s: float,
        links: LinkDesk,
        gate: asyncio.Semaphore,
        metadata: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self._call: Any = None
        self._cancelled = False
        self._stub = stub
        self._metadata = metadata or None
        self._gate = gate
        self._open_timeout_s = open_timeout_s
        self._links = links

    async def events(self, request: OpenRequest) -> AsyncGenerator[UpstreamEvent, None]:
        """Opens the conversation and yields what comes down, until the stream ends.

        Raises:
            ServiceError: Always, when the stream ends: why it did. A clean end is UNAVAILABLE too, for the edge never
                half-closes and the conversation goes on elsewhere.
        """
        try:
            response = await self._open(request)
            links = self._links.of(request.tenant)
            while response is not grpc.aio.EOF:
                event = event_of(response, links)
                if event is not None:
                    yield event
                response = await self._call.read()
            raise await ending_of(self._call)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None
        except TimeoutError:
            raise timeout("DEADLINE_EXCEEDED", "the conversation did not open in time, try again") from None
        except asyncio.CancelledError:
            if task_is_cancelled():
                raise
            raise cancelled() from None
        except asyncio.InvalidStateError:
            raise broken() from None
        finally:
            self.cancel()

    async def _open(self, request: OpenRequest) -> Any:
        """The first answer."""
        async with self._gate:
            if self._cancelled:
                raise cancelled()
            self._call = self._stub.Converse(metadata=self._metadata)
            async with asyncio.timeout(self._open_timeout_s):
                await self._call.write(open_message(request))
                return await self._call.read()

    async def offer(self, offer: Offer, picture: Attachment | None = None) -> None:
        """Writes one request; when the stream is dying it is dropped here, and the session offers it again."""
        await self._write(request_of(offer.frame, picture))

    async def _write(self, request: pb.ConverseRequest) -> None:
        if self._call is None:
            return
        try:
            await self._call.write(request)
        except (grpc.RpcError, asyncio.InvalidStateError, grpc.aio.UsageError):
            _log.debug("write to a dying stream")
        except asyncio.CancelledError:
            if task_is_cancelled():
                raise

    def cancel(self) -> None:
        """Ends the call; `events` raises, in line not before it is its turn."""
        self._cancelled = True
        if self._call is not None:
            self._call.cancel()
