"""One WebSocket at run time: carries out what its session decides.

Two tasks at most: the server's own, which reads the socket, and one that reads the upstream stream. Whatever comes of
an upstream event is sent by the upstream task, so that its order is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import aclosing
from typing import Any, Protocol

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.edge.actions import (
    Action,
    Close,
    Fetch,
    HistoryPage,
    Keep,
    Offer,
    OpenRequest,
    OpenUpstream,
    Send,
    UploadAction,
    UpstreamEvent,
)
from gateway.edge.session import Session, State
from gateway.metrics import EdgeMetrics
from gateway.pictures.desk import Attachment, PictureDesk
from gateway.pictures.uploader import UploadDesk, Uploader
from servicekit.errors import ServiceError, internal
from servicekit.telemetry import get_logger

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

_log = get_logger("gateway.connection")


class Socket(Protocol):
    """The client's socket, see `EdgeWebSocketProtocol`."""

    def send_text(self, payload: bytes) -> bool:
        """Queues a text frame; False when the client should read first. Raises OSError when it is gone."""

    async def drain(self) -> None:
        """Returns when the client has read, or is gone."""

    def close_now(self, code: int, reason: str) -> None:
        """Closes, without waiting for a client that does not read."""


class Upstream(Protocol):
    """One upstream stream, see `OrchestratorStream`."""

    def events(self, request: OpenRequest) -> AsyncGenerator[UpstreamEvent, None]:
        """Opens it and yields its events; ends with a ServiceError."""

    async def offer(self, offer: Offer, picture: Attachment | None = None) -> None:
        """Writes one request, with the picture that its message names."""

    def cancel(self) -> None:
        """Ends it."""


class Pages(Protocol):
    """Older pages of journals, see `Archive`."""

    async def page(self, tenant: str, conversation: str, before_seq: int, limit: int) -> HistoryPage:
        """The newest entries before a seq; raises a ServiceError."""


