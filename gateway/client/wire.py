"""One WebSocket: what is read from it, what is written to it, and when it counts as dead."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from gateway.client.errors import Unreachable
from gateway.client.events import Frame

_SUBPROTOCOL = Subprotocol("stickerdesk.v1")
_OPEN_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 2.0
GREETING_S = 25.0  # longer than the edge keeps a greeting in its line, which is 20 s
PROBE_S = 5.0
_FRAME_BYTES = 1024 * 1024
_LONE = re.compile("[\ud800-\udfff]")  # half of a pair has no UTF-8, and would break the writer at every try


class Wire:
    """A connection that is open.

    Attributes:
        lost: Why this side gave it up; empty while it did not.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._out: list[str | bytes] = []
        self._work = asyncio.Event()
        self.lost = ""

    @classmethod
    async def dial(cls, url: str) -> Wire:
        """Connects.

        Raises:
            Unreachable: No server answers, or it refuses the handshake.
        """
        try:
            socket = await connect(
                url, subprotocols=[_SUBPROTOCOL], compression=None, max_size=_FRAME_BYTES,
                open_timeout=_OPEN_TIMEOUT_S, close_timeout=_CLOSE_TIMEOUT_S, ping_interval=None,
            )  # fmt: skip
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise Unreachable("UNREACHABLE", str(error)) from error
        return cls(socket)

    @property
    def code(self) -> int:
        """The close code; 1006 when the network broke, or when this side took it for dead."""
        return 1006 if self.lost else self._socket.close_code or 1006

    @property
    def reason(self) -> str:
        """The close reason."""
        return self.lost or self._socket.close_reason or ""

    def write(self, frame: Frame | bytes) -> None:
        """Sends a frame as soon as the socket takes it; after those written before."""
        self._out.append(
            frame if isinstance(frame, bytes) else _LONE.sub("\ufffd", json.dumps(frame, ensure_ascii=False))
        )
        self._work.set()

    def wake(self) -> None:
        """The time at which there is something to do may have changed."""
        self._work.set()

    async def reads(self, take: Callable[[str | bytes], bool], heartbeat_s: Callable[[], float | None]) -> None:
        """Takes frames until the end; silence is answered by a ping, and silence after that by an end.

        Args:
            take: Acts on a frame; returns False when the connection is of no more use.
            heartbeat_s: How often the server speaks; None before its greeting.
        """
        probed = False
        with contextlib.suppress(ConnectionClosed):
            while not self.lost:
                beat_s = heartbeat_s()
                try:
                    async with asyncio.timeout(PROBE_S if probed else 1.5 * beat_s if beat_s else GREETING_S):
                        data = await self._socket.recv()
                except TimeoutError:
                    if probed or beat_s is None:
                        self.lost = "heartbeat missed" if probed else "no greeting"
                    probed = True
                    self.write({"type": "ping", "t": asyncio.get_running_loop().time() * 1000})
                    continue
                probed = False
                if not take(data):
                    self.lost = "hole in the journal"

    async def writes(self, due: Callable[[], float | None], act: Callable[[], None]) -> None:
        """Sends what is to be sent, and acts when its time comes."""
        now = asyncio.get_running_loop().time
        with contextlib.suppress(ConnectionClosed):
            while True:
                while self._out:
                    await self._socket.send(self._out.pop(0))
                self._work.clear()
                at = due()
                try:
                    async with asyncio.timeout(None if at is None else max(0.01, at - now())):
                        await self._work.wait()
                except TimeoutError:
                    act()

    async def close(self) -> None:
        """Sends what is left and says goodbye; twice is once."""
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                while self._out and not self.lost:
                    await self._socket.send(self._out.pop(0))
        await self._socket.close(1000, "bye")
