"""What the launcher can say when something cannot be started."""

from __future__ import annotations


class LauncherError(Exception):
    """A part cannot be started or reached; the message is one sentence for the person at the terminal.

    Attributes:
        advice: What to do next, or an empty string when the message already says it.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        """Keeps `message` as the exception text and `advice` beside it."""
        super().__init__(message)
        self.advice = advice

    def __str__(self) -> str:
        """Returns the message followed by the advice."""
        message = str(self.args[0])
        return f"{message} {self.advice}" if self.advice else message
