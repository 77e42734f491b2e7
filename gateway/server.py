"""The HTTP and WebSocket server: uvicorn under our own lifecycle, so that draining is ours to order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Generator
from functools import partial
from typing import Any, cast

import uvicorn

from gateway.frames import MAX_FRAME_BYTES
from gateway.http_protocol import MAX_HEADER_BYTES, EdgeHttpProtocol, Patience
from gateway.ws_protocol import EdgeWebSocketProtocol
from servicekit.settings import split_address

_BACKLOG = 4096
_KEEP_ALIVE_S = 75
_FORCE_AFTER_S = 2


class _Uvicorn(uvicorn.Server):
    """Uvicorn without its signal handlers: the process has its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leaves signals alone."""
        yield


class EdgeServer:
    """Serves an ASGI application on one port.

    Args:
        app: The application.
        listen: `host:port`; port 0 takes a free one.
        patience: How long slow clients are waited for.
        shared_port: Whether other processes listen on the same port.
    """

    def __init__(self, app: Any, listen: str, patience: Patience | None = None, *, shared_port: bool = False) -> None:
        for name in ("uvicorn.access", "uvicorn.error", "uvicorn.websocket", "uvicorn.asgi"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._listen = listen
        self._shared_port = shared_port
        self._server = _Uvicorn(
            uvicorn.Config(
                app,
                http=cast(Any, partial(EdgeHttpProtocol, patience=patience or Patience())),
                h11_max_incomplete_event_size=MAX_HEADER_BYTES,
                ws=EdgeWebSocketProtocol,
                ws_max_size=MAX_FRAME_BYTES,
                ws_ping_interval=None,  # the session's own heartbeat also measures the way to the page's code
                ws_per_message_deflate=False,
                lifespan="off",
                interface="asgi3",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                backlog=_BACKLOG,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_FORCE_AFTER_S,
            )
        )
        self._serving: asyncio.Task[None] | None = None
        self.port = 0

    async def start(self) -> int:
        """Listens.

        Returns:
            The port.

        Raises:
            OSError: The address is taken or not ours.
        """
        listener = bound(self._listen, shared=self._shared_port)
        self.port = listener.getsockname()[1]
        self._serving = asyncio.get_running_loop().create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            if self._serving.done():
                await self._serving
                raise OSError(f"cannot serve on {self._listen}")
            await asyncio.sleep(0.005)
        return self.port

    async def stop(self) -> None:
        """Refuses, ends what is left within two seconds, releases the port."""
        if self._serving is None:
            return
        self._server.should_exit = True
        await self._serving
        self._serving = None


def bound(listen: str, *, shared: bool) -> socket.socket:
    """A socket on `host:port` that does not listen yet; `shared`: others may be bound to the same.

    Raises:
        OSError: The address is taken or not ours.
    """
    host, port = split_address(listen)
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made
