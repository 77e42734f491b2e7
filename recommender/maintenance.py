"""Keeps channels that depend on another server fresh, in the background and for as long as the process lives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from recommender.catalogue import Catalogue
from recommender.channel import Channel, ChannelDownError
from recommender.engine import Recommender
from servicekit.telemetry import get_logger

_TICK_S = 1.0
_RECHECK_TICKS = 60
_MAX_PAUSE_TICKS = 8


class RemoteChannel(Channel, Protocol):
    """A channel whose index may fall behind the model that made it."""

    @property
    def needs_rebuild(self) -> bool:
        """Whether it has no index to answer from."""

    async def is_stale(self) -> bool:
        """Tells whether the index must be made again. Raises `ChannelDownError`."""


class Maintenance:
    """Refreshes one channel when the catalogue or its model has changed, patiently while its server is down."""

    def __init__(
        self,
        recommender: Recommender,
        channel: RemoteChannel,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._recommender = recommender
        self._channel = channel
        self._sleep = sleep
        self._fresh_for: Catalogue | None = None
        self._ticks = 0
        self._failures = 0
        self._wait_until = 0
        self._log = get_logger("maintenance")

    async def run(self) -> None:
        """Runs until cancelled."""
        while True:
            await self.step()
            await self._sleep(_TICK_S)

    async def step(self) -> None:
        """Does what is due now; never raises but for cancellation."""
        self._ticks += 1
        if self._ticks < self._wait_until:
            return
        try:
            await self._recommender.reload_if_changed()
            await self._refresh_if_due()
            self._failures = 0
        except ChannelDownError as error:
            self._failures += 1
            self._wait_until = self._ticks + min(_MAX_PAUSE_TICKS, 2 ** (self._failures - 1))
            if self._failures == 1:
                self._log.warning("channel is down", channel=self._channel.kind.value, problem=str(error))
        except Exception:
            # The loop must outlive a broken pack or a full disk; the channel answers from its last index meanwhile.
            self._log.exception("maintenance failed", channel=self._channel.kind.value)
            self._wait_until = self._ticks + _MAX_PAUSE_TICKS

    async def _refresh_if_due(self) -> None:
        catalogue = self._recommender.catalogue
        recheck = self._ticks % _RECHECK_TICKS == 0 or self._failures > 0 or self._channel.needs_rebuild
        if catalogue is self._fresh_for and not (recheck and await self._channel.is_stale()):
            return
        await self._channel.refresh(catalogue)
        self._fresh_for = catalogue
