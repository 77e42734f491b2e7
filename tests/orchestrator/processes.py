"""Real orchestrator processes, to be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_ROOT = Path(__file__).parents[2]


class Process:
    """An orchestrator of its own."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process = process
        self.url = url

    async def kill(self) -> None:
        """Kill -9."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
        await self._process.wait()

    async def terminate(self) -> int:
        """SIGTERM, as a deployment does; the exit code."""
        if self._process.returncode is None:
            self._process.terminate()
        return await self._process.wait()


@asynccontextmanager
async def process(redis_url: str, data_dir: Path, **settings: object) -> AsyncIterator[Process]:
    """Starts `python -m orchestrator`; Triton and the recommender are out of reach unless set."""
    env = {
        **os.environ,
        "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'protos'}",
        "STICKERDESK_REDIS_URL": redis_url,
        "STICKERDESK_TRITON_URL": "127.0.0.1:1",
        "STICKERDESK_RECOMMENDER_URL": "127.0.0.1:1",
        "STICKERDESK_DATA_DIR": str(data_dir),
        "STICKERDESK_ORCHESTRATOR_LISTEN": "127.0.0.1:0",
        **{f"STICKERDESK_ORCHESTRATOR_{name.upper()}": str(value) for name, value in settings.items()},
    }
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "orchestrator", cwd=_ROOT, env=env, stdout=asyncio.subprocess.PIPE,
        stderr=(data_dir / f"orchestrator-{id(settings)}.log").open("wb"),
    )  # fmt: skip
    assert started.stdout is not None
    line = await started.stdout.readline()
    assert line.startswith(b"port "), line
    made = Process(started, f"127.0.0.1:{int(line.split()[1])}")
    try:
        yield made
    finally:
        await made.kill()
