"""Shows what the parts do: a live table in a terminal, one line per change elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from launcher.supervisor import Event, Part, State

_STYLES = {
    State.WAITING: "dim",
    State.STARTING: "yellow",
    State.READY: "green",
    State.RESTARTING: "bold red",
    State.UNREACHABLE: "bold red",
    State.STOPPING: "yellow",
    State.STOPPED: "dim",
}
_PIPE_WIDTH = 240
_NEWS = (State.RESTARTING, State.UNREACHABLE)


class Display(Protocol):
    """Where the launcher speaks."""

    def __enter__(self) -> Self:
        """Begins showing."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends showing and leaves the last state readable."""

    def event(self, event: Event) -> None:
        """Shows that a part changed its state."""

    def say(self, text: str) -> None:
        """Says one sentence."""


class PlainDisplay:
    """One line per change, for logs and pipes."""

    def __enter__(self) -> Self:
        """Begins at once."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Has nothing to end."""

    def event(self, event: Event) -> None:
        """Prints part, state, address and detail; that a part waits is no news."""
        if event.state is not State.WAITING:
            where = event.part.address if event.state in (State.STARTING, State.READY) else ""
            words = (f"{event.part.name:<13}", event.state.value, where, f"({event.detail})" if event.detail else "")
            self.say(" ".join(word for word in words if word))

    def say(self, text: str) -> None:
        """Prints a line with the time."""
        print(f"{datetime.now():%H:%M:%S} {text}", flush=True)


class LiveDisplay:
    """A table that follows the parts, with news above it."""

    def __init__(self, parts: Iterable[Part], console: Console) -> None:
        """Shows `parts` on `console`."""
        self._rows: dict[str, Event] = {part.name: Event(part, State.WAITING) for part in parts}
        self._console = console
        self._live = Live(self._table(), console=console, refresh_per_second=8)

    def __enter__(self) -> Self:
        """Draws the table."""
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves the last table on the screen."""
        self._live.stop()

    def event(self, event: Event) -> None:
        """Updates the part's row; a crash is also said above the table, where it stays."""
        self._rows[event.part.name] = event
        if event.state in _NEWS:
            self.say(f"{event.part.name} {event.state.value}: {event.detail}")
        self._live.update(self._table())

    def say(self, text: str) -> None:
        """Prints a line with the time above the table."""
        self._console.print(Text(f"{datetime.now():%H:%M:%S} {text}"))

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, show_header=False)
        for event in self._rows.values():
            state = Text(event.state.value, style=_STYLES[event.state])
            table.add_row(event.part.name, state, event.part.address, Text(event.detail, style="dim", overflow="fold"))
        return table


def console() -> Console:
    """Returns where tables are printed: as wide as the terminal, and never folded in a pipe."""
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def choose(parts: Iterable[Part]) -> Display:
    """Returns the display that fits the terminal."""
    screen = console()
    return LiveDisplay(parts, screen) if sys.stdout.isatty() and not screen.is_dumb_terminal else PlainDisplay()
