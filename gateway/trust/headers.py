"""Security headers: what browsers are told about every answer of the edge."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.datastructures import MutableHeaders

# No inline script and no inline style, no `eval`, no string that becomes HTML; workers only from files of the edge.
_PAGE_POLICY = (
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?|\[[0-9a-fA-F:.]{2,45}\](:[0-9]{1,5})?")
_EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-permitted-cross-domain-policies": "none",
}
_NOT_A_PAGE = "default-src 'none'; frame-ancestors 'none'"


def page_headers(host: str, ancestors: Sequence[str] = ()) -> dict[str, str]:
    """The headers of a page.

    Browsers differ in whether 'self' covers ws: and wss:, so both are named when the host is a plausible one.

    Args:
        host: What the client called us, for its WebSocket.
        ancestors: Origins that may show the page in a frame, beside our own.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    framing = " ".join(("frame-ancestors 'self'", *ancestors))
    headers = {
        "content-security-policy": "; ".join((*_PAGE_POLICY, f"connect-src 'self'{sockets}", framing)),
        "permissions-policy": "camera=(self), microphone=(), geolocation=()",
        "cross-origin-opener-policy": "same-origin",
    }
    if not ancestors:  # the older header can name no site but our own
        headers["x-frame-options"] = "SAMEORIGIN"
    return headers


class SecurityHeaders:
    """Gives every HTTP answer what it has not got itself.

    Args:
        app: What answers.
        hsts_s: Seconds that browsers are to use nothing but HTTPS; 0: it is not said.
    """

    def __init__(self, app: Callable[..., Any], hsts_s: int = 0) -> None:
        self._app = app
        self._headers = dict(_EVERYWHERE)
        if hsts_s:
            self._headers["strict-transport-security"] = f"max-age={hsts_s}; includeSubDomains"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if not headers.get("content-type", "").startswith("text/javascript"):  # it would bind workers too
                    headers.setdefault("content-security-policy", _NOT_A_PAGE)
            await send(message)

        await self._app(scope, receive, send_with_headers)
