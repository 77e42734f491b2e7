"""Finds the stack that runs on a data folder."""

from __future__ import annotations

from launcher import runfile
from launcher.errors import LauncherError
from launcher.settings import LauncherSettings


def require(settings: LauncherSettings) -> runfile.RunFile:
    """Returns the running stack.

    Raises:
        LauncherError: None runs.
    """
    running = runfile.read(settings.data_dir)
    if running is None:
        raise LauncherError(f"No stack runs on {settings.data_dir}.", "Start one: stickerdesk up (make run).")
    return running
