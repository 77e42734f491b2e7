"""What happens at the desk as server-sent events: from one call of the orchestrator, with signs of life in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from typing import Any

import grpc
import msgspec
from starlette.responses import StreamingResponse

from gateway.desk.views import Event, event_view
from gateway.links import LinkDesk
from gateway.trust.identity import Identity
from servicekit.errors import ServiceError, exhausted, from_rpc_error, unavailable
from stickerdesk.orchestrator.v1 import desk_pb2 as pb

_HEARTBEAT_S = 15.0
_FIRST_S = 10.0
_RETRY_MS = 1500
_MOST_PER_PERSON = 12
_MOST = 2000
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}

Check = Callable[[Identity], None]
Told = Callable[[ServiceError], dict[str, Any]]


class DeskEvents:
    """The open event streams of this gateway.

    Args:
        watch: `DeskService.WatchDesk`.
        links: Makes the addresses in entries.
        check: Raises when somebody may stay no longer.
        heartbeat_s: Between two signs of life.
    """

    def __init__(self, watch: Any, links: LinkDesk, check: Check, *, heartbeat_s: float = _HEARTBEAT_S) -> None:
        self._watch, self._links, self._check, self._heartbeat_s = watch, links, check, heartbeat_s
        self._open: Counter[tuple[str, str]] = Counter()
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Ends every stream: this gateway goes."""
        self._ended.set()

    async def stream(self, identity: Identity, request: pb.WatchDeskRequest, told: Told) -> StreamingResponse:
        """The events that a request asks for; the answer begins with the first of them.

        Args:
            identity: Who watches.
            request: What.
            told: The envelope of an error that ends the stream.

        Raises:
            ServiceError: There is nothing to watch; RATE_LIMITED (429): too many streams are open.
        """
        who = (identity.tenant, identity.subject)
        if self._open[who] >= _MOST_PER_PERSON or self._open.total() >= _MOST:
            raise exhausted("RATE_LIMITED", "too many event streams are open, close one", retry_after_s=5.0)
        if self._ended.is_set():
            raise _going()
        self._open[who] += 1
        call = self._watch(request)
        try:
            async with asyncio.timeout(_FIRST_S):
                first = await call.read()
        except grpc.RpcError as error:
            self._leave(who, call)
            raise from_rpc_error(error) from None
        except TimeoutError:
            self._leave(who, call)
            raise unavailable("UNAVAILABLE", "the desk is out of reach, try again shortly") from None
        except BaseException:
            self._leave(who, call)
            raise
        body = self._body(identity, _Reading(call, self._ended, self._heartbeat_s), first, told)
        return _EventResponse(body, lambda: self._leave(who, call))

    def _leave(self, who: tuple[str, str], call: Any) -> None:
        call.cancel()
        self._open[who] -= 1
        if self._open[who] <= 0:
            del self._open[who]

    async def _body(self, identity: Identity, reading: _Reading, first: Any, told: Told) -> AsyncGenerator[bytes, None]:
        links, epoch, message = self._links.of(identity.tenant), "", first
        yield f"retry: {_RETRY_MS}\n\n".encode()
        try:
            while message is not grpc.aio.EOF:
                event = None if message is None else event_view(message, links)
                if message is None:
                    self._check(identity)
                    yield b": here\n\n"
                elif event is not None:
                    epoch = event[1]["epoch"] if event[0] == "opened" else epoch
                    yield encoded(event, epoch)
                message = await reading.next()
        except grpc.RpcError as error:
            yield encoded(("end", told(from_rpc_error(error))), "")
        except ServiceError as error:
            yield encoded(("end", told(error)), "")
        finally:
            reading.close()


class _Reading:
    """Reads a call's messages, with a look at the clock and at the end of this gateway."""

    def __init__(self, call: Any, ended: asyncio.Event, patience_s: float) -> None:
        self._call, self._patience_s = call, patience_s
        self._over = asyncio.ensure_future(ended.wait())
        self._pending: asyncio.Future[Any] | None = None

    async def next(self) -> Any:
        """The next message, None when there is none for a while, EOF at the end.

        Raises:
            ServiceError: UNAVAILABLE: this gateway goes.
        """
        pending = self._pending = self._pending or asyncio.ensure_future(self._call.read())
        done, _ = await asyncio.wait(
            {pending, self._over}, timeout=self._patience_s, return_when=asyncio.FIRST_COMPLETED
        )
        if self._over in done:
            raise _going()
        if not done:
            return None
        self._pending = None
        return pending.result()

    def close(self) -> None:
        """Stops to wait."""
        self._over.cancel()
        if self._pending is not None:
            self._pending.cancel()


class _EventResponse(StreamingResponse):
    """Server-sent events that tidy up however they end, also when nobody began to read them."""

    def __init__(self, body: AsyncGenerator[bytes, None], close: Callable[[], None]) -> None:
        super().__init__(body, 200, _HEADERS, "text/event-stream")
        self._close = close

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()


def encoded(event: Event, epoch: str) -> bytes:
    """An event on the wire; entries carry the place from which a client goes on."""
    name, data = event
    seq = data["seq"] if name == "entry" else data["to_seq"] if name == "gap" else None
    place = "" if seq is None else f"id: {epoch}:{seq}\n"
    return b"".join((f"event: {name}\n{place}data: ".encode(), msgspec.json.encode(data), b"\n\n"))


def _going() -> ServiceError:
    return unavailable("UNAVAILABLE", "this gateway is going away", retry_after_s=1.0)
