"""HTTP answers of the edge: JSON, and errors in the one envelope."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from opentelemetry import trace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import REASON_CODES, RULES, envelope, public_reason
from gateway.messages import Language, language_of
from servicekit.errors import Code, ServiceError
from servicekit.telemetry import get_logger

_log = get_logger("gateway.http")
_REASON_OF_STATUS = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


def request_language(request: Request) -> Language:
    """The language of an answer: `locale` in the query, else the first of Accept-Language."""
    return language_of(request.query_params.get("locale") or request.headers.get("accept-language"))


def json_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer that no cache keeps."""
    return Response(
        msgspec.json.encode(body),
        status,
        {"cache-control": "no-store", **(headers or {})},
        "application/json",
    )


def error_response(
    request: Request,
    reason: str,
    *,
    status: int | None = None,
    field: str | None = None,
    detail: str = "",
    headers: dict[str, str] | None = None,
    retry_after_s: float | None = None,
) -> Response:
    """An error of the edge's own."""
    wait_ms = None if retry_after_s is None else max(1, math.ceil(retry_after_s * 1000))
    body = envelope(
        reason, request_language(request), current_trace(), field=field, detail=detail, retry_after_ms=wait_ms
    )
    if retry_after_s is not None:
        headers = {"retry-after": str(max(1, math.ceil(retry_after_s))), **(headers or {})}
    return json_response(body, status or REASON_CODES[reason], headers)


def current_trace() -> str:
    """The request's trace id; a request outside a trace has none."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


async def on_service_error(request: Request, error: Exception) -> Response:
    """A service's error in the envelope."""
    assert isinstance(error, ServiceError)
    reason = public_reason(error)
    if error.code >= 500:
        _log.warning("request failed", path=request.scope.get("route_name", ""), reason=error.reason)
    headers = {}
    if error.code is Code.UNAUTHENTICATED:
        headers["www-authenticate"] = "Bearer"
    status = RULES[error.code].http
    return error_response(request, reason, status=status, headers=headers, retry_after_s=error.retry_after_s)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own 404 and 405 in the envelope."""
    assert isinstance(error, HTTPException)
    reason = _REASON_OF_STATUS.get(error.status_code, "INTERNAL")
    return error_response(request, reason, headers=dict(error.headers or {}))


async def on_unexpected(request: Request, error: Exception) -> Response:
    """Anything else: a constant answer; what happened goes to the log."""
    _log.error("unexpected error", exc_info=error)
    return error_response(request, "INTERNAL")
