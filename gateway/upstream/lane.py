"""One conversation's place on a shared call."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from gateway.edge.actions import UpstreamEvent
from gateway.upstream.endings import cancelled
from gateway.views import Links, event_of
from servicekit.errors import ServiceError, internal
from servicekit.telemetry import get_logger
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb

WINDOW = 64
"""Messages on the way, in each direction, without the other side's credit; see ConverseMany."""

_log = get_logger("gateway.upstream")

Said = pb.LaneBegin | pb.ConverseRequest | int | None
"""What goes up on a lane: its begin, a request, credit for so many events, or None: the client hung up."""


class Carrier(Protocol):
    """What a lane is on, see `Trunk`."""

    def say(self, lane: int, what: Said) -> None:
        """Sends it as soon as the call takes it."""

    def leave(self, lane: int) -> None:
        """The lane is over."""

    def retire(self) -> None:
        """Takes no new lanes any more."""


class Lane:
    """One conversation's events in order, and credit for its requests.

    Args:
        number: Its id on the call.
        carrier: The call.
        links: Makes the addresses in entries.
    """

    __slots__ = ("_carrier", "_ended", "_events", "_links", "_number", "_reader", "_room", "_taken", "_writers")

    def __init__(self, number: int, carrier: Carrier, links: Links) -> None:
        self._number = number
        self._carrier = carrier
        self._links = links
        self._events: deque[UpstreamEvent | None] = deque()
        self._ended: ServiceError | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writers: asyncio.Event | None = None  # made when one must wait, which is seldom
        self._room = WINDOW
        self._taken = 0

    # ---- for the connection -------------------------------------------------------------------------------------

    async def next(self) -> UpstreamEvent:
        """The next event.

        Raises:
            ServiceError: Why there is none.
        """
        while True:
            while not self._events:
                if self._ended is not None:
                    raise self._ended
                await self._changed()
            event = self._events.popleft()
            self._taken += 1
            if self._taken >= WINDOW // 2 and self._ended is None:
                self._carrier.say(self._number, self._taken)
                self._taken = 0
            if event is not None:
                return event

    async def send(self, request: pb.ConverseRequest) -> None:
        """Sends a request, when there is credit for it; on a lane that is over it is dropped."""
        while self._room <= 0 and self._ended is None:
            if self._writers is None:
                self._writers = asyncio.Event()
            self._writers.clear()
            await self._writers.wait()
        if self._ended is None:
            self._room -= 1
            self._carrier.say(self._number, request)

    def hang_up(self) -> None:
        """Gives the conversation up; `next` raises after what has come."""
        if self._ended is None:
            self._carrier.say(self._number, None)
            self._leave(cancelled())

    def distrust(self) -> None:
        """Nothing was heard for too long: others had better go elsewhere."""
        self._carrier.retire()

    async def _changed(self) -> None:
        self._reader = asyncio.get_running_loop().create_future()
        try:
            await self._reader
        finally:
            self._reader = None

    # ---- for the call -------------------------------------------------------------------------------------------

    def put(self, response: pb.ConverseResponse) -> None:
        """An event came. It is translated at once: kept as it is, it would keep the whole message that it came in."""
        if len(self._events) >= WINDOW:
            _log.error("events beyond their credit")
            self._carrier.say(self._number, None)
            self._leave(internal())
            return
        try:
            self._events.append(event_of(response, self._links))
        except Exception:
            _log.exception("an event that cannot be read")
            self._carrier.say(self._number, None)
            self._leave(internal())
            return
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def give(self, requests: int) -> None:
        """So many more requests are welcome."""
        self._room += requests
        if self._writers is not None:
            self._writers.set()

    def end(self, error: ServiceError) -> None:
        """Nothing follows."""
        if self._ended is None:
            self._ended = error
            if self._writers is not None:
                self._writers.set()
            if self._reader is not None and not self._reader.done():
                self._reader.set_result(None)

    def _leave(self, error: ServiceError) -> None:
        self._carrier.leave(self._number)
        self.end(error)
