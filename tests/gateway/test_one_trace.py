"""A case that is closed in the chat is one trace, from the edge to the tools, as a collector of traces gets it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from gateway.__main__ import Gateway
from gateway.settings import GatewaySettings
from servicekit.telemetry import Telemetry
from tests.gateway.client import Client
from tests.gateway.mesh import NOWHERE, SECRET
from tests.orchestrator.processes import process

pytestmark = pytest.mark.integration


@dataclass
class Collector:
    """Takes spans over OTLP/HTTP.

    Attributes:
        spans: Service, name and trace of each.
    """

    url: str = ""
    spans: list[tuple[str, str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:"))
        self._take(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async def until(self, service: str) -> None:
        """Waits until a service has told something; it does so every few seconds, and when it goes."""
        async with asyncio.timeout(30):
            while not any(span[0] == service for span in self.spans):
                await asyncio.sleep(0.05)

    def _take(self, body: bytes) -> None:
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [(named["service.name"], span.name, span.trace_id.hex()) for span in scope.spans]


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """Serves."""
    made = Collector()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/traces"
    yield made
    server.close()


@asynccontextmanager
async def edge(behind: str, traces: str, folder: Path) -> AsyncIterator[int]:
    """A gateway that tells its spans; its port."""
    settings = GatewaySettings(
        listen="127.0.0.1:0", recommender_url=NOWHERE, data_dir=folder, token_secret=SECRET, drain_s=0.0,
        orchestrator_url=behind, otlp_endpoint=traces,
    )  # fmt: skip
    telemetry = Telemetry.create("gateway", settings)
    gateway = Gateway(settings, telemetry)
    yield await gateway.start()
    await gateway.stop()
    await asyncio.to_thread(telemetry.shutdown)  # it waits for the collector, which is on this loop


@pytest.mark.parametrize("question", ["my parcel hasn't moved since Tuesday", "快递三天没更新了"])
async def test_a_late_parcel_is_one_trace(redis_url: str, tmp_path: Path, question: str) -> None:
    """The handshake, the turn and each of its steps carry one trace id, over two processes; none has the words."""
    async with (
        collector() as traces,
        process(redis_url, tmp_path, redis_prefix=secrets.token_hex(4), otlp_endpoint=traces.url) as behind,
        edge(behind.url, traces.url, tmp_path) as port,
    ):
        client = await (await Client.dial(f"ws://127.0.0.1:{port}/v1/ws")).hello()
        await client.send(type="message", client_msg_id="m1", text=question)
        await client.expect("turn_ended", outcome="answered")
        answer = next(one for one in client.frames if one.get("author") == "assistant" and "text" in one)
        assert "PEACH" in answer["text"]  # the coupon
        await client.close()
        assert await behind.terminate() == 0
        await traces.until("stickerdesk-gateway")
    (turn,) = [span for span in traces.spans if span[1] == "turn"]
    together = {(service, name) for service, name, trace in traces.spans if trace == turn[2]}
    assert {
        ("stickerdesk-gateway", "edge.connect"), ("stickerdesk-orchestrator", "turn"),
        *(("stickerdesk-orchestrator", step) for step in ("understand", "act", "reply", "recommend")),
    } <= together  # fmt: skip
    assert not any(question.encode() in body for body in traces.bodies)
