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
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

PATH = "/v1/ws"
SUBPROTOCOL = "stickerdesk.v1"
_WAIT_S = 60.0
_NO_CLOSE_FRAME = 1006


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


class Visitor:
    """One client, over as many connections as it takes.

    Attributes:
        listen: Told of every frame but pings; set it to what the benchmark needs.
        seqs: The seqs of all entries, over all connections of this visitor, in order of arrival.
        pings: Heartbeats answered.
        closed: The close code of the connection, 0 while it is open.
    """

    __slots__ = (
        "_host", "_line", "_locale", "_port", "_ready", "_uri", "closed", "conversation", "epoch", "listen", "pings",
        "seqs", "token",
    )  # fmt: skip

    def __init__(self, address: str, locale: str = "en") -> None:
        self._uri = f"ws://{address}{PATH}"
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._locale = locale
        self._line: _Line | None = None
        self._ready: asyncio.Future[None] | None = None
        self.listen: Callable[[Heard], None] | None = None
        self.seqs: list[int] = []
        self.token = self.conversation = self.epoch = ""
        self.pings = self.closed = 0

    async def join(self) -> Visitor:
        """Connects, says hello (with all it knows, when it was here before), and waits until it is caught up.

        Raises:
            Lost: The server closed instead.
            OSError: It could not be reached.
            TimeoutError: It did not answer.
        """
        loop = asyncio.get_running_loop()
        self.drop()
        self._ready, self.closed = loop.create_future(), 0
        try:
            async with asyncio.timeout(_WAIT_S):
                await loop.create_connection(self._dial, self._host, self._port)
                await self._ready
        except BaseException:
            self.drop()
            raise
        return self

    def send(self, **frame: object) -> None:
        """Sends a frame; it is dropped when there is no line."""
        self.send_raw(_ENCODE(frame))

    def send_raw(self, frame: bytes) -> None:
        """Sends an encoded frame."""
        if self._line is not None:
            self._line.send(frame)

    def drop(self) -> None:
        """Cuts the line, as a lost network does."""
        if self._line is not None:
            line, self._line = self._line, None
            line.cut()

    def _dial(self) -> _Line:
        self._line = _Line(self, self._uri)
        return self._line

    def opened(self) -> bytes:
        """The line is up; the hello."""
        known = {"conversation": self.conversation, "epoch": self.epoch, "last_seq": max(self.seqs, default=0)}
        return _ENCODE(
            {"type": "hello", "locale": self._locale} | ({"token": self.token} | known if self.token else {})
        )

    def heard(self, heard: Heard) -> None:
        """A frame came on the line."""
        if heard.type == "welcome":
            self.token, self.conversation, self.epoch = heard.token, heard.conversation, heard.epoch
        elif heard.type == "entry":
            self.seqs.append(heard.seq)
        elif heard.type == "caught_up" and self._ready is not None and not self._ready.done():
            self._ready.set_result(None)
        if self.listen is not None:
            self.listen(heard)

    def lost(self, line: _Line, code: int, why: str) -> None:
        """A line is down."""
        if line is not self._line:
            return
        self._line, self.closed = None, code
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(Lost(f"{code} {why}".strip()))


class _Line(asyncio.Protocol):
    """One connection."""

    __slots__ = ("_code", "_transport", "_visitor", "_why", "_ws")

    def __init__(self, visitor: Visitor, uri: str) -> None:
        self._visitor = visitor
        self._ws = ClientProtocol(parse_uri(uri), subprotocols=[Subprotocol(SUBPROTOCOL)], max_size=None)
        self._transport: asyncio.Transport | None = None
        self._code, self._why = _NO_CLOSE_FRAME, ""

    def send(self, frame: bytes) -> None:
        if self._ws.state is State.OPEN:
            self._ws.send_text(frame)
            self._flush()

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ws.send_request(self._ws.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._ws.receive_data(data)
        for event in self._ws.events_received():
            if isinstance(event, Frame):
                self._on_frame(event)
            elif isinstance(event, Response):
                self._on_response(event)
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._visitor.lost(self, self._code, self._why or str(error or ""))

    def _on_response(self, response: Response) -> None:
        if self._ws.handshake_exc is None:
            self._ws.send_text(self._visitor.opened())
        else:
            self._code, self._why = response.status_code, "handshake refused"

    def _on_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            self._code = int.from_bytes(frame.data[:2], "big")
        elif frame.opcode is Opcode.TEXT:
            heard = _DECODE(frame.data)
            if heard.type == "ping":
                self._visitor.pings += 1
                self._ws.send_text(_ENCODE({"type": "pong", "t": heard.t}))
            elif self is self._visitor._line:
                self._visitor.heard(heard)

    def _flush(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._ws.data_to_send()))
