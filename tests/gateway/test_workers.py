"""Several gateway processes on one port."""

from __future__ import annotations

import json
import os
import signal
from asyncio.subprocess import Process

import pytest

from tests.fakes_orchestrator import OrchestratorProcess
from tests.gateway.client import Client
from tests.gateway.test_process import Start, start

pytestmark = pytest.mark.integration

__all__ = ["start"]


async def heard(process: Process, event: str) -> dict[str, object]:
    """The next record of the log with this event."""
    assert process.stderr is not None
    async for line in process.stderr:
        record: dict[str, object] = json.loads(line)
        if record.get("event") == event:
            return record
    raise AssertionError(f"no {event}")


def children(process: Process) -> list[int]:
    """The workers' pids."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


async def test_workers_share_a_port_and_one_that_dies_comes_back(
    start: Start, orchestrator: OrchestratorProcess
) -> None:
    """Clients are served by either; one is killed and started anew; a signal ends all, in peace."""
    process = await start(
        GATEWAY_LISTEN="127.0.0.1:0", GATEWAY_WORKERS="2", ORCHESTRATOR_URL=orchestrator.url, DRAIN_S="0"
    )
    ports = {(await heard(process, "listening"))["port"] for _ in range(2)}
    (port,) = ports
    for _ in range(6):
        client = await (await Client.dial(f"ws://127.0.0.1:{port}/v1/ws")).hello()
        await client.send(type="message", client_msg_id="m1", text="hello")
        await client.expect("turn_ended")
        await client.close()
    workers = children(process)
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    await heard(process, "a worker ended")
    await heard(process, "listening")
    last = await (await Client.dial(f"ws://127.0.0.1:{port}/v1/ws")).hello()
    process.terminate()
    assert (await last.closed())[0] == 1012
    assert await process.wait() == 0
