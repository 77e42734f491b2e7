"""Uvicorn's HTTP protocol with patience that ends: for slow headers, slow bodies, and clients that do not read.

One timer per connection at most, and none while a request is being worked on or a WebSocket is open.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import h11
import msgspec
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from gateway.errors import envelope

MAX_HEADER_BYTES = 16 * 1024
_LINGER_S = 2.0
_ENVELOPE = msgspec.json.encode(envelope("REQUEST_TIMEOUT", "en", ""))
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: application/json\r\n" + (
    b"content-length: %d\r\n\r\n%s" % (len(_ENVELOPE), _ENVELOPE)
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the edge waits for a client.

    Attributes:
        header_s: For the whole of a request's head, from the first moment of a connection or the first byte of a
            later request.
        body_s: For the whole of its body.
        write_s: For a client that does not read what it asked for.
    """

    header_s: float = 10.0
    body_s: float = 60.0
    write_s: float = 30.0


class EdgeHttpProtocol(H11Protocol):
    """What uvicorn makes for each TCP connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        patience: Patience,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._patience = patience
        self._awaits: str | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begins to wait for a head."""
        super().connection_made(transport)
        self._await("head")

    def data_received(self, data: bytes) -> None:
        """As uvicorn does; then waits for what is still missing."""
        if self._awaits == "nothing":
            return
        super().data_received(data)
        if self._awaits == "upgraded":
            return
        state = self.conn.their_state
        if state is h11.SEND_BODY:
            self._await("body")
        elif state is h11.IDLE and self.conn.our_state is h11.IDLE:
            self._await("head")
        else:
            self._await(None)

    def _await(self, what: str | None) -> None:
        """Starts the clock for a head or a body; one that runs for the same goes on, however many bytes trickle in."""
        if what == self._awaits:
            return
        self._awaits = what
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        seconds = {"head": self._patience.header_s, "body": self._patience.body_s}.get(what or "")
        if seconds is not None:
            self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        """Says so, and throws away what still comes for a moment: a reset would take the answer with it."""
        self._awaits = "nothing"
        working = self.cycle is not None and not self.cycle.response_complete
        if self.transport.is_closing() or (working and self.cycle.response_started):
            self.transport.abort()
            return
        self.transport.write(_TOO_SLOW)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        if working:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._deadline = self.loop.call_later(_LINGER_S, self.transport.abort)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """The WebSocket has its own clocks."""
        self._await("upgraded")
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """As uvicorn does; of a body that is still under way nothing is waited for any more."""
        super().on_response_complete()
        if self._awaits == "body":
            self._await(None)

    def pause_writing(self) -> None:
        """The client does not read."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self._patience.write_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clocks."""
        self._await(None)
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)
