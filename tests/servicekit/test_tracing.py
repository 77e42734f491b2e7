"""Traces of incoming RPCs over a real server and a real channel."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from servicekit.telemetry import trace_id
from servicekit.tracing import TracingInterceptor

pytestmark = pytest.mark.integration

_TRACE = "0af7651916cd43dd8448eb211c80319c"
_CALLER = (("traceparent", f"00-{_TRACE}-b7ad6b7169203331-01"),)


class Served:
    """A server that answers with the trace that it finds itself in."""

    def __init__(self) -> None:
        self.spans = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.spans))
        self.server = grpc.aio.server(interceptors=[TracingInterceptor(provider)])
        handlers = {
            "Once": grpc.unary_unary_rpc_method_handler(self._once),
            "Stream": grpc.stream_stream_rpc_method_handler(self._stream),
        }
        self.server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Trace", handlers),))
        self.port = self.server.add_insecure_port("127.0.0.1:0")

    async def _once(self, request: bytes, context: Any) -> bytes:
        return trace_id().encode()

    async def _stream(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        async for _ in requests:
            yield trace_id().encode()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    made = Served()
    await made.server.start()
    yield made
    await made.server.stop(None)


async def test_a_unary_call_is_one_span_of_the_callers_trace(served: Served) -> None:
    """As the library does it."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{served.port}") as channel:
        assert await channel.unary_unary("/test.Trace/Once")(b"", metadata=_CALLER) == _TRACE.encode()
    (span,) = served.spans.get_finished_spans()
    assert span.kind is trace.SpanKind.SERVER


async def test_a_stream_has_its_span_when_it_begins(served: Served) -> None:
    """Everything in the stream belongs to the caller's trace, and the span does not wait for the end."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{served.port}") as channel:
        call: Any = channel.stream_stream("/test.Trace/Stream")(metadata=_CALLER)
        await call.write(b"")
        assert await call.read() == _TRACE.encode()
        (span,) = served.spans.get_finished_spans()
        assert span.name == "/test.Trace/Stream"
        assert trace.format_trace_id(span.context.trace_id) == _TRACE
        call.cancel()


async def test_a_stream_without_a_caller_begins_a_trace(served: Served) -> None:
    """Each stream its own."""
    seen = set()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{served.port}") as channel:
        for _ in range(2):
            call: Any = channel.stream_stream("/test.Trace/Stream")()
            await call.write(b"")
            seen.add(await call.read())
            call.cancel()
    assert len(seen) == 2
    assert b"" not in seen


async def test_a_cancelled_stream_leaves_no_word_in_the_log(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    """The library's interceptor logs a traceback for each: thousands, when a network goes down."""
    with caplog.at_level(logging.ERROR):
        async with grpc.aio.insecure_channel(f"127.0.0.1:{served.port}") as channel:
            call: Any = channel.stream_stream("/test.Trace/Stream")()
            await call.write(b"")
            await call.read()
            call.cancel()
        await served.server.stop(1)
    assert "detach" not in caplog.text


async def test_probes_leave_no_spans(served: Served) -> None:
    """A pod is asked for its health every few seconds; its collector would hold little else."""
    handler = grpc.unary_unary_rpc_method_handler(served._once)
    health = grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": handler})
    served.server.add_generic_rpc_handlers((health,))
    async with grpc.aio.insecure_channel(f"127.0.0.1:{served.port}") as channel:
        assert await channel.unary_unary("/grpc.health.v1.Health/Check")(b"", metadata=_CALLER) == b""
    assert served.spans.get_finished_spans() == ()
