"""Writes down what people do. A deed never waits long for the records, and never fails because of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from orchestrator.backoffice.desk_records import Act
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_PATIENCE_S = 1.0
_RETRY_S = 2.0
_MOST_WAITING = 10_000
_AT_ONCE = 100


class Records(Protocol):
    """Where the audit is kept."""

    async def write(self, acts: Sequence[Act]) -> None:
        """Writes lines.

        Raises:
            ServiceError: BACKOFFICE_UNAVAILABLE.
        """
        ...


class Auditor:
    """Keeps the lines in order until they are written.

    Args:
        records: Where to.
        patience_s: How long a deed waits for its line.
        retry_s: Between tries while the records are away.
    """

    def __init__(self, records: Records, *, patience_s: float = _PATIENCE_S, retry_s: float = _RETRY_S) -> None:
        self._records, self._patience_s, self._retry_s = records, patience_s, retry_s
        self._waiting: deque[tuple[Act, asyncio.Event]] = deque(maxlen=_MOST_WAITING)
        self._writing: asyncio.Task[None] | None = None
        self._log = get_logger("audit")

    async def note(self, act: Act) -> None:
        """Returns when the line is written; when that takes long, it is written later."""
        written = asyncio.Event()
        self._waiting.append((act, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="audit")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience_s):
                await written.wait()

    async def close(self) -> None:
        """One last try for what waits; what cannot be written goes to the log."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        if self._waiting and not await self._write_some():
            for act, _ in self._waiting:
                self._log.error("a deed is not in the audit", actor=act.actor, deed=act.deed.tool, outcome=act.outcome)

    async def _write_all(self) -> None:
        while self._waiting:
            if not await self._write_some():
                await asyncio.sleep(self._retry_s)

    async def _write_some(self) -> bool:
        batch = list(self._waiting)[:_AT_ONCE]
        try:
            await self._records.write([act for act, _ in batch])
        except ServiceError as error:
            self._log.warning("the audit waits for the records", reason=error.reason, lines=len(self._waiting))
            return False
        for act, written in batch:
            if self._waiting and self._waiting[0][0] is act:  # else it was dropped for newer ones meanwhile
                self._waiting.popleft()
            written.set()
        return True
