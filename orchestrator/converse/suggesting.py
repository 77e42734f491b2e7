"""As-you-type stickers for one stream: the newest request wins, and not too many of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from orchestrator.converse.events import Downward, Suggest, Suggestions
from orchestrator.recommender import Recommender
from servicekit.errors import ServiceError


class Suggesting:
    """Answers suggest requests; a newer one supersedes what is not answered yet.

    Args:
        recommender: Finds stickers.
        send: Takes the answer.
        per_s: Requests per second that are passed on; a burst of as many is allowed.
        clock: Seconds.
        sleep: Waits.
    """

    def __init__(
        self,
        recommender: Recommender,
        send: Callable[[Downward], None],
        *,
        per_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recommender, self._send, self._per_s, self._clock = recommender, send, per_s, clock
        self._tokens, self._at_s = per_s, clock()
        self._task: asyncio.Task[None] | None = None

    def ask(self, request: Suggest, language: str, tenant: str = "") -> None:
        """Takes a request."""
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._answer(request, language, tenant))

    def close(self) -> None:
        """Forgets what is not answered."""
        if self._task is not None:
            self._task.cancel()

    async def _answer(self, request: Suggest, language: str, tenant: str) -> None:
        await asyncio.sleep(self._wait_s())
        try:
            found = await self._recommender.search(request.text, language, request.limit, tenant=tenant)
        except ServiceError:
            found = ()  # no stickers while typing is not worth an error
        self._send(Suggestions(request.suggest_id, found))

    def _wait_s(self) -> float:
        """Seconds until there is a token; takes it. A request that waits may be superseded and then costs none."""
        now_s = self._clock()
        self._tokens = min(self._per_s, self._tokens + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._per_s
