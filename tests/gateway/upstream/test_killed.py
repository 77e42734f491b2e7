"""An orchestrator process is killed under hundreds of lanes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from benchmarks.null_orchestrator import ACK_ONLY
from benchmarks.services import grpc_ready
from benchmarks.visitor import Heard, Visitor
from launcher.ports import free_ports
from tests.gateway.conftest import Edge

pytestmark = pytest.mark.integration

_ROOT = Path(__file__).parents[3]
_LANES = 200


async def null_orchestrator(port: int) -> asyncio.subprocess.Process:
    """A process that answers and keeps nothing; it serves when this returns."""
    path = os.pathsep.join([str(_ROOT), str(_ROOT / "protos")])
    argv = (sys.executable, "-m", "benchmarks.null_orchestrator", str(port))
    process = await asyncio.create_subprocess_exec(*argv, cwd=_ROOT, env={**os.environ, "PYTHONPATH": path})
    async with asyncio.timeout(60):
        while not await grpc_ready(port):
            await asyncio.sleep(0.05)
    return process


async def test_kill_9_under_two_hundred_lanes(make_edge: Callable[..., Awaitable[Edge]]) -> None:
    """No socket is lost; what was said meanwhile is acknowledged by the process that comes after it, each once."""
    (port,) = free_ports(1)
    process = await null_orchestrator(port)
    edge = await make_edge(orchestrator_url=f"127.0.0.1:{port}")
    visitors = await asyncio.gather(*(Visitor(f"127.0.0.1:{edge.port}", ACK_ONLY).join() for _ in range(_LANES)))
    acks: list[str] = []

    def heard(frame: Heard) -> None:
        if frame.type == "ack":
            acks.append(frame.client_msg_id)

    assert edge.metric("stickerdesk_edge_lanes") == _LANES
    try:
        process.send_signal(signal.SIGKILL)
        await process.wait()
        for number, visitor in enumerate(visitors):
            visitor.listen = heard
            visitor.send(type="message", client_msg_id=f"m{number}", text="are you there?")
        async with asyncio.timeout(30):
            while edge.metric("stickerdesk_edge_lanes"):
                await asyncio.sleep(0.02)
        process = await null_orchestrator(port)
        async with asyncio.timeout(60):
            while len(acks) < _LANES:
                await asyncio.sleep(0.05)
        assert sorted(acks) == sorted(f"m{number}" for number in range(_LANES))
        assert not any(visitor.closed for visitor in visitors)
        assert edge.metric("stickerdesk_edge_lanes") == _LANES
        assert edge.metric("stickerdesk_edge_trunks") <= 2
    finally:
        process.kill()
        await process.wait()
        for visitor in visitors:
            visitor.drop()
