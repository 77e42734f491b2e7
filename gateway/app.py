"""The edge as one ASGI application: HTTP by Starlette, `/v1/ws` by the hub."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
from opentelemetry import trace
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.desk.endpoint import DeskEndpoint
from gateway.envelopes import (
    error_response,
    json_response,
    on_http_exception,
    on_service_error,
    on_unexpected,
)
from gateway.links import LinkDesk
from gateway.operators import OperatorEndpoint
from gateway.pictures.endpoint import PictureEndpoint
from gateway.recommender_client import Found
from gateway.static_files import StaticFiles, matches
from gateway.sticker_images import StickerImages, preferred_type
from gateway.sticker_links import StickerLinks
from gateway.trust.addresses import Addresses
from gateway.trust.cors import TenantCors
from gateway.trust.doors import Doors
from gateway.trust.headers import SecurityHeaders
from gateway.views import Links
from gateway.websocket_endpoint import WebSocketEndpoint
from servicekit.errors import Code, ServiceError

MAX_QUERY_CHARS = 200
MAX_RESULTS = 100
_DEFAULT_RESULTS = 24
_FOR_EVER = "max-age=31536000, immutable"
_ASYNCAPI = Path(__file__).with_name("asyncapi.yaml")

Scope = dict[str, Any]
Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class StickerSearch(Protocol):
    """Finds stickers for the tray."""

    async def search(self, query: str, locale: str, limit: int, links: Links, packs: Sequence[str] = ()) -> Found:
        """Stickers of these packs (none named: of all) for a query, best first, with addresses by `links`."""


class EdgeApp:
    """Everything on the edge's one port.

    Args:
        endpoint: Serves the WebSockets.
        doors: Which tenant a client comes to; they make visitor tokens.
        addresses: Tell where a client is.
        links: Makes the addresses in answers.
        sticker_links: Tells who may see a sticker's picture.
        images: Serves sticker pictures.
        pictures: Takes and serves customers' pictures.
        operators: Takes what the shop's people and programs ask for.
        desk: The agent desk.
        search: Finds stickers for the tray.
        site: The pages.
        ready: Whether new work is welcome, by part; all must be true.
        tracer: Makes one span per HTTP request.
        hsts_s: Seconds that browsers are to use nothing but HTTPS; 0: it is not said.
    """

    def __init__(
        self,
        *,
        endpoint: WebSocketEndpoint,
        doors: Doors,
        addresses: Addresses,
        links: LinkDesk,
        sticker_links: StickerLinks,
        images: StickerImages,
        pictures: PictureEndpoint,
        operators: OperatorEndpoint,
        desk: DeskEndpoint,
        search: StickerSearch,
        site: StaticFiles,
        ready: Callable[[], dict[str, bool]],
        tracer: trace.Tracer,
        hsts_s: int = 0,
    ) -> None:
        self._endpoint = endpoint
        self._doors = doors
        self._addresses = addresses
        self._links = links
        self._sticker_links = sticker_links
        self._images = images
        self._pictures = pictures
        self._operators = operators
        self._desk = desk
        self._search = search
        self._site = site
        self._ready = ready
        self._tracer = tracer
        self._hsts_s = hsts_s
        self._http = self._starlette()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await self._endpoint(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        with self._tracer.start_as_current_span("edge.http"):
            await self._http(scope, receive, send)

    def _starlette(self) -> Asgi:
        get = ["GET"]
        routes = [
            Route("/healthz", self._healthz, methods=get),
            Route("/readyz", self._readyz, methods=get),
            Route("/asyncapi.yaml", self._asyncapi, methods=get),
            Route("/v1/visitors", self._visitors, methods=["GET", "POST"]),
            *self._pictures.routes(),
            *self._operators.routes(),
            *self._desk.routes(),
            Route("/v1/stickers/search", self._sticker_search, methods=get),
            Route("/stickers/{pack}/{name}/{sha}", self._sticker, methods=get),
            Route("/", self._page, methods=get),
            Route("/{path:path}", self._page, methods=get),
        ]
        headers = Middleware(SecurityHeaders, hsts_s=self._hsts_s)
        cors = Middleware(TenantCors, doors=self._doors)
        handlers: dict[Any, Any] = {
            ServiceError: on_service_error,
            HTTPException: on_http_exception,
            Exception: on_unexpected,
        }
        return Starlette(routes=routes, middleware=[headers, cors], exception_handlers=handlers)

    async def _healthz(self, request: Request) -> Response:
        return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})

    async def _readyz(self, request: Request) -> Response:
        parts = self._ready()
        ready = all(parts.values())
        return json_response({"ready": ready, "parts": parts}, 200 if ready else 503)

    async def _asyncapi(self, request: Request) -> Response:
        return Response(_ASYNCAPI.read_bytes(), 200, {"cache-control": "public, max-age=60"}, "application/yaml")

    async def _visitors(self, request: Request) -> Response:
        if request.method != "POST":  # said here, for the route of the pages takes any other GET
            raise HTTPException(405, headers={"allow": "POST"})
        door = self._doors.choose(request.headers.get("origin"), request.query_params.get("tenant"))
        token, visitor = self._doors.step(door, self._addresses.of(request.scope)).issue()
        return json_response({"token": token, "expires_at": int(visitor.expires_at_s)}, 201)

    async def _sticker_search(self, request: Request) -> Response:
        query = request.query_params.get("q", "").strip()
        if not 1 <= len(query) <= MAX_QUERY_CHARS:
            return error_response(request, "INVALID_QUERY", field="q", detail=f"1 to {MAX_QUERY_CHARS} characters")
        limit = _number(request.query_params.get("limit"), _DEFAULT_RESULTS)
        if limit is None or not 1 <= limit <= MAX_RESULTS:
            return error_response(request, "INVALID_QUERY", field="limit", detail=f"1 to {MAX_RESULTS}")
        door = self._doors.choose(request.headers.get("origin"), request.query_params.get("tenant"))
        if door.packs is not None and not door.packs:
            found = Found((), False, "")
        else:
            locale, links = request.query_params.get("locale", "")[:35], self._links.of(door.tenant)
            found = await self._search.search(query, locale, limit, links, door.packs or ())
        headers = {"cache-control": "public, max-age=60", "vary": "Origin"}  # the page decides the tenant
        return json_response(msgspec.to_builtins(found), headers=headers)

    async def _sticker(self, request: Request) -> Response:
        params = request.path_params
        identity, sha = f"{params['pack']}/{params['name']}", params["sha"]
        query = request.query_params
        try:
            public = self._sticker_links.check(identity, sha, query.get("t", ""), query.get("s", ""))
        except ServiceError:
            return error_response(request, "STICKER_NOT_FOUND")
        media_type = preferred_type(request.headers.get("accept"))
        etag = f'"{sha}-{media_type.rpartition("/")[2]}"'
        headers = {
            "cache-control": f"{'public' if public else 'private'}, {_FOR_EVER}",
            "etag": etag,
            "vary": "Accept",
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'",
            "access-control-allow-origin": "*",  # cached for ever, so it must not hang on who asked first
        }
        try:
            data = await self._images.get(identity, sha, media_type)
        except ServiceError as error:
            if error.code in {Code.NOT_FOUND, Code.INVALID}:
                return error_response(request, "STICKER_NOT_FOUND")
            raise
        if matches(request.headers.get("if-none-match"), etag):
            return Response(None, 304, headers)
        return Response(data, 200, headers, media_type)

    async def _page(self, request: Request) -> Response:
        path = request.path_params.get("path") or "index.html"
        answer = self._site.respond(request, f"{path}index.html" if path.endswith("/") else path)
        return answer if answer is not None else error_response(request, "NOT_FOUND")


def _number(text: str | None, default: int) -> int | None:
    if text is None:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
