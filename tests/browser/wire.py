"""A network between browser and edge that the test can break."""

from __future__ import annotations

import asyncio
import contextlib


class Wire:
    """Passes TCP connections on to a port, until it is cut."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def mend(self) -> Wire:
        """Lets connections through, on the former port if there was one."""
        if self._server is None:
            self._server = await asyncio.start_server(self._join, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def cut(self) -> None:
        """Resets every connection and refuses new ones."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for writer in tuple(self._open):
            writer.transport.abort()

    async def _join(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        try:
            far_reader, far = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            near.transport.abort()
            return
        self._open |= {near, far}
        try:
            await asyncio.gather(self._pass(near_reader, far), self._pass(far_reader, near))
        finally:
            self._open -= {near, far}
            near.transport.abort()
            far.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
            writer.write_eof()
