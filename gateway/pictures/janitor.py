"""Removes what has been kept long enough: pictures by the retention, parts of uploads that nobody finished.

Every gateway of a deployment does it; to remove twice is no error. For a large bucket, a lifecycle rule of the store's
own on `kept/` does the same without listing.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from gateway.pictures.names import KEPT, PARTIAL
from gateway.pictures.store import ObjectStore, erase
from servicekit.background import stop
from servicekit.errors import ServiceError
from servicekit.telemetry import get_logger

_DAY_S = 86_400.0
_PARTIALS_EVERY_S = 600.0
_PICTURES_EVERY_S = 6 * 3600.0
_JITTER = 0.2
_log = get_logger("gateway.pictures.janitor")


class Janitor:
    """Sweeps a store as long as it is started.

    Args:
        store: What to sweep.
        pictures_days: Age at which pictures go.
        upload_life_s: Age at which parts of unfinished uploads go.
        clock: Wall clock in seconds since 1970.
        rng: Spreads the gateways.
    """

    def __init__(
        self,
        store: ObjectStore,
        *,
        pictures_days: float,
        upload_life_s: float,
        clock: Callable[[], float] = time.time,
        rng: random.Random | None = None,
    ) -> None:
        self._store, self._clock, self._rng = store, clock, rng or random.Random()
        self._pictures_s, self._upload_life_s = pictures_days * _DAY_S, upload_life_s
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins; the first sweep comes some time later, so that a restart is not burdened."""
        self._tasks = [
            asyncio.create_task(self._every(_PARTIALS_EVERY_S, self.sweep_partials)),
            asyncio.create_task(self._every(_PICTURES_EVERY_S, self.sweep_pictures)),
        ]

    async def stop(self) -> None:
        """Ends; a sweep that is under way is left undone."""
        await stop(self._tasks)

    async def sweep_partials(self) -> int:
        """Removes parts of uploads that rest too long; how many."""
        return await erase(self._store, PARTIAL, before_s=self._clock() - self._upload_life_s)

    async def sweep_pictures(self) -> int:
        """Removes pictures that are older than the retention; how many objects."""
        return await erase(self._store, KEPT, before_s=self._clock() - self._pictures_s)

    async def _every(self, period_s: float, sweep: Callable[[], object]) -> None:
        while True:
            await asyncio.sleep(period_s * self._rng.uniform(1.0 - _JITTER, 1.0 + _JITTER))
            try:
                removed = await sweep()  # type: ignore[misc]
            except ServiceError as error:
                _log.warning("sweep failed", reason=error.reason)
            else:
                if removed:
                    _log.info("swept", objects=removed)
