"""A bad network: cuts, stalls and delays connections, and drops, doubles and reorders single WebSocket frames."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass

_EXTENDED = {126: 2, 127: 8}
_CONTROL = 0x8


@dataclass(frozen=True)
class Weather:
    """How often what happens to a frame, and how long things take."""

    cut: float = 0.01
    half: float = 0.005
    stall: float = 0.004
    drop: float = 0.03
    double: float = 0.05
    swap: float = 0.04
    delay: float = 0.1
    delay_s: float = 0.02
    stall_s: float = 1.0


FAIR = Weather(0, 0, 0, 0, 0, 0, 0)


class _Cut(Exception):
    """The connection is to be cut here."""


class ChaosProxy:
    """Stands before a WebSocket server.

    Args:
        port: The server's, on this machine.
        rng: Decides.

    Attributes:
        weather: What it does to new frames.
        done: How often it did what.
    """

    def __init__(self, port: int, rng: random.Random, weather: Weather) -> None:
        self._target, self._rng = port, rng
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.weather = weather
        self.done: Counter[str] = Counter()
        self.port = 0

    async def __aenter__(self) -> ChaosProxy:
        """Listens."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cuts everything."""
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        pumps = [
            asyncio.ensure_future(self._pump(reader, far_writer)),
            asyncio.ensure_future(self._pump(far_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:  # the end of the test; asyncio's streams take a cancelled handler for a fault
            return
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            writer.transport.abort()
            far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await reader.readuntil(b"\r\n\r\n"))  # the handshake goes through
            await self._relay(reader, writer)
        except (_Cut, OSError, EOFError):
            return

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = b""
        while True:
            frame = await read_frame(reader)
            if frame[0] & _CONTROL:
                writer.write(frame)
                continue
            for piece in await self._fate(frame, writer):
                if held == b"" and self._roll("swap", self.weather.swap):
                    held = piece  # goes after the next one
                    continue
                writer.write(piece + held)
                held = b""
            await writer.drain()

    async def _fate(self, frame: bytes, writer: asyncio.StreamWriter) -> list[bytes]:
        weather = self.weather
        if self._roll("cut", weather.cut):
            raise _Cut
        if self._roll("half", weather.half):
            writer.write(frame[: len(frame) // 2])
            await writer.drain()
            raise _Cut
        if self._roll("stall", weather.stall):
            await asyncio.sleep(weather.stall_s)
        elif self._roll("delay", weather.delay):
            await asyncio.sleep(self._rng.random() * weather.delay_s)
        if self._roll("drop", weather.drop):
            return []
        return [frame, frame] if self._roll("double", weather.double) else [frame]

    def _roll(self, name: str, chance: float) -> bool:
        happens = chance > 0 and self._rng.random() < chance
        self.done[name] += happens
        return happens


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """One WebSocket frame as it stands on the wire (RFC 6455, section 5.2)."""
    head = await reader.readexactly(2)
    masked, length = head[1] & 0x80, head[1] & 0x7F
    if length in _EXTENDED:
        extended = await reader.readexactly(_EXTENDED[length])
        head, length = head + extended, int.from_bytes(extended, "big")
    return head + await reader.readexactly(length + (4 if masked else 0))


class CutProxy:
    """Stands before any TCP server and can cut all its connections at once."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def __aenter__(self) -> CutProxy:
        """Listens."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cuts everything."""
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Cuts what is open; new connections are taken."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._writers |= both
        try:
            await asyncio.wait(
                [asyncio.ensure_future(_copy(reader, far_writer)), asyncio.ensure_future(_copy(far_reader, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            self._writers -= both
            for end in both:
                end.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        return
