"""The whole mesh as `stickerdesk up` starts it, on a folder and ports of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from launcher.ports import free_ports
from tests.conftest import ROOT

_START_S = 120.0
_STOP_S = 60.0


class Stack:
    """One `stickerdesk up`.

    Args:
        folder: Where its data and its log go.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_ports(1)[0]
        self.data_dir = folder / "data"
        self._log = folder / "up.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STICKERDESK_")}
        self._env = kept | {
            "STICKERDESK_DATA_DIR": str(self.data_dir),
            "STICKERDESK_GATEWAY_LISTEN": f"127.0.0.1:{self.port}",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "protos")]),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the shop is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Runs until it says that it is ready.

        Raises:
            RuntimeError: It ended, or took too long; with all that it said.
        """
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "launcher", "up"], env=self._env, stdout=log, stderr=log
            )
        deadline = time.monotonic() + _START_S
        while "ready in" not in self._log.read_text():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the stack did not start:\n{self._log.read_text()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """One Ctrl-C; nothing when it does not run."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
