"""Starts the real services as processes of their own, on free ports and in a folder that is thrown away."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from launcher import probes
from launcher.ports import LOOPBACK, free_ports
from launcher.process import ChildProcess
from launcher.triton import environment
from launcher.triton.repository import scan
from launcher.triton.server import EmbeddedTriton
from launcher.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parents[1]
TRITON_VENV = ROOT / ".venv-triton"
_START_S = 90.0
_POLL_S = 0.05
_GRACE_S = 5.0


class NotStarted(RuntimeError):
    """A part did not come up; the message carries its last words."""


@dataclass(frozen=True)
class Running:
    """A process that serves.

    Attributes:
        address: `host:port`.
    """

    address: str
    process: ChildProcess

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid


class Services:
    """Parts of a mesh; all are ended, last first, when the block is left.

    Args:
        folder: For their data and logs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Services:
        """Begins."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends all of them."""
        self._stack.close()

    def valkey(self) -> str:
        """An embedded Valkey; its URL."""
        server = EmbeddedValkey.start(self.folder / "valkey")
        self._stack.callback(server.stop)
        return server.url

    def triton(self) -> EmbeddedTriton | None:
        """The embedded Triton on this repository's models; None where it is not installed."""
        installed = environment.installed(TRITON_VENV)
        if installed is None:
            return None
        server = EmbeddedTriton.start(installed, scan(ROOT / "model_repository"), self.folder / "triton")
        self._stack.callback(server.stop)
        return server

    async def gateway(self, **variables: str) -> Running:
        """The gateway; ready when it has reached its orchestrator."""

        async def ready(port: int) -> bool:
            return await probes.http_ok(LOOPBACK, port, "/readyz")

        return await self._service("gateway", variables, ready)

    async def orchestrator(self, **variables: str) -> Running:
        """The orchestrator."""
        return await self._service("orchestrator", variables, grpc_ready)

    async def recommender(self, **variables: str) -> Running:
        """The recommender."""
        return await self._service("recommender", variables, grpc_ready)

    async def helper(self, module: str, ready: Callable[[int], Awaitable[bool]]) -> Running:
        """A small server of the benchmarks' own, `python -m MODULE PORT`."""
        port = free_ports(1)[0]
        return await self._spawn(module, [str(port)], {}, port, ready)

    async def _service(self, name: str, variables: dict[str, str], ready: Callable[[int], Awaitable[bool]]) -> Running:
        port = free_ports(1)[0]
        fixed = {
            f"STICKERDESK_{name.upper()}_LISTEN": f"{LOOPBACK}:{port}",
            "STICKERDESK_DATA_DIR": str(self.folder / "data"),
            "STICKERDESK_LOG_LEVEL": "warning",
            "STICKERDESK_DRAIN_S": "0",
        }
        named = {f"STICKERDESK_{key}": value for key, value in variables.items()}
        return await self._spawn(name, [], fixed | named, port, ready)

    async def _spawn(
        self, module: str, arguments: list[str], variables: dict[str, str], port: int,
        ready: Callable[[int], Awaitable[bool]],
    ) -> Running:  # fmt: skip
        log = self.folder / "logs" / f"{module}.log"
        argv = [sys.executable, "-m", module, *arguments]
        process = ChildProcess.spawn(argv, log=log, env=_environment() | variables, cwd=self.folder)
        self._stack.callback(process.stop, _GRACE_S)
        deadline = time.monotonic() + _START_S
        while not await ready(port):
            if process.returncode() is not None or time.monotonic() > deadline:
                raise NotStarted(f"{module} did not start: {process.last_words()}")
            await asyncio.sleep(_POLL_S)
        return Running(f"{LOOPBACK}:{port}", process)


async def grpc_ready(port: int) -> bool:
    """Tells whether a gRPC server on the port says SERVING."""
    return await probes.grpc_serves(f"{LOOPBACK}:{port}")


def nowhere() -> str:
    """An address where nobody listens, for a part that is meant to be missing."""
    return f"{LOOPBACK}:{free_ports(1)[0]}"


def _environment() -> dict[str, str]:
    """The caller's variables without settings of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STICKERDESK_")}
    return kept | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "protos")]), "PYTHONUNBUFFERED": "1"}
