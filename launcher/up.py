"""`stickerdesk up`: runs the whole mesh on this machine until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress
from datetime import datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as distribution_version

from launcher import display, runfile
from launcher.desk import link
from launcher.errors import LauncherError
from launcher.settings import LauncherSettings
from launcher.stack import Stack, plan
from launcher.supervisor import Event, State, Supervisor

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(settings: LauncherSettings) -> None:
    """Starts every part, prints the URL and blocks until a signal has drained all.

    Raises:
        LauncherError: Somebody else runs on the data folder, or a part cannot start.
    """
    with runfile.claim(settings.data_dir):
        early = display.PlainDisplay()
        said = early.say
        stack = plan(settings, lambda text: said(text))
        started = time.monotonic()  # an installation before it is not the start
        with display.choose(stack.parts) as screen:
            said = screen.say  # the watchdog speaks where the table is
            for note in stack.notes:
                screen.say(note)
            if settings.llm_api_key is None and settings.llm_base_url is None:
                screen.say("no LLM key: the built-in retrieval engine answers")
            asyncio.run(_run(settings, stack, screen, started))


async def _run(settings: LauncherSettings, stack: Stack, screen: display.Display, started: float) -> None:
    record = RunRecord(settings, stack)

    def report(event: Event) -> None:
        record.event(event)
        screen.event(event)

    def ready() -> None:
        screen.say(f"ready in {time.monotonic() - started:.1f} s: {stack.url}  (Ctrl-C stops everything)")
        with suppress(LauncherError):  # a desk that cannot be entered this way has keys
            screen.say(f"agent desk, good for one login: {link(settings, stack.url)}  (another: stickerdesk desk)")

    supervisor = Supervisor(stack.parts, report)
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            screen.say("not waiting for the drain")
            supervisor.kill()
        else:
            screen.say("draining: no new work, ending what is in flight (again: at once)")
            stop.set()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal)
    await supervisor.run(stop, ready)
    screen.say("everything has stopped")


class RunRecord:
    """Keeps `run.json` true while the parts change."""

    def __init__(self, settings: LauncherSettings, stack: Stack) -> None:
        """Writes the first version."""
        self._data_dir = settings.data_dir
        self._file = runfile.RunFile(
            pid=os.getpid(),
            url=stack.url,
            started_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            version=launcher_version(),
            parts={
                part.name: runfile.RunningPart(part.address, part.embedded, metrics=stack.metrics.get(part.name))
                for part in stack.parts
            },
        )
        self._file.write(self._data_dir)

    def event(self, event: Event) -> None:
        """Writes the part's new state."""
        part = self._file.parts[event.part.name]
        part.state = event.state.value
        part.pid = event.pid if event.state in (State.STARTING, State.READY, State.STOPPING) else None
        self._file.write(self._data_dir)


def launcher_version() -> str:
    """Returns the installed version, or `unknown` when it runs from an uninstalled checkout."""
    try:
        return distribution_version("stickerdesk")
    except PackageNotFoundError:
        return "unknown"
