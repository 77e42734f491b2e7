"""Which login links have been used, also before a restart and by another worker of this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from servicekit.desk_login import DeskLogin
from servicekit.telemetry import get_logger


class UsedLinks:
    """A name in a folder for each link that was used, until the link would have ended by itself.

    Args:
        folder: Where the names are kept; made when it is needed.
        clock: Wall clock in seconds since 1970.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock
        self._here: dict[str, float] = {}
        self._log = get_logger("gateway.desk")

    def take(self, login: DeskLogin) -> bool:
        """Uses a link up; whether it was good until now. Of several who try at once one succeeds."""
        self._tidy()
        if login.id in self._here:
            return False
        self._here[login.id] = login.expires_at_s
        if not login.id.isalnum():
            return False
        path = self._folder / login.id
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            os.utime(path, (login.expires_at_s, login.expires_at_s))
        except FileExistsError:
            return False
        except OSError as error:  # a folder that cannot be written: this process remembers it
            self._log.warning("a used link is not kept", error=error.strerror)
        return True

    def _tidy(self) -> None:
        now_s = self._clock()
        self._here = {identity: end_s for identity, end_s in self._here.items() if end_s >= now_s}
        with suppress(OSError):
            for kept in self._folder.iterdir():
                if kept.stat().st_mtime < now_s:
                    kept.unlink(missing_ok=True)
