"""A WebSocket client as light as one can be that still speaks the whole protocol: thousands fit in one process.

The WebSocket itself is the `websockets` library's; what is left out is its machinery around a socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import msgspec
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

PATH = "/v1/ws"
SUBPROTOCOL = "stickerdesk.v1"
_WAIT_S = 60.0


class Heard(msgspec.Struct, gc=False):
    """What the benchmarks look at in a frame."""

    type: str
    seq: int = 0
    client_msg_id: str = ""
    turn: str = ""
    author: str = ""
    suggest_id: str = ""
    token: str = ""
    conversation: str = ""
    epoch: str = ""
    reason: str = ""
    duplicate: bool = False
    t: float = 0.0


_DECODE = msgspec.json.Decoder(Heard).decode
_ENCODE = msgspec.json.Encoder().encode


class Lost(ConnectionError):
    """The socket closed while something was waited for."""


class Visitor(asyncio.Protocol):
    """One client.

    Attributes:
        listen: Told of every frame but pings; set it to what the benchmark needs.
        seqs: The seqs of all entries, over all connections of this visitor, in order of arrival.
        pings: Heartbeats answered.
        closed: The close code that the server gave, 0 while there is none.
    """

    __slots__ = (
        "_locale", "_ready", "_transport", "_url", "_ws", "closed", "conversation", "epoch", "listen", "pings", "seqs",
        "token",
    )  # fmt: skip

    def __init__(self, address: str, locale: str = "en") -> None:
        self._url = f"ws://{address}{PATH}"
        self._transport: asyncio.Transport | None = None
        self._ready: asyncio.Future[None] | None = None
        self.listen: Callable[[Heard], None] | None = None
        self.seqs: list[int] = []
        self.token = self.conversation = self.epoch = ""
        self._locale = locale
        self.pings = self.closed = 0

    async def join(self) -> Visitor:
        """Connects, says hello (with all it knows, when it was here before), and waits until it is caught up.

        Raises:
            Lost: The server closed instead.
            OSError: It could not be reached.
            TimeoutError: It did not answer.
        """
        loop = asyncio.get_running_loop()
        uri = parse_uri(self._url)
        self._ready = loop.create_future()
        self._ws = ClientProtocol(uri, subprotocols=[Subprotocol(SUBPROTOCOL)], max_size=None)
        self.closed = 0
        async with asyncio.timeout(_WAIT_S):
            await loop.create_connection(lambda: self, uri.host, uri.port)
            await self._ready
        return self

    def send(self, **frame: object) -> None:
        """Sends a frame; it is dropped when the socket is closing."""
        self.send_raw(_ENCODE(frame))

    def send_raw(self, frame: bytes) -> None:
        """Sends an encoded frame."""
        if self._transport is not None and not self._transport.is_closing():
            self._ws.send_text(frame)
            self._flush()

    def drop(self) -> None:
        """Cuts the line, as a lost network does."""
        if self._transport is not None:
            self._transport.abort()

    # ---- asyncio.Protocol ---------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the upgrade."""
        self._transport = cast(asyncio.Transport, transport)
        self._ws.send_request(self._ws.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Passes on whole frames."""
        self._ws.receive_data(data)
        for event in self._ws.events_received():
            if isinstance(event, Frame):
                self._on_frame(event)
            elif isinstance(event, Response):
                self._on_response()
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        """Fails whoever waits."""
        self._transport = None
        self._settle(Lost(f"connection lost (close code {self.closed})"))

    def _on_response(self) -> None:
        if self._ws.handshake_exc is not None:
            self._settle(Lost(str(self._ws.handshake_exc)))
            return
        known = {"conversation": self.conversation, "epoch": self.epoch, "last_seq": max(self.seqs, default=0)}
        hello = {"type": "hello", "locale": self._locale} | ({"token": self.token} | known if self.token else {})
        self._ws.send_text(_ENCODE(hello))

    def _on_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT:
            self._on_text(_DECODE(frame.data))
        elif frame.opcode is Opcode.CLOSE:
            self.closed = int.from_bytes(frame.data[:2], "big")

    def _on_text(self, heard: Heard) -> None:
        if heard.type == "ping":
            self.pings += 1
            self._ws.send_text(_ENCODE({"type": "pong", "t": heard.t}))
            return
        if heard.type == "welcome":
            self.token, self.conversation, self.epoch = heard.token, heard.conversation, heard.epoch
        elif heard.type == "entry":
            self.seqs.append(heard.seq)
        elif heard.type == "caught_up":
            self._settle(None)
        if self.listen is not None:
            self.listen(heard)

    def _settle(self, error: Exception | None) -> None:
        if self._ready is None or self._ready.done():
            return
        if error is None:
            self._ready.set_result(None)
        else:
            self._ready.set_exception(error)

    def _flush(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._ws.data_to_send()))
