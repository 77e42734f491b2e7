"""`/v1/ws`: checks a handshake, then hands the socket to the hub."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from gateway.errors import REASON_CODES, envelope
from gateway.hub import Hub
from gateway.messages import language_of
from gateway.metrics import EdgeMetrics
from gateway.ws_protocol import CLOSE_NOW

PATH = "/v1/ws"
SUBPROTOCOL = "stickerdesk.v1"
_RETRY_AFTER_S = 2


class WebSocketEndpoint:
    """Accepts WebSockets, or refuses them with an HTTP answer before the upgrade.

    Args:
        hub: Serves what is accepted.
        metrics: Where refusals are counted.
        origins: Origins that may connect; empty: any. A client without an Origin (not a browser) may.
    """

    def __init__(self, hub: Hub, metrics: EdgeMetrics, origins: Sequence[str] = ()) -> None:
        self._hub = hub
        self._metrics = metrics
        self._origins = frozenset(origins)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI, for scopes of type `websocket`."""
        await receive()  # websocket.connect
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        reason = self._refusal(scope["path"], headers.get("origin"))
        if reason is not None:
            self._metrics.refused.labels(reason).inc()
            await _refuse(send, reason, headers.get("accept-language"))
            return
        spoken = SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": spoken})
        close_now = scope["extensions"][CLOSE_NOW]
        del headers
        await self._hub.serve(receive, send, close_now)

    def _refusal(self, path: str, origin: str | None) -> str | None:
        if path != PATH:
            return "NOT_FOUND"
        if self._origins and origin is not None and origin not in self._origins:
            return "ORIGIN_FORBIDDEN"
        return self._hub.refusal()


async def _refuse(send: Any, reason: str, locale: str | None) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if REASON_CODES[reason] == 503:
        headers.append((b"retry-after", str(_RETRY_AFTER_S).encode()))
    body = msgspec.json.encode(envelope(reason, language_of(locale), ""))
    await send({"type": "websocket.http.response.start", "status": REASON_CODES[reason], "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
