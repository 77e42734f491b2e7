"""A gRPC server's end, as probes and balancers see it."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from servicekit.lifecycle import LIVENESS, GrpcServer
from servicekit.settings import ServiceSettings
from servicekit.telemetry import Telemetry

pytestmark = pytest.mark.integration

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


async def test_a_draining_server_is_alive_but_takes_no_more() -> None:
    """Liveness holds while work in flight ends, or the drain would be cut short; readiness is gone for good."""
    settings = ServiceSettings(drain_s=5)
    server = GrpcServer(settings, Telemetry.create("shop", settings), ["shop.v1.ShopService"])
    async with grpc.aio.insecure_channel(f"127.0.0.1:{await server.start()}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)

        async def asked(name: str) -> int:
            return (await stub.Check(health_pb2.HealthCheckRequest(service=name))).status

        assert [await asked(""), await asked(LIVENESS)] == [NOT_SERVING, SERVING]
        await server.set_serving(True)
        assert [await asked(""), await asked("shop.v1.ShopService"), await asked(LIVENESS)] == [SERVING] * 3
        seen: asyncio.Queue[tuple[int, int]] = asyncio.Queue()

        async def in_flight() -> None:  # runs while the server says that it is leaving
            await server.set_serving(True)
            seen.put_nowait((server_status(server, ""), server_status(server, LIVENESS)))

        await server.stop(in_flight)
    assert seen.get_nowait() == (NOT_SERVING, SERVING)


def server_status(server: GrpcServer, name: str) -> int:
    """What a probe would be told now."""
    status: int = server._health._server_status[name]
    return status
