"""Clients of Triton, on servers that speak the little that is needed of its protocol."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest
from tritonclient.grpc import service_pb2, service_pb2_grpc

from servicekit.triton import open_triton

pytestmark = pytest.mark.integration


class Replica(service_pb2_grpc.GRPCInferenceServiceServicer):
    """Says that it lives, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def ServerLive(self, request: Any, context: Any) -> Any:
        self.asked += 1
        return service_pb2.ServerLiveResponse(live=True)


async def test_replicas_share_the_work_and_a_lost_one_is_left_out() -> None:
    """A second Triton takes its part; when one goes, the other answers."""
    replicas, ports, servers = [Replica(), Replica()], [], []
    async with AsyncExitStack() as stack:
        for replica in replicas:
            server = grpc.aio.server()
            service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(replica, server)
            ports.append(server.add_insecure_port("127.0.0.1:0"))
            await server.start()
            stack.push_async_callback(server.stop, None)
            servers.append(server)
        client = open_triton("ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports))
        stack.push_async_callback(client.close)
        while not all(replica.asked for replica in replicas):  # the second connects a moment after the first
            assert await client.is_server_live(client_timeout=10)
        await servers[0].stop(None)
        for _ in range(4):
            assert await client.is_server_live(client_timeout=10)
