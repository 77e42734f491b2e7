"""The shared calls of one gateway: few, spread over the orchestrators, and renewed so that new ones get their share."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from gateway.metrics import EdgeMetrics
from gateway.upstream.lane import Lane
from gateway.upstream.trunk import Trunk
from gateway.views import Links
from servicekit.errors import Code, ServiceError
from servicekit.telemetry import get_logger
from stickerdesk.orchestrator.v1 import orchestrator_pb2 as pb

_OLD_SERVER_S = 30.0

_log = get_logger("gateway.upstream")


class Trunks:
    """Opens calls when there is need, and puts each lane on the one with the fewest.

    Args:
        open_call: Opens a ConverseMany call; calls one after the other go to different orchestrators.
        metrics: Where they are counted.
        size: How many take new lanes at once.
        life_s: How long one does, give or take a fifth.
        clock: Monotonic seconds.
        rng: Where jitter comes from.
    """

    def __init__(
        self,
        open_call: Callable[[], Any],
        metrics: EdgeMetrics,
        *,
        size: int,
        life_s: float,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self._open_call = open_call
        self._metrics = metrics
        self._size = size
        self._life_s = life_s
        self._clock = clock
        self._rng = rng or random.Random()
        self._trunks: set[Trunk] = set()
        self._none_until_s = 0.0
        metrics.lanes.set_function(lambda: sum(map(len, self._trunks)))
        metrics.trunks.set_function(lambda: len(self._trunks))

    def lane(self, begin: pb.LaneBegin, links: Links) -> Lane | None:
        """Begins a lane; None when the orchestrators, or one of them, do not know what that is."""
        now_s = self._clock()
        fresh = [trunk for trunk in self._trunks if not trunk.retired]
        for trunk in fresh:
            if trunk.until_s <= now_s:
                trunk.retire()
        fresh = [trunk for trunk in fresh if not trunk.retired]
        if len(fresh) < self._size and now_s >= self._none_until_s:
            fresh = [self._open(now_s)]
        return min(fresh, key=len).lane(begin, links) if fresh else None

    def _open(self, now_s: float) -> Trunk:
        until_s = now_s + self._life_s * self._rng.uniform(0.8, 1.2)
        trunk = Trunk(self._open_call(), self._metrics, until_s=until_s, on_over=self._over)
        self._trunks.add(trunk)
        return trunk

    def _over(self, trunk: Trunk, error: ServiceError) -> None:
        self._trunks.discard(trunk)
        if error.code is Code.UNIMPLEMENTED:
            if self._none_until_s == 0.0:
                _log.warning("an orchestrator of an older version: connections get a call of their own")
            self._none_until_s = self._clock() + _OLD_SERVER_S

    def close(self) -> None:
        """Cuts all of them."""
        for trunk in tuple(self._trunks):
            trunk.cancel()
