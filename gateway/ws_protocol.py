"""Uvicorn's WebSocket protocol with four things that the edge needs and ASGI has no words for.

What the edge sends within one turn of the loop leaves in one write, without the copies of ASGI's way. A frame over the
limit ends with an error frame and close code 4413 instead of 1009, and the close is not lost when the client is still
sending; a client that does not read can be closed without waiting for it; accepted connections are not logged one by
one.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections import deque
from typing import Any, cast

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode as LibraryCloseCode
from websockets.protocol import State
from websockets.server import ServerProtocol

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.errors import error_frame

SOCKET = "stickerdesk.socket"
"""Key in the scope's extensions: the protocol itself, to send and to close by."""

_FLUSH_BYTES = 32 * 1024  # unsent, and it goes out at once: so a full socket is noticed
_TEXT_FRAME = 0x81  # FIN and the opcode of text
_LINGER_S = 2.0  # for the peer's half of a close; then the socket is cut


class _PeersFaults(logging.Filter):
    """Text that is not UTF-8 is answered by 1007. It is no error of the edge: anybody could fill its log with them."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is None or not isinstance(record.exc_info[1], UnicodeDecodeError)


_PEERS_FAULTS = _PeersFaults()


class _EdgeServerProtocol(ServerProtocol):
    """Says 4413, with an error frame before it, where the library says 1009."""

    def fail(self, code: int, reason: str = "") -> None:
        if code == LibraryCloseCode.MESSAGE_TOO_BIG and self.state is State.OPEN:
            self.send_text(frames.encode(error_frame("FRAME_TOO_LARGE", "en", "")))
            code, reason = CloseCode.TOO_LARGE, "frame too large"
        super().fail(code, reason)


class EdgeWebSocketProtocol(WebSocketsSansIOProtocol):
    """What uvicorn makes for each upgraded connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = logging.getLogger("uvicorn.websocket")  # its INFO lines carry addresses; kept off by default
        self.logger.addFilter(_PEERS_FAULTS)
        self.conn = _EdgeServerProtocol(max_size=config.ws_max_size, logger=self.logger)
        self.queue = _Events()  # type: ignore[assignment]
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0

    async def run_asgi(self) -> None:
        """Hands the application the way to send and to close without ASGI."""
        cast(dict[str, Any], self.scope["extensions"])[SOCKET] = self
        await super().run_asgi()

    async def send(self, message: ASGISendEvent) -> None:
        """As uvicorn does, which takes a refused handshake for one that was never answered, and logs an error of it."""
        await super().send(message)
        self.handshake_complete = self.handshake_complete or self.close_sent

    def send_text(self, payload: bytes) -> bool:
        """Queues a text frame, UTF-8; it leaves with all that is queued in this turn of the loop.

        Returns:
            Whether more is welcome; if not, `drain` waits until it is.

        Raises:
            ClientDisconnected: There is nobody to send it to.
        """
        if self.disconnected or self.close_sent or self.conn.state is not State.OPEN:
            raise ClientDisconnected
        if not self._unsent:
            self.loop.call_soon(self._flush)
        self._unsent += (_header(len(payload)), payload)
        self._unsent_bytes += len(payload)
        if self._unsent_bytes >= _FLUSH_BYTES:
            self._flush()
        return self.writable.is_set()

    async def drain(self) -> None:
        """Returns when the client has read enough, or is gone."""
        await self.writable.wait()

    def _flush(self) -> None:
        if self._unsent and not self.transport.is_closing():
            unsent, self._unsent, self._unsent_bytes = self._unsent, [], 0
            self.transport.write(b"".join(unsent))

    def start_keepalive(self) -> None:
        """Called once, when the handshake is answered: lets go of its headers, which would live with the socket."""
        super().start_keepalive()
        self.scope["headers"] = []
        self.request.headers.clear()
        self.response.headers.clear()

    def shutdown(self) -> None:
        """As uvicorn does, behind what is unsent."""
        self._flush()
        super().shutdown()

    def close_now(self, code: int, reason: str) -> None:
        """Queues the close frame behind what is unsent, frees blocked sends, and cuts the socket after a while."""
        if self.close_sent or self.disconnected:
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._flush()
        if not self.transport.is_closing() and self.conn.state is State.OPEN:
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
        self._linger()
        self.disconnected = True  # a send that waits, or comes later, raises ClientDisconnected
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        """As uvicorn does; after a protocol error the rest of what the peer sends is thrown away unread."""
        if self.conn.parser_exc is None:
            super().data_received(data)

    def handle_parser_exception(self) -> None:
        """Sends the close and keeps reading for a moment: a reset would take the close frame with it."""
        close = self.conn.close_sent
        code, reason = (close.code, close.reason) if close is not None else (1002, "")
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._flush()
        self.transport.write(b"".join(self.conn.data_to_send()))
        self._linger()
        self.disconnected = True
        self.writable.set()

    def _linger(self) -> None:
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(_LINGER_S, self._cut)

    def _cut(self) -> None:
        self.transport.abort()


def _header(size: int) -> bytes:
    """The head of an unmasked text frame of so many bytes (RFC 6455, 5.2)."""
    if size < 126:
        return bytes((_TEXT_FRAME, size))
    if size < 65_536:
        return struct.pack("!BBH", _TEXT_FRAME, 126, size)
    return struct.pack("!BBQ", _TEXT_FRAME, 127, size)


class _Events:
    """What uvicorn asks of a queue, for one taker; the library's own is four times the size."""

    __slots__ = ("_events", "_taker")

    def __init__(self) -> None:
        self._events: deque[ASGIReceiveEvent] = deque()
        self._taker: asyncio.Future[None] | None = None

    def put_nowait(self, event: ASGIReceiveEvent) -> None:
        """Adds one."""
        self._events.append(event)
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)

    def empty(self) -> bool:
        """Whether there is none."""
        return not self._events

    async def get(self) -> ASGIReceiveEvent:
        """Takes the next, as soon as there is one."""
        while not self._events:
            self._taker = asyncio.get_running_loop().create_future()
            try:
                await self._taker
            finally:
                self._taker = None
        return self._events.popleft()
