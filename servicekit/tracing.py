"""Traces of incoming RPCs: a span for each short one, a span for the beginning of each stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
from opentelemetry import context, trace
from opentelemetry.instrumentation.grpc import aio_server_interceptor
from opentelemetry.propagate import extract
from opentelemetry.sdk.trace import TracerProvider

UNTRACED = ("/grpc.health.", "/grpc.reflection.")  # probes ask every few seconds: nobody looks for their traces

Continuation = Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any] | None"]]


class TracingInterceptor(grpc.aio.ServerInterceptor):
    """The instrumentation library's interceptor, but for bidirectional streams.

    It would keep a span open for as long as a client is connected, which costs 7 KiB per connection, and it leaves a
    cancelled stream by a traceback in the log. Here a stream has a span for its beginning, which is the parent of
    whatever happens in it; spans per turn are made by hand.

    Args:
        provider: Makes the spans.
    """

    def __init__(self, provider: TracerProvider) -> None:
        library: Any = aio_server_interceptor
        self._library = library(tracer_provider=provider)
        self._tracer = provider.get_tracer("stickerdesk.rpc")

    async def intercept_service(self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Begins the trace of one RPC."""
        handler: Any = await continuation(handler_call_details)
        if handler_call_details.method.startswith(UNTRACED):
            return handler
        if handler is None or handler.stream_stream is None:

            async def known(_: grpc.HandlerCallDetails) -> Any:
                return handler

            return await self._library.intercept_service(known, handler_call_details)
        self._begin_stream(handler_call_details)
        return handler

    def _begin_stream(self, details: grpc.HandlerCallDetails) -> None:
        carrier = {key: value for key, value in details.invocation_metadata or () if isinstance(value, str)}
        begin_stream(self._tracer, details.method, carrier)


def begin_stream(tracer: trace.Tracer, method: str, carrier: Mapping[str, str]) -> None:
    """A span for a stream's beginning, in the trace of its client; the rest of the running task belongs to it.

    To be called in a task that serves this stream alone, so that nothing is left to detach when it ends.
    """
    parent = extract(carrier)
    span = tracer.start_span(method, context=parent, kind=trace.SpanKind.SERVER)
    span.end()
    context.attach(trace.set_span_in_context(span, parent))
