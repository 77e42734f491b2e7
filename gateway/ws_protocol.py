"""Uvicorn's WebSocket protocol with three things that the edge needs and ASGI has no words for.

A frame over the limit ends with an error frame and close code 4413 instead of 1009, and the close is not lost when the
client is still sending; a client that does not read can be closed without waiting for it; accepted connections are not
logged one by one.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode as LibraryCloseCode
from websockets.protocol import State
from websockets.server import ServerProtocol

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.errors import error_frame

CLOSE_NOW = "stickerdesk.close_now"
"""Key in the scope's extensions: `close_now(code, reason)`."""

_LINGER_S = 2.0  # for the peer's half of a close; then the socket is cut


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
        self.conn = _EdgeServerProtocol(max_size=config.ws_max_size, logger=self.logger)

    async def run_asgi(self) -> None:
        """Hands the application the way to close without waiting."""
        cast(dict[str, Any], self.scope["extensions"])[CLOSE_NOW] = self.close_now
        await super().run_asgi()

    def start_keepalive(self) -> None:
        """Called once, when the handshake is answered: lets go of its headers, which would live with the socket."""
        super().start_keepalive()
        self.scope["headers"] = []
        self.request.headers.clear()
        self.response.headers.clear()

    def close_now(self, code: int, reason: str) -> None:
        """Queues the close frame behind what is unsent, frees blocked sends, and cuts the socket after a while."""
        if self.close_sent or self.disconnected:
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
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
