"""Several gateway processes on one port: the kernel hands each new connection to one of them (SO_REUSEPORT).

Each is an ordinary gateway with a registry of its own, on the metrics port counted up from the configured one; caps of
connections hold in each. What concerns all of them, such as a customer's allowance, is shared over Redis, as between
gateways on several machines.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process

from gateway.server import bound
from gateway.settings import GatewaySettings
from servicekit.settings import split_address
from servicekit.telemetry import get_logger

_AGAIN_S = 1.0

_log = get_logger("gateway.workers")


class Workers:
    """Starts the processes, starts one that died again, and ends all of them together.

    Args:
        settings: What the gateway was told; every worker reads the same environment.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._processes: dict[int, Process] = {}
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """Serves until a signal; the exit status.

        Raises:
            OSError: The address is taken or not ours.
        """
        host, _ = split_address(self._settings.listen)
        with bound(self._settings.listen, shared=True) as place:  # held, not listened on: keeps a port that was 0
            listen = f"{host}:{place.getsockname()[1]}"
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._stop)
            statuses = await asyncio.gather(*(self._keep(index, listen) for index in range(self._settings.workers)))
        return max(statuses)

    def _stop(self) -> None:
        self._stopping.set()
        for process in self._processes.values():
            if process.returncode is None:
                process.terminate()

    async def _keep(self, index: int, listen: str) -> int:
        while True:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "gateway", env=os.environ | self._environment(index, listen)
            )
            self._processes[index] = process
            if self._stopping.is_set():
                process.terminate()
            status = await process.wait()
            if self._stopping.is_set() or status == 2:  # 2: its settings are wrong, and will be wrong again
                return max(0, status)
            _log.error("a worker ended", worker=index, status=status)
            await asyncio.sleep(_AGAIN_S)

    def _environment(self, index: int, listen: str) -> dict[str, str]:
        own = {
            "STICKERDESK_GATEWAY_WORKERS": "1",
            "STICKERDESK_GATEWAY_SHARED_PORT": "true",
            "STICKERDESK_GATEWAY_LISTEN": listen,
        }
        if self._settings.metrics_listen:
            host, port = split_address(self._settings.metrics_listen)
            own["STICKERDESK_GATEWAY_METRICS_LISTEN"] = f"{host}:{port + index}"
        return own
