"""`/v1/ws`: checks a handshake, then hands the socket to the hub."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import msgspec

from gateway.errors import REASON_CODES, envelope, public_reason
from gateway.hub import Hub
from gateway.messages import language_of
from gateway.metrics import EdgeMetrics
from gateway.trust.addresses import Addresses
from gateway.trust.caps import ConnectionCaps
from gateway.trust.doors import Doors
from gateway.ws_protocol import SOCKET
from servicekit.errors import ServiceError, not_found, unavailable

PATH = "/v1/ws"
SUBPROTOCOL = "stickerdesk.v1"
_RETRY_AFTER_S = 2
_MAX_QUERY_BYTES = 1024


class WebSocketEndpoint:
    """Accepts WebSockets, or refuses them with an HTTP answer before the upgrade.

    Args:
        hub: Serves what is accepted.
        metrics: Where refusals are counted.
        doors: Which tenant a client comes to, and whether its page may.
        addresses: Tell where a client is.
        caps: How many connections an address and a tenant may have.
    """

    def __init__(
        self, hub: Hub, metrics: EdgeMetrics, doors: Doors, addresses: Addresses, caps: ConnectionCaps
    ) -> None:
        self._hub = hub
        self._metrics = metrics
        self._doors = doors
        self._addresses = addresses
        self._caps = caps

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI, for scopes of type `websocket`."""
        await receive()  # websocket.connect
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            if scope["path"] != PATH:
                raise not_found("NOT_FOUND", "there is nothing at this address")
            door = self._doors.choose(headers.get("origin"), _named_tenant(scope.get("query_string", b"")))
            if (reason := self._hub.refusal()) is not None:
                raise unavailable(reason, "the edge takes no more connections now")
            place = self._caps.enter(self._addresses.of(scope), door.tenant)
            step = self._doors.step(door, place.address)
        except ServiceError as refusal:
            self._metrics.refused.labels(public_reason(refusal)).inc()
            await _refuse(send, public_reason(refusal), headers.get("accept-language"))
            return
        spoken = SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None
        del headers
        try:
            await send({"type": "websocket.accept", "subprotocol": spoken})
            await self._hub.serve(receive, scope["extensions"][SOCKET], step)
        finally:
            self._caps.leave(place)


def _named_tenant(query: bytes) -> str | None:
    if not query:
        return None
    named = parse_qs(query[:_MAX_QUERY_BYTES].decode("latin-1")).get("tenant")
    return named[0] if named else None


async def _refuse(send: Any, reason: str, locale: str | None) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if REASON_CODES[reason] == 503:
        headers.append((b"retry-after", str(_RETRY_AFTER_S).encode()))
    body = msgspec.json.encode(envelope(reason, language_of(locale), ""))
    await send({"type": "websocket.http.response.start", "status": REASON_CODES[reason], "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
