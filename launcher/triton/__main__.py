"""Runs a command beside the embedded Triton: `python -m launcher.triton -- COMMAND…`.

The command finds the server by `STICKERDESK_TRITON_URL`, as the services do, and the server ends with it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from launcher import settings as settings_module
from launcher.errors import LauncherError
from launcher.triton import environment
from launcher.triton.repository import scan
from launcher.triton.server import EmbeddedTriton


def main() -> int:
    """Starts the server, runs the command, stops the server; the command's exit status."""
    parser = argparse.ArgumentParser(prog="python -m launcher.triton", description=__doc__)
    parser.add_argument("command", nargs="+", help="what to run, after --")
    command: list[str] = parser.parse_args().command
    try:
        settings = settings_module.load()
        installed = environment.ensure(settings.triton_venv, say=lambda text: print(text, file=sys.stderr))
        with tempfile.TemporaryDirectory(prefix="stickerdesk-triton-") as folder:
            server = EmbeddedTriton.start(installed, scan(settings.model_repository), Path(folder))
            try:
                told = os.environ | {"STICKERDESK_TRITON_URL": server.url}
                return subprocess.run(command, env=told, check=False).returncode
            finally:
                server.stop()
    except LauncherError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
