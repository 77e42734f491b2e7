"""Clients that trickle, stall or send too much: each is let go in time, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from tests.gateway.conftest import Edge

pytestmark = pytest.mark.integration

MakeEdge = Callable[..., Awaitable[Edge]]
TRICKLE_S = 0.02


async def _ends(edge: Edge, *, first: bytes, trickle: bytes) -> bytes:
    """Sends a beginning, then one piece after the other until the edge hangs up; what it said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
    writer.write(first)

    async def go_on() -> None:
        while True:
            await asyncio.sleep(TRICKLE_S)
            writer.write(trickle)
            await writer.drain()

    trickler = asyncio.create_task(go_on())
    try:
        async with asyncio.timeout(20):
            said = b""
            while piece := await reader.read(4096):
                said += piece
            return said
    except ConnectionResetError:
        return b""
    finally:
        trickler.cancel()
        await asyncio.gather(trickler, return_exceptions=True)
        writer.close()


@pytest.mark.parametrize(
    "first", [b"", b"GET / HTTP/1.1\r\nhost: x\r\n", b"GET /v1/ws HTTP/1.1\r\nupgrade: websocket\r\n"]
)
async def test_a_head_must_arrive_in_time(make_edge: MakeEdge, first: bytes) -> None:
    """However steadily it trickles; even when nothing comes at all."""
    edge = await make_edge(header_s=0.2)
    said = await _ends(edge, first=first, trickle=b"x" if first else b"")
    assert said.startswith(b"HTTP/1.1 408 ")
    assert json.loads(said.partition(b"\r\n\r\n")[2])["code"] == 408


async def test_so_must_a_later_one_on_the_same_connection(make_edge: MakeEdge) -> None:
    """A good request first buys no patience for the next."""
    edge = await make_edge(header_s=0.2)
    said = await _ends(edge, first=b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET / HT", trickle=b"T")
    assert said.startswith(b"HTTP/1.1 200 ")


async def test_a_body_must_arrive_in_time(make_edge: MakeEdge) -> None:
    """An upload that trickles gives its place back."""
    edge = await make_edge(body_s=0.3)
    async with httpx.AsyncClient(base_url=edge.http) as http:
        token = (await http.post("/v1/visitors")).json()["token"]
        head = (
            f"POST /v1/images HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: image/png\r\n"
            "content-length: 100000\r\n\r\n"
        )
        assert (await _ends(edge, first=head.encode(), trickle=b"x")).startswith(b"HTTP/1.1 408 ")
        assert (await http.get("/healthz")).status_code == 200


async def test_a_client_that_does_not_read_is_let_go(make_edge: MakeEdge, web_dir: Path) -> None:
    """Its answer is not kept in memory for ever."""
    (web_dir / "large.txt").write_bytes(b"x" * 4_000_000)
    edge = await make_edge(write_s=0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.port, limit=1024)
    transport = writer.transport
    transport.pause_reading()  # type: ignore[attr-defined]
    for _ in range(5):
        writer.write(b"GET /large.txt HTTP/1.1\r\nhost: x\r\n\r\n")
    server = edge.gateway.server._server.server_state
    async with asyncio.timeout(20):
        while not server.connections:
            await asyncio.sleep(0.01)
        while server.connections:
            await asyncio.sleep(0.01)
    writer.close()
    del reader


async def test_a_quick_client_is_not_hurried(make_edge: MakeEdge) -> None:
    """Requests one after the other on one connection, bodies included, outlast all three clocks."""
    edge = await make_edge(header_s=0.2, body_s=0.2, write_s=0.2)
    async with httpx.AsyncClient(base_url=edge.http) as http:
        for _ in range(8):
            assert (await http.post("/v1/visitors", content=b"x" * 1000)).status_code == 201
            await asyncio.sleep(0.05)
    client = await edge.join()
    await asyncio.sleep(0.3)
    await client.send(type="message", client_msg_id="m1", text="x")
    await client.expect("ack", client_msg_id="m1")


@pytest.mark.parametrize("head", [b"a" * 40_000, b"x-a: b\r\n" * 10_000])
async def test_a_head_may_not_be_large(edge: Edge, head: bytes) -> None:
    """More than 16 KiB is refused before it is all there."""
    said = await _ends(edge, first=b"GET / HTTP/1.1\r\nhost: x\r\nx: " + head, trickle=b"")
    assert said == b"" or said.startswith(b"HTTP/1.1 4")
