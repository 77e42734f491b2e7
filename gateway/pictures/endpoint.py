"""`/v1/images`: pictures in and out over HTTP."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.edge.actions import Visitor
from gateway.envelopes import error_response, json_response, on_service_error
from gateway.metrics import EdgeMetrics
from gateway.pictures.desk import MAX_KEY_CHARS, MEDIA_TYPE, KeptPicture, PictureDesk
from gateway.pictures.links import VARIANTS, PictureLinks
from gateway.pictures.quota import Quota
from gateway.pictures.upload import read_upload
from gateway.static_files import matches
from gateway.sticker_images import preferred_type
from gateway.trust.authenticator import Authenticator
from gateway.trust.identity import require
from servicekit.errors import ServiceError, invalid, unavailable
from servicekit.tenants import Scope

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_PLAIN = "plain"  # `&as=plain`: PNG or JPEG whatever is accepted, for the fallback of a `<picture>`
_MAX_READING = 32  # uploads whose body is in memory, at most 5 MiB each


class PictureEndpoint:
    """Takes uploads of visitors and serves signed links.

    Args:
        desk: Keeps and finds pictures.
        links: Makes and checks links.
        authenticator: Tells whose an upload is.
        quota: How many a visitor may send.
        metrics: Where refusals before the desk are counted.
    """

    def __init__(
        self,
        desk: PictureDesk,
        links: PictureLinks,
        authenticator: Authenticator,
        quota: Quota,
        metrics: EdgeMetrics,
    ) -> None:
        self._desk, self._links, self._authenticator, self._quota = desk, links, authenticator, quota
        self._metrics = metrics
        self._reading = 0

    def routes(self) -> list[Route]:
        """What the application routes here."""
        return [
            Route("/v1/images", self._upload, methods=_METHODS),
            Route("/v1/images/{image_id}/{variant}", self._show, methods=["GET"]),
        ]

    def view(self, kept: KeptPicture) -> dict[str, Any]:
        """A kept picture as its owner is told of it."""
        return {
            "id": kept.id,
            "url": self._links.path(kept.id, "full"),
            "thumb_url": self._links.path(kept.id, "thumb"),
            "width": kept.width,
            "height": kept.height,
            "media_type": MEDIA_TYPE,
            "size": kept.size,
            "animated": kept.animated,
        }

    async def _upload(self, request: Request) -> Response:
        if request.method != "POST":
            raise HTTPException(405, headers={"allow": "POST"})
        try:
            kept = await self._take(request, await self._visitor(request))
        except ServiceError as error:
            answer = await on_service_error(request, error)
            answer.headers["connection"] = "close"  # the rest of the body is not wanted
            return answer
        return json_response(self.view(kept), 201)

    async def _visitor(self, request: Request) -> Visitor:
        headers = request.headers
        identity = await self._authenticator.authenticate(headers.get("authorization"), origin=headers.get("origin"))
        return require(identity, Scope.CUSTOMER)

    async def _take(self, request: Request, visitor: Visitor) -> KeptPicture:
        key = request.headers.get("idempotency-key", "")
        if len(key) > MAX_KEY_CHARS:
            raise invalid("INVALID_UPLOAD", f"Idempotency-Key: at most {MAX_KEY_CHARS} characters")
        if self._reading >= _MAX_READING:
            raise unavailable("UNAVAILABLE", "too many uploads at the moment, try again shortly", retry_after_s=1.0)
        self._reading += 1
        try:
            with self._quota.place(visitor):
                self._quota.spend(visitor)
                upload = await read_upload(request)
        except ServiceError as error:
            self._metrics.uploads.labels(error.reason).inc()
            raise
        finally:
            self._reading -= 1
        return await self._desk.take(
            visitor, upload.data, declared_type=upload.media_type, filename=upload.filename, key=key
        )

    async def _show(self, request: Request) -> Response:
        image_id, variant = request.path_params["image_id"], request.path_params["variant"]
        if variant not in VARIANTS:
            return error_response(request, "NOT_FOUND")
        query = request.query_params
        left_s = self._links.check(image_id, variant, query.get("e", ""), query.get("s", ""))
        webp = query.get("as") != _PLAIN and preferred_type(request.headers.get("accept")) == MEDIA_TYPE
        etag = f'"{image_id}-{variant}-{"webp" if webp else "plain"}"'
        headers = {
            "cache-control": f"private, max-age={left_s}, immutable",
            "etag": etag,
            "vary": "Accept",
            "accept-ranges": "none",  # small enough to be had whole; a Range is answered by all of it
            "x-content-type-options": "nosniff",
            "content-disposition": "inline",
            "content-security-policy": "default-src 'none'; sandbox",
            "cross-origin-resource-policy": "cross-origin",  # the widget shows it on the shop's own pages
            "referrer-policy": "no-referrer",
        }
        if matches(request.headers.get("if-none-match"), etag):
            return Response(None, 304, headers)
        data, media_type = await self._desk.read(image_id, variant, webp=webp)
        return Response(data, 200, headers, media_type)
