"""CORS by tenant: what a page may read is decided by the origins that tenants allow now."""

from __future__ import annotations

from typing import Any

from starlette.middleware.cors import CORSMiddleware

from gateway.trust.doors import Doors

_OPTIONS: dict[str, Any] = {
    "allow_methods": ["GET", "POST", "HEAD"],
    "allow_headers": ["content-type", "accept-language", "authorization", "idempotency-key"],
    "expose_headers": ["etag", "retry-after"],
    "max_age": 86_400,
}


class _ListedOrigins(CORSMiddleware):
    def __init__(self, app: Any, doors: Doors) -> None:
        super().__init__(app, allow_origins=(), **_OPTIONS)
        self._doors = doors

    def is_allowed_origin(self, origin: str) -> bool:
        return self._doors.lists(origin)


class TenantCors:
    """Lets pages of all tenants' origins read answers; of any origin where a tenant allows any.

    Whose answers they get is not decided here but by the token, see `Authenticator.authenticate`.

    Args:
        app: What is asked.
        doors: Know the tenants of now.
    """

    def __init__(self, app: Any, doors: Doors) -> None:
        self._doors = doors
        self._any = CORSMiddleware(app, allow_origins=["*"], **_OPTIONS)
        self._listed = _ListedOrigins(app, doors)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        await (self._any if self._doors.any_origin else self._listed)(scope, receive, send)
