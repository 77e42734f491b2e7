"""The one table from an error to what an edge client sees: an error frame, a close code, an HTTP envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway import frames
from gateway.close_codes import CloseCode
from gateway.messages import Language, message_for
from servicekit.errors import Code, ServiceError


@dataclass(frozen=True)
class Rule:
    """How errors of one code leave the edge.

    Attributes:
        reason: The reason told when the error's own is not one of the edge's.
        close: The close code when such an error ends the upstream stream for good; None: the edge keeps the socket
            and reopens the stream.
        http: The status of an HTTP answer.
    """

    reason: str
    close: CloseCode | None
    http: int


RULES: Mapping[Code, Rule] = {
    Code.INVALID: Rule("INVALID_FRAME", CloseCode.PROTOCOL, 400),
    Code.UNAUTHENTICATED: Rule("INTERNAL", CloseCode.UNAVAILABLE, 401),
    Code.FORBIDDEN: Rule("CONVERSATION_FORBIDDEN", CloseCode.FORBIDDEN, 403),
    Code.NOT_FOUND: Rule("CONVERSATION_NOT_FOUND", CloseCode.FORBIDDEN, 404),
    Code.CONFLICT: Rule("RECONNECTING", None, 409),
    Code.PRECONDITION: Rule("INTERNAL", CloseCode.UNAVAILABLE, 409),
    Code.TOO_LARGE: Rule("TEXT_TOO_LONG", CloseCode.UNAVAILABLE, 413),
    Code.UNSUPPORTED_MEDIA: Rule("PICTURE_TYPE_UNSUPPORTED", CloseCode.UNAVAILABLE, 415),
    Code.EXHAUSTED: Rule("RATE_LIMITED", CloseCode.RATE_LIMITED, 429),
    Code.CANCELLED: Rule("RECONNECTING", None, 503),
    Code.INTERNAL: Rule("INTERNAL", None, 500),
    Code.UNIMPLEMENTED: Rule("INTERNAL", CloseCode.UNAVAILABLE, 500),
    Code.UNAVAILABLE: Rule("UNAVAILABLE", None, 503),
    Code.TIMEOUT: Rule("DEADLINE_EXCEEDED", None, 504),
}
"""Every code of `ServiceError`; a test holds it complete."""

# The reasons that clients are told to know, with their HTTP-like code; anything else becomes the rule's reason.
REASON_CODES: Mapping[str, int] = {
    "MALFORMED_JSON": 400,
    "UNKNOWN_FRAME": 400,
    "INVALID_FRAME": 400,
    "INVALID_CHUNK": 400,
    "CHECKSUM_MISMATCH": 400,
    "HELLO_REQUIRED": 400,
    "INVALID_QUERY": 400,
    "INVALID_BODY": 400,
    "INVALID_UPLOAD": 400,
    "PICTURE_EMPTY": 400,
    "PICTURE_BROKEN": 400,
    "TOKEN_MISSING": 401,
    "TOKEN_INVALID": 401,
    "TOKEN_EXPIRED": 403,
    "TOKEN_REVOKED": 403,
    "SCOPE_MISSING": 403,
    "TENANT_UNKNOWN": 403,
    "TENANT_MISMATCH": 403,
    "TOKEN_FORBIDDEN": 403,
    "CONVERSATION_FORBIDDEN": 403,
    "ORIGIN_FORBIDDEN": 403,
    "LINK_INVALID": 403,
    "LINK_EXPIRED": 403,
    "CONVERSATION_NOT_FOUND": 404,
    "ENTRY_NOT_FOUND": 404,
    "APPROVAL_UNKNOWN": 404,
    "STICKER_NOT_FOUND": 404,
    "IMAGE_NOT_FOUND": 404,
    "UPLOAD_NOT_FOUND": 404,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "REQUEST_TIMEOUT": 408,
    "CONVERSATION_CLOSED": 409,
    "ENTRY_NOT_OURS": 409,
    "ALREADY_TAKEN": 409,
    "NOT_TAKEN": 409,
    "APPROVAL_DECIDED": 409,
    "MESSAGE_ID_CONFLICT": 409,
    "IDEMPOTENCY_CONFLICT": 409,
    "UPLOAD_CONFLICT": 409,
    "FRAME_TOO_LARGE": 413,
    "TEXT_TOO_LONG": 413,
    "PICTURE_TOO_LARGE": 413,
    "PICTURE_TYPE_UNSUPPORTED": 415,
    "PICTURE_TYPE_HEIF": 415,
    "PICTURE_TYPE_MISMATCH": 415,
    "RATE_LIMITED": 429,
    "TOO_MANY_PENDING": 429,
    "INTERNAL": 500,
    "RECONNECTING": 503,
    "UNAVAILABLE": 503,
    "TOO_MANY_CONNECTIONS": 503,
    "DEADLINE_EXCEEDED": 504,
}
RETRYABLE_REASONS = frozenset(
    {
        "REQUEST_TIMEOUT",
        "RATE_LIMITED",
        "TOO_MANY_PENDING",
        "INTERNAL",
        "RECONNECTING",
        "UNAVAILABLE",
        "TOO_MANY_CONNECTIONS",
        "DEADLINE_EXCEEDED",
    }
)


def error_frame(
    reason: str,
    language: Language,
    trace_id: str,
    *,
    retry_after_ms: int | None = None,
    client_msg_id: str | None = None,
    field: str | None = None,
    detail: str = "",
    upload_id: str | None = None,
    history_id: str | None = None,
) -> frames.Error:
    """The frame for one of the edge's own reasons."""
    return frames.Error(
        code=REASON_CODES[reason],
        reason=reason,
        message=message_for(reason, language, field=field or "", detail=detail) or reason,
        retryable=reason in RETRYABLE_REASONS,
        trace_id=trace_id,
        retry_after_ms=retry_after_ms,
        client_msg_id=client_msg_id,
        field=field,
        upload_id=upload_id,
        history_id=history_id,
    )


def frame_of(
    error: ServiceError,
    language: Language,
    trace_id: str,
    *,
    client_msg_id: str | None = None,
    history_id: str | None = None,
) -> frames.Error:
    """The frame for an error that a service raised; what it says is the edge's own words."""
    reason = public_reason(error)
    retry_after_ms = None if error.retry_after_s is None else round(error.retry_after_s * 1000)
    return error_frame(
        reason,
        language,
        trace_id,
        retry_after_ms=retry_after_ms,
        client_msg_id=client_msg_id,
        history_id=history_id,
    )


def public_reason(error: ServiceError) -> str:
    """The reason that a client is told: the error's own where it is documented, else the code's."""
    return error.reason if error.reason in REASON_CODES else RULES[error.code].reason


def close_code_of(error: ServiceError) -> CloseCode | None:
    """How an error that ended the upstream stream closes the socket; None: it does not."""
    return RULES[error.code].close


def envelope(
    reason: str,
    language: Language,
    trace_id: str,
    *,
    field: str | None = None,
    detail: str = "",
    retry_after_ms: int | None = None,
) -> dict[str, Any]:
    """The HTTP body of an error: the same envelope as the frame's, without `type`."""
    code = REASON_CODES[reason]
    body: dict[str, Any] = {
        "code": code,
        "reason": reason,
        "message": message_for(reason, language, field=field or "", detail=detail) or reason,
        "retryable": reason in RETRYABLE_REASONS,
        "trace_id": trace_id,
    }
    if field:
        body["field"] = field
    if retry_after_ms is not None:
        body["retry_after_ms"] = retry_after_ms
    return body
