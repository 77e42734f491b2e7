"""One error for all services, and the one mapping between it and gRPC.

A `ServiceError` says what happened in HTTP's numbers (`code`), in a stable word for machines (`reason`), in a
sentence for people (`message`), and whether trying again may help. `to_status` and `from_rpc_error` carry it over
gRPC as `google.rpc.ErrorInfo` and `RetryInfo`; the edge maps it on to frames and close codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

DOMAIN = "stickerdesk"
INTERNAL_MESSAGE = "internal error"


class Code(IntEnum):
    """What kind of error it is; numbers follow HTTP."""

    INVALID = 400
    UNAUTHENTICATED = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    CONFLICT = 409
    PRECONDITION = 412
    TOO_LARGE = 413
    UNSUPPORTED_MEDIA = 415
    EXHAUSTED = 429
    CANCELLED = 499
    INTERNAL = 500
    UNIMPLEMENTED = 501
    UNAVAILABLE = 503
    TIMEOUT = 504


GRPC_OF_CODE: Mapping[Code, grpc.StatusCode] = {
    Code.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Code.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Code.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    Code.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Code.CONFLICT: grpc.StatusCode.ALREADY_EXISTS,
    Code.PRECONDITION: grpc.StatusCode.FAILED_PRECONDITION,
    Code.TOO_LARGE: grpc.StatusCode.OUT_OF_RANGE,
    Code.UNSUPPORTED_MEDIA: grpc.StatusCode.INVALID_ARGUMENT,
    Code.EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Code.CANCELLED: grpc.StatusCode.CANCELLED,
    Code.INTERNAL: grpc.StatusCode.INTERNAL,
    Code.UNIMPLEMENTED: grpc.StatusCode.UNIMPLEMENTED,
    Code.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Code.TIMEOUT: grpc.StatusCode.DEADLINE_EXCEEDED,
}

CODE_OF_GRPC: Mapping[grpc.StatusCode, Code] = {
    grpc.StatusCode.CANCELLED: Code.CANCELLED,
    grpc.StatusCode.UNKNOWN: Code.INTERNAL,
    grpc.StatusCode.INVALID_ARGUMENT: Code.INVALID,
    grpc.StatusCode.DEADLINE_EXCEEDED: Code.TIMEOUT,
    grpc.StatusCode.NOT_FOUND: Code.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS: Code.CONFLICT,
    grpc.StatusCode.PERMISSION_DENIED: Code.FORBIDDEN,
    grpc.StatusCode.UNAUTHENTICATED: Code.UNAUTHENTICATED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: Code.EXHAUSTED,
    grpc.StatusCode.FAILED_PRECONDITION: Code.PRECONDITION,
    grpc.StatusCode.ABORTED: Code.CONFLICT,
    grpc.StatusCode.OUT_OF_RANGE: Code.TOO_LARGE,
    grpc.StatusCode.UNIMPLEMENTED: Code.UNIMPLEMENTED,
    grpc.StatusCode.INTERNAL: Code.INTERNAL,
    grpc.StatusCode.UNAVAILABLE: Code.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS: Code.INTERNAL,
}

RETRYABLE_CODES = frozenset({Code.EXHAUSTED, Code.UNAVAILABLE, Code.TIMEOUT})


class ServiceError(Exception):
    """An error that may be shown: nothing in it comes from a customer's words or a stack trace.

    Attributes:
        code: What kind it is.
        reason: Stable word in UPPER_SNAKE_CASE.
        message: What happened and what to do next, in English; edges translate by `reason`.
        retryable: Whether the same request may succeed later; by default by `code`.
        retry_after_s: Seconds to wait at least; None when there is nothing to say.
        metadata: Short facts for machines, e.g. the field that is wrong.
    """

    def __init__(
        self,
        code: Code,
        reason: str,
        message: str,
        *,
        retryable: bool | None = None,
        retry_after_s: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{int(code)} {reason}: {message}")
        self.code = code
        self.reason = reason
        self.message = message
        self.retryable = code in RETRYABLE_CODES if retryable is None else retryable
        self.retry_after_s = retry_after_s
        self.metadata = dict(metadata or {})


def invalid(reason: str, message: str, **extra: Any) -> ServiceError:
    """400: the request is wrong and stays wrong."""
    return ServiceError(Code.INVALID, reason, message, **extra)


def unauthenticated(reason: str, message: str, **extra: Any) -> ServiceError:
    """401: who it is cannot be told."""
    return ServiceError(Code.UNAUTHENTICATED, reason, message, **extra)


def forbidden(reason: str, message: str, **extra: Any) -> ServiceError:
    """403: known, but not allowed."""
    return ServiceError(Code.FORBIDDEN, reason, message, **extra)


def not_found(reason: str, message: str, **extra: Any) -> ServiceError:
    """404: no such thing."""
    return ServiceError(Code.NOT_FOUND, reason, message, **extra)


def conflict(reason: str, message: str, **extra: Any) -> ServiceError:
    """409: it clashes with what is there."""
    return ServiceError(Code.CONFLICT, reason, message, **extra)


def precondition(reason: str, message: str, **extra: Any) -> ServiceError:
    """412: not in this state."""
    return ServiceError(Code.PRECONDITION, reason, message, **extra)


def too_large(reason: str, message: str, **extra: Any) -> ServiceError:
    """413: over a size limit."""
    return ServiceError(Code.TOO_LARGE, reason, message, **extra)


def unsupported_media(reason: str, message: str, **extra: Any) -> ServiceError:
    """415: a kind of file that is not taken."""
    return ServiceError(Code.UNSUPPORTED_MEDIA, reason, message, **extra)


def exhausted(reason: str, message: str, **extra: Any) -> ServiceError:
    """429: too much at once; wait."""
    return ServiceError(Code.EXHAUSTED, reason, message, **extra)


def internal(reason: str = "INTERNAL", message: str = INTERNAL_MESSAGE, **extra: Any) -> ServiceError:
    """500: our fault."""
    return ServiceError(Code.INTERNAL, reason, message, **extra)


def unavailable(reason: str, message: str, **extra: Any) -> ServiceError:
    """503: a part is down or draining; try again."""
    return ServiceError(Code.UNAVAILABLE, reason, message, **extra)


def timeout(reason: str, message: str, **extra: Any) -> ServiceError:
    """504: no answer in time."""
    return ServiceError(Code.TIMEOUT, reason, message, **extra)


def to_status(error: ServiceError) -> grpc.Status:
    """The error as a rich gRPC status.

    `code` itself travels in the metadata as `http_code`, for two codes share one gRPC status.
    """
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    info.metadata["http_code"] = str(int(error.code))
    info.metadata["retryable"] = "true" if error.retryable else "false"
    details = [AnyMessage()]
    details[0].Pack(info)
    if error.retry_after_s is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(round(error.retry_after_s * 1000))
        details.append(AnyMessage())
        details[1].Pack(retry)
    number = code_pb2.Code.Value(GRPC_OF_CODE[error.code].name)
    rich = status_pb2.Status(code=number, message=error.message, details=details)
    status: grpc.Status = rpc_status.to_status(rich)
    return status


def from_rpc_error(error: grpc.RpcError) -> ServiceError:
    """The error that a peer meant; a plain gRPC failure (no ErrorInfo) gets the reason of its status.

    The text of a plain failure is not passed on: it may name machines.
    """
    status = error.code() if isinstance(error, grpc.Call | grpc.aio.AioRpcError) else grpc.StatusCode.UNKNOWN
    rich = _rich_status(error)
    for detail in rich.details if rich is not None else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info) and info.domain == DOMAIN:
            return _from_info(info, status, rich)
    code = CODE_OF_GRPC.get(status, Code.INTERNAL)
    return ServiceError(code, status.name, _PLAIN_MESSAGES.get(code, INTERNAL_MESSAGE))


_PLAIN_MESSAGES = {
    Code.UNAVAILABLE: "a service is out of reach, try again shortly",
    Code.TIMEOUT: "a service took too long, try again",
    Code.EXHAUSTED: "a service is overloaded, try again shortly",
    Code.CANCELLED: "the request was cancelled",
    Code.UNIMPLEMENTED: "the service does not know this request",
    Code.INVALID: "a service refused the request",
    Code.NOT_FOUND: "no such thing",
}


def _rich_status(error: grpc.RpcError) -> Any:
    try:
        if isinstance(error, grpc.aio.AioRpcError):
            return _from_trailers(error)
        return rpc_status.from_call(error) if isinstance(error, grpc.Call) else None
    except (ValueError, DecodeError):  # status and details disagree, or somebody else's trailer
        return None


def _from_trailers(error: grpc.aio.AioRpcError) -> Any:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return None


def _from_info(info: error_details_pb2.ErrorInfo, status: grpc.StatusCode, rich: Any) -> ServiceError:
    facts = dict(info.metadata)
    number = facts.pop("http_code", "")
    known = number.isdigit() and int(number) in Code.__members__.values()
    retryable = facts.pop("retryable", "") == "true"
    retry_after_s = None
    for detail in rich.details:
        retry = error_details_pb2.RetryInfo()
        if detail.Unpack(retry):
            retry_after_s = retry.retry_delay.ToMilliseconds() / 1000
    return ServiceError(
        Code(int(number)) if known else CODE_OF_GRPC.get(status, Code.INTERNAL),
        info.reason,
        rich.message,
        retryable=retryable,
        retry_after_s=retry_after_s,
        metadata=facts,
    )
