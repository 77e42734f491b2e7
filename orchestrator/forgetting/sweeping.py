"""Runs the expiry of the shop's records again and again, as long as the process serves."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping

from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_JITTER = 0.2


class Sweeping:
    """Expires what has lived long enough.

    Args:
        expire: Does it once; tells how many rows of which table went.
        every_s: Between two runs, more or less, so that replicas do not meet.
        sleep: Passes the time.
        rng: Spreads the replicas.
    """

    def __init__(
        self, expire: Callable[[], Awaitable[Mapping[str, int]]], *, every_s: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, rng: random.Random | None = None,
    ) -> None:  # fmt: skip
        self._expire, self._every_s, self._sleep = expire, every_s, sleep
        self._rng = rng or random.Random()
        self._log = get_logger("sweeping")

    async def run(self) -> None:
        """Never returns. The first run comes some time after the start, so that a restart is not burdened."""
        while True:
            await self._sleep(self._every_s * self._rng.uniform(1 - _JITTER, 1 + _JITTER))
            try:
                gone = await self._expire()
            except ServiceError as error:
                self._log.warning("records not swept", reason=error.reason)
                continue
            if gone:
                self._log.info("records swept", **gone)
