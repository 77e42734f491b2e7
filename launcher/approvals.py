"""`stickerdesk approvals`: what waits for a person's word in the running stack, and that word."""

from __future__ import annotations

import os
import subprocess
import sys

from launcher.errors import LauncherError
from launcher.running import require
from launcher.settings import ROOT, LauncherSettings

_TIMEOUT_S = 60.0


def decide(settings: LauncherSettings, *words: str) -> None:
    """Carries out the orchestrator's own command on the running stack, and prints what it says.

    Raises:
        LauncherError: No stack runs, or the orchestrator's command refused.
    """
    argv = [sys.executable, "-m", "orchestrator.approvals", *words]
    env = _environment(settings)
    ended = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if ended.returncode != 0:
        why = ended.stderr.strip().splitlines()[-1:] or [f"status {ended.returncode}"]
        raise LauncherError(why[0])
    print(ended.stdout, end="")


def _environment(settings: LauncherSettings) -> dict[str, str]:
    """The caller's variables, and where the stack keeps its conversations: its port is another at every start."""
    redis = require(settings).parts["valkey"].address
    paths = [str(ROOT), str(ROOT / "protos"), os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "STICKERDESK_DATA_DIR": str(settings.data_dir.resolve()),
        "STICKERDESK_REDIS_URL": settings.redis_url or redis,
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
    }
