"""Errors, metrics, health and drain through a real server and a real channel."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servicekit.channels import open_channel
from servicekit.errors import CODE_OF_GRPC, GRPC_OF_CODE, Code, ServiceError, from_rpc_error
from servicekit.lifecycle import GrpcServer
from servicekit.resilience import current_deadline
from servicekit.settings import ServiceSettings
from servicekit.telemetry import Telemetry

pytestmark = pytest.mark.integration


class Echo:
    """A service without protos: bytes in, bytes out; raises what the test puts into `error`."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.deadline_s: float | None = None
        self.hold: asyncio.Event | None = None

    async def once(self, request: bytes, context: Any) -> bytes:
        deadline = current_deadline.get()
        self.deadline_s = deadline.remaining_s if deadline else None
        if self.hold:
            await self.hold.wait()
        if self.error:
            raise self.error
        return request

    async def stream(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        async for request in requests:
            if self.error:
                raise self.error
            yield request


class Stack:
    def __init__(self, tmp_path: Any) -> None:
        settings = ServiceSettings(data_dir=tmp_path, drain_s=5)
        self.telemetry = Telemetry.create("test", settings)
        self.echo = Echo()
        self.server = GrpcServer(settings, self.telemetry, ["test.Echo"])
        handlers = {
            "Once": grpc.unary_unary_rpc_method_handler(self.echo.once),
            "Stream": grpc.stream_stream_rpc_method_handler(self.echo.stream),
        }
        self.server.server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Echo", handlers),))

    async def __aenter__(self) -> "Stack":
        port = await self.server.start()
        await self.server.set_serving(True)
        self.channel = open_channel(f"127.0.0.1:{port}", self.telemetry, retry=False)
        self.once: Any = self.channel.unary_unary("/test.Echo/Once")
        self.stream: Any = self.channel.stream_stream("/test.Echo/Stream")
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.channel.close()
        await self.server.server.stop(None)

    async def failure(self) -> ServiceError:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await self.once(b"x")
        return from_rpc_error(caught.value)


@pytest.mark.parametrize("code", list(Code))
async def test_every_code_survives_the_wire(code: Code, tmp_path: Any) -> None:
    """Code, reason, message, retryability, waiting time and facts arrive as they were sent, for every code."""
    async with Stack(tmp_path) as stack:
        stack.echo.error = ServiceError(
            code, "SOME_REASON", "what to do", retryable=True, retry_after_s=1.5, metadata={"field": "text"}
        )
        error = await stack.failure()
    assert (error.code, error.reason, error.message) == (code, "SOME_REASON", "what to do")
    assert (error.retryable, error.retry_after_s, error.metadata) == (True, 1.5, {"field": "text"})


def test_the_tables_are_complete() -> None:
    """No code and no status can appear that has no counterpart."""
    assert set(GRPC_OF_CODE) == set(Code)
    assert set(CODE_OF_GRPC) == set(grpc.StatusCode) - {grpc.StatusCode.OK}


async def test_an_unknown_exception_tells_nothing(tmp_path: Any) -> None:
    """What a bug says stays in the log: the peer reads a constant."""
    async with Stack(tmp_path) as stack:
        stack.echo.error = RuntimeError("password is hunter2")
        error = await stack.failure()
    assert (error.code, error.message) == (Code.INTERNAL, "internal error")
    assert "trace_id" in error.metadata


async def test_an_error_in_the_middle_of_a_stream_is_typed(tmp_path: Any) -> None:
    """A stream that has answered already ends with the status, too."""
    async with Stack(tmp_path) as stack:
        call = stack.stream()
        await call.write(b"a")
        assert await call.read() == b"a"
        stack.echo.error = ServiceError(Code.EXHAUSTED, "SLOW", "read faster")
        await call.write(b"b")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
    assert from_rpc_error(caught.value).reason == "SLOW"


async def test_a_dead_peer_is_unavailable_and_its_text_is_not_passed_on(tmp_path: Any) -> None:
    """A plain gRPC failure becomes a retryable error without addresses in it."""
    telemetry = Telemetry.create("test", ServiceSettings(data_dir=tmp_path))
    async with open_channel("127.0.0.1:1", telemetry, retry=False) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary("/test.Echo/Once")(b"x")  # type: ignore[attr-defined]
    error = from_rpc_error(caught.value)
    assert (error.code, error.retryable) == (Code.UNAVAILABLE, True)
    assert "127.0.0.1" not in error.message


async def test_the_callers_deadline_reaches_the_handler(tmp_path: Any) -> None:
    """What is left of the caller's time is known inside."""
    async with Stack(tmp_path) as stack:
        await stack.once(b"x", timeout=7)
        assert stack.echo.deadline_s is not None
        assert 0 < stack.echo.deadline_s < 7.5
        await stack.once(b"x")
        assert stack.echo.deadline_s is None


async def test_rpcs_are_counted_by_method_and_code(tmp_path: Any) -> None:
    """Metrics tell success from failure; nothing stays active."""
    async with Stack(tmp_path) as stack:
        await stack.once(b"x")
        stack.echo.error = ServiceError(Code.NOT_FOUND, "GONE", "gone")
        await stack.failure()
        value = stack.telemetry.registry.get_sample_value
        labels = {"method": "/test.Echo/Once"}
        assert value("stickerdesk_rpc_total", {**labels, "code": "OK"}) == 1
        assert value("stickerdesk_rpc_total", {**labels, "code": "NOT_FOUND"}) == 1
        assert value("stickerdesk_rpc_active", labels) == 0


async def test_drain_finishes_what_is_in_flight_and_refuses_the_new(tmp_path: Any) -> None:
    """Health says not serving first; the running call ends well; a new one is refused."""
    async with Stack(tmp_path) as stack:
        health_stub: Any = health_pb2_grpc.HealthStub(stack.channel)
        stack.echo.hold = asyncio.Event()
        running = asyncio.ensure_future(stack.once(b"x"))
        while stack.telemetry.registry.get_sample_value("stickerdesk_rpc_active", {"method": "/test.Echo/Once"}) != 1:
            await asyncio.sleep(0.01)
        seen = asyncio.Event()

        async def on_drain() -> None:
            seen.set()

        stopping = asyncio.create_task(stack.server.stop(on_drain))
        answer = await health_stub.Check(health_pb2.HealthCheckRequest())
        assert answer.status == health_pb2.HealthCheckResponse.NOT_SERVING
        await seen.wait()
        stack.echo.hold.set()
        assert await running == b"x"
        await stopping
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stack.once(b"late")
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_taken_port_is_said(tmp_path: Any) -> None:
    """The second server on a port fails in plain words."""
    async with Stack(tmp_path) as stack:
        settings = ServiceSettings(data_dir=tmp_path, listen=f"127.0.0.1:{stack.server.port}")
        with pytest.raises(OSError, match="port taken"):
            await GrpcServer(settings, Telemetry.create("second", settings)).start()
