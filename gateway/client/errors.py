"""What can go wrong, as exceptions with a stable word."""

from __future__ import annotations


class ClientError(Exception):
    """Any failure of the client.

    Attributes:
        reason: A stable word; the server's own where it gave one.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Refused(ClientError):
    """The server said no: `reason` is its word, the message its sentence in the client's language."""


class Unreachable(ClientError):
    """No server answers."""


class Stopped(ClientError):
    """The connection ended for good, or was closed here, before there was an answer."""
