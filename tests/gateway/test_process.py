"""The gateway as a process: settings from the environment, signals, metrics, exit status."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from tests.fakes_orchestrator import OrchestratorProcess
from tests.gateway.client import Client

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts `python -m gateway` with STICKERDESK_ variables."""
    processes: list[Process] = []

    async def begin(**variables: str) -> Process:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("STICKERDESK_")}
        ours = {f"STICKERDESK_{name}": value for name, value in variables.items()}
        path = {"PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}", "STICKERDESK_DATA_DIR": str(tmp_path)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", env={**inherited, **path, **ours}, cwd=tmp_path, stderr=PIPE
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _port(process: Process) -> int:
    assert process.stderr is not None
    async for line in process.stderr:
        record = json.loads(line)
        if record.get("event") == "listening":
            return int(record["port"])
    raise AssertionError("the gateway did not listen")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_sigterm_drains(start: Start, orchestrator: OrchestratorProcess) -> None:
    """The answer in writing is finished, the client is sent away with 1012, the process ends with 0."""
    gate = orchestrator.script.gate(1)
    metrics = _free_port()
    process = await start(
        GATEWAY_LISTEN="127.0.0.1:0",
        GATEWAY_METRICS_LISTEN=f"127.0.0.1:{metrics}",
        ORCHESTRATOR_URL=orchestrator.url,
        DRAIN_S="20",
    )
    port = await _port(process)
    client = await Client.dial(f"ws://127.0.0.1:{port}/v1/ws")
    await client.hello()
    await client.send(type="message", client_msg_id="m1", text="hello")
    await client.expect("delta", index=0)
    async with httpx.AsyncClient() as http:
        text = (await http.get(f"http://127.0.0.1:{metrics}/metrics")).text
    assert "stickerdesk_edge_connections 1.0" in text
    assert 'stickerdesk_edge_frames_out_total{type="delta"} 1.0' in text
    process.send_signal(signal.SIGTERM)
    async with httpx.AsyncClient() as http:
        while (await http.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
            await asyncio.sleep(0.01)
    gate.set()
    assert (await client.closed())[0] == 1012
    assert client.entries() == [1, 2]
    assert await process.wait() == 0


async def test_a_wrong_setting_is_named(start: Start) -> None:
    """Exit 2 and the variable to change."""
    process = await start(GATEWAY_TOKEN_SECRET="short")
    assert process.stderr is not None
    assert b"STICKERDESK_GATEWAY_TOKEN_SECRET" in await process.stderr.read()
    assert await process.wait() == 2


async def test_a_taken_port_is_said(start: Start) -> None:
    """Exit 1 with a sentence, not a traceback."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        process = await start(GATEWAY_LISTEN=f"127.0.0.1:{holder.getsockname()[1]}")
        assert process.stderr is not None
        said = await process.stderr.read()
        assert await process.wait() == 1
    assert b"gateway: " in said
    assert b"Traceback" not in said


async def test_a_wrong_tenants_file_is_told_at_the_start(start: Start, tmp_path: Path) -> None:
    """One sentence with file, line and field, status 2, no stack trace."""
    path = tmp_path / "tenants.yaml"
    path.write_text("version: 1\ntenants:\n  acme:\n    origin: x\n")
    process = await start(GATEWAY_LISTEN="127.0.0.1:0", TENANTS_FILE=str(path))
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"STICKERDESK_TENANTS_FILE: tenants.yaml:4: tenants.acme.origin: no such field" in said
    assert b"Traceback" not in said


async def test_an_edited_tenants_file_counts_without_a_restart(start: Start, tmp_path: Path) -> None:
    """A tenant that is added while the gateway runs gets its visitors; a broken edit changes nothing."""
    path = tmp_path / "tenants.yaml"
    path.write_text("version: 1\ntenants: {acme: {}}\n")
    process = await start(GATEWAY_LISTEN="127.0.0.1:0", TENANTS_FILE=str(path), GATEWAY_DRAIN_S="0")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{await _port(process)}") as http:

        async def status(tenant: str) -> int:
            return (await http.post("/v1/visitors", params={"tenant": tenant})).status_code

        assert await status("acme") == 201
        assert await status("beta") == 403
        path.write_text("version: 1\ntenants: {acme: {}, beta: {}}\n")
        async with asyncio.timeout(20):
            while await status("beta") != 201:
                await asyncio.sleep(0.05)
        path.write_text("version: 1\ntenants: {gamma: {")
        assert process.stderr is not None
        async with asyncio.timeout(20):
            while b"the tenants file is wrong" not in await process.stderr.readline():
                pass
        assert await status("beta") == 201