class Connection:
    """Runs one session.

    Args:
        session: Decides.
        open_upstream: Makes an upstream stream.
        socket: Where frames go.
        clock: The session's clock.
        metrics: Where it is counted.
        pictures: Keeps and finds customers' pictures.
        archive: Reads older pages of journals.
        uploads: Takes pictures that come in chunks.
    """

    __slots__ = (
        "_archive",
        "_clock",
        "_metrics",
        "_open_upstream",
        "_pictures",
        "_reopen_delay_s",
        "_socket",
        "_stream",
        "_uploader",
        "_uploads",
        "_upstream_task",
        "_write_lock",
        "blocked_since_s",
        "session",
    )

    def __init__(
        self,
        session: Session,
        *,
        open_upstream: Callable[[], Upstream],
        socket: Socket,
        clock: Callable[[], float],
        metrics: EdgeMetrics,
        pictures: PictureDesk,
        archive: Pages,
        uploads: UploadDesk,
    ) -> None:
        self.session = session
        self.blocked_since_s: float | None = None
        self._open_upstream = open_upstream
        self._socket = socket
        self._clock = clock
        self._metrics = metrics
        self._pictures = pictures
        self._archive = archive
        self._uploads = uploads
        self._uploader: Uploader | None = None
        self._stream: Upstream | None = None
        self._upstream_task: asyncio.Task[None] | None = None
        self._reopen_delay_s: float | None = None
        self._write_lock = asyncio.Lock()

    async def run(self, receive: Receive) -> None:
        """Serves the accepted socket until it is closed by either side."""
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                text = message.get("text")
                (self._metrics.binary_in if text is None else self._metrics.text_in).inc()
                now_s = self._clock()
                if text is None:
                    await self.perform(self.session.receive_binary(message.get("bytes") or b"", now_s))
                else:
                    await self.perform(self.session.receive(text, now_s))
                    self._observe_rtt()
        except OSError:  # the peer went away under a send
            _log.debug("client went away")
        finally:
            self.session.gone()
            await self._end_upstream()
            if self._uploader is not None:
                await self._uploader.close()

    async def perform(self, actions: Iterable[Action]) -> None:
        """Carries out actions in order."""
        for action in actions:
            if isinstance(action, Send):
                if not self._send(action.frame):
                    await self._drain()
            elif isinstance(action, Offer):
                await self._offer(action)
            elif isinstance(action, Keep):
                await self._keep(action.frame)
            elif isinstance(action, Fetch):
                await self._fetch(action)
            elif isinstance(action, OpenUpstream):
                self._reopen(action.delay_s)
            elif isinstance(action, Close):
                await self._close(action)
            else:
                await self._upload(action)

    def _send(self, frame: frames.AnyServerFrame) -> bool:
        self._metrics.sent(type(frame))
        if isinstance(frame, frames.Error):
            self._metrics.errors.labels(frame.reason).inc()
        return self._socket.send_text(frames.encode(frame))

    async def _drain(self) -> None:
        if self.blocked_since_s is None:
            self.blocked_since_s = self._clock()
        try:
            await self._socket.drain()
        finally:
            self.blocked_since_s = None

    async def _close(self, close: Close) -> None:
        self._metrics.closes.labels(str(int(close.code))).inc()
        self._socket.close_now(close.code, close.reason)
        if self._stream is not None:
            self._stream.cancel()

    async def close_slow(self) -> None:
        """Gives up a client that does not read; it can resume later."""
        self.session.gone()
        await self._close(Close(CloseCode.TOO_SLOW, "too slow"))

    def _observe_rtt(self) -> None:
        rtt_s, self.session.rtt_s = self.session.rtt_s, None
        if rtt_s is not None:
            self._metrics.rtt_seconds.observe(rtt_s)

    async def _keep(self, frame: frames.Message) -> None:
        assert frame.picture is not None
        try:
            image = await self._pictures.take_inline(self.session.visitor, frame.picture)
        except ServiceError as error:
            await self.perform(self.session.refuse(frame.client_msg_id, error))
            return
        await self.perform(self.session.kept(frame, image, self._clock()))

    async def _upload(self, action: UploadAction) -> None:
        if self._uploader is None:
            self._uploader = Uploader(self._uploads, self.session, self.perform, self._clock)
        await self._uploader.carry_out(action)

    async def _fetch(self, fetch: Fetch) -> None:
        """Reads older entries; the client's next frames wait meanwhile, which keeps one client to one page at once."""
        query = fetch.query
        try:
            tenant = self.session.visitor.tenant
            page = await self._archive.page(tenant, fetch.conversation, query.before_seq, fetch.limit)
        except ServiceError as error:
            await self.perform(self.session.not_fetched(query, error))
            return
        await self.perform(self.session.fetched(query, page))

    async def _offer(self, offer: Offer) -> None:
        async with self._write_lock:  # grpc.aio takes one write at a time, and messages keep their order
            try:
                picture = await self._attachment(offer)
            except ServiceError as error:
                refusal = error
            else:
                if self._stream is not None:
                    await self._stream.offer(offer, picture)
                return
        if isinstance(offer.frame, frames.Message):
            await self.perform(self.session.refuse(offer.frame.client_msg_id, refusal))

    async def _attachment(self, offer: Offer) -> Attachment | None:
        frame = offer.frame
        if not isinstance(frame, frames.Message) or frame.image is None:
            return None
        return await self._pictures.attach(self.session.visitor, frame.image)

    def _reopen(self, delay_s: float) -> None:
        self._reopen_delay_s = delay_s
        if self._upstream_task is None:
            self._upstream_task = asyncio.get_running_loop().create_task(self._run_upstream())
        elif self._stream is not None:
            self._stream.cancel()

    async def _run_upstream(self) -> None:
        try:
            while self._reopen_delay_s is not None and self.session.state is not State.CLOSED:
                if self._reopen_delay_s > 0.0:
                    await asyncio.sleep(self._reopen_delay_s)
                self._reopen_delay_s = None
                await self._serve_stream()
        except OSError:
            _log.debug("client went away")
        except Exception:
            _log.exception("upstream task failed")
            self.session.gone()
            self._socket.close_now(CloseCode.UNAVAILABLE, "internal error")

    async def _serve_stream(self) -> None:
        session, generation = self.session, self.session.generation
        if session.state is State.CLOSED:  # while the back-off was slept
            return
        stream = self._stream = self._open_upstream()
        try:
            async with aclosing(stream.events(session.open_request())) as events:
                async for event in events:
                    await self.perform(session.upstream(event, generation, self._clock()))
            error = internal()  # not reached: a stream ends with an error
        except ServiceError as ended:
            error = ended
        finally:
            self._stream = None
        lost = session.upstream_lost(error, generation, self._clock())
        if lost:
            self._metrics.reconnects.inc()
            _log.debug("upstream lost", reason=error.reason, code=int(error.code))
        await self.perform(lost)

    async def _end_upstream(self) -> None:
        if self._stream is not None:
            self._stream.cancel()
        task = self._upstream_task
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])
