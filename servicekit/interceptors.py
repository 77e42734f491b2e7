"""Server interceptors: errors to statuses, access log, metrics, deadline. In that order, outermost first.

One wrapper serves all four kinds of RPC, so that each concern is written once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from servicekit.errors import ServiceError, from_rpc_error, internal, to_status
from servicekit.resilience import Deadline, current_deadline
from servicekit.telemetry import get_logger, trace_id
from servicekit.tracing import UNTRACED

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RpcMetrics:
    """The metrics of a server's RPCs.

    `stickerdesk_rpc_seconds{method,code}`: time per unary RPC; `stickerdesk_rpc_total{method,code}`: ended RPCs;
    `stickerdesk_rpc_active{method}`: running now. Streams count in the last two.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.seconds = Histogram(
            "stickerdesk_rpc_seconds", "Time per unary RPC", ("method", "code"), registry=registry, buckets=_BUCKETS_S
        )
        self.total = Counter("stickerdesk_rpc", "Ended RPCs", ("method", "code"), registry=registry)
        self.active = Gauge("stickerdesk_rpc_active", "RPCs running now", ("method",), registry=registry)


class ServiceInterceptor(grpc.aio.ServerInterceptor):
    """Turns errors into statuses, logs and counts each RPC, and sets `current_deadline`."""

    def __init__(self, metrics: RpcMetrics) -> None:
        self._metrics = metrics
        self._log = get_logger("rpc")

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Wraps the method's handler in its own kind."""
        handler: Any = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or method.startswith(UNTRACED):
            return handler
        for kind, make in _HANDLERS.items():
            if (inner := getattr(handler, kind, None)) is not None:
                wrapped = self._stream(method, inner) if kind.endswith("_stream") else self._unary(method, inner)
                return make(
                    wrapped,
                    request_deserializer=handler.request_deserializer,
                    response_serializer=handler.response_serializer,
                )
        return handler

    def _unary(self, method: str, inner: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            async with _Observed(self._metrics, self._log, method, context, timed=True):
                return await inner(request, context)

        return call

    def _stream(self, method: str, inner: Callable[..., AsyncIterator[Any]]) -> Callable[..., AsyncIterator[Any]]:
        async def call(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[Any]:
            async with _Observed(self._metrics, self._log, method, context, timed=False):
                responses: Any = inner(request, context)
                if hasattr(responses, "__aiter__"):
                    async for response in responses:
                        yield response
                else:  # a handler that writes through the context instead of yielding
                    await responses

        return call


_HANDLERS: dict[str, Callable[..., Any]] = {
    "unary_unary": grpc.unary_unary_rpc_method_handler,
    "unary_stream": grpc.unary_stream_rpc_method_handler,
    "stream_unary": grpc.stream_unary_rpc_method_handler,
    "stream_stream": grpc.stream_stream_rpc_method_handler,
}


class _Observed:
    """One RPC from its start to its end."""

    def __init__(self, metrics: RpcMetrics, log: Any, method: str, context: Any, *, timed: bool) -> None:
        self._metrics, self._log, self._method, self._context, self._timed = metrics, log, method, context, timed
        self._started_s = 0.0

    async def __aenter__(self) -> None:
        self._started_s = time.monotonic()
        self._metrics.active.labels(self._method).inc()
        remaining_s = self._context.time_remaining()
        current_deadline.set(Deadline.after(remaining_s) if remaining_s is not None else None)

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        code, status = self._outcome(error)
        elapsed_s = time.monotonic() - self._started_s
        self._metrics.active.labels(self._method).dec()
        self._metrics.total.labels(self._method, code).inc()
        if self._timed:
            self._metrics.seconds.labels(self._method, code).observe(elapsed_s)
        self._log.debug("rpc", method=self._method, code=code, ms=round(elapsed_s * 1000, 1))
        if status is not None:
            await self._context.abort_with_status(status)

    def _outcome(self, error: BaseException | None) -> tuple[str, grpc.Status | None]:
        """The status's name, and the status to end the RPC with where it is not set yet."""
        if error is None:
            return "OK", None
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            return "CANCELLED", None
        if isinstance(error, grpc.aio.AbortError):  # the handler has set its own status
            return str(getattr(self._context.code(), "name", self._context.code())), None
        known = _known(error)
        if known is None:
            self._log.error("unexpected error", method=self._method, exc_info=error)
            known = internal(metadata={"trace_id": trace_id()})
        elif known.code >= 500:
            self._log.warning("rpc failed", method=self._method, reason=known.reason)
        status = to_status(known)
        return status.code.name, status


def _known(error: BaseException) -> ServiceError | None:
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, grpc.RpcError):  # a peer's error that nobody handled passes on with its meaning
        return from_rpc_error(error)
    return None
