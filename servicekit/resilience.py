"""Patience and its limits: deadlines that shrink, retries with full jitter, a circuit breaker, a bulkhead.

All are pure of I/O; clock, sleep and randomness are parameters. One layer retries per hop, never after the first
streamed chunk (see the house style).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import TypeVar

from servicekit.errors import ServiceError, exhausted, timeout, unavailable

T = TypeVar("T")
Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Deadline:
    """A moment after which nobody waits any more.

    Attributes:
        at_s: The moment, on `clock`'s scale, in seconds.
    """

    at_s: float
    clock: Clock = field(default=time.monotonic, compare=False)

    @classmethod
    def after(cls, seconds: float, clock: Clock = time.monotonic) -> Deadline:
        """The deadline `seconds` from now."""
        return cls(clock() + seconds, clock)

    @property
    def remaining_s(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.at_s - self.clock())

    @property
    def expired(self) -> bool:
        """Whether it has passed."""
        return self.remaining_s <= 0.0

    def shrink(self, seconds: float) -> Deadline:
        """The earlier of this and `seconds` from now: what a step may use of the whole."""
        return Deadline(min(self.at_s, self.clock() + seconds), self.clock)

    def check(self, what: str) -> None:
        """Raises `DEADLINE_EXCEEDED` when it has passed; `what` names the step for people."""
        if self.expired:
            raise timeout("DEADLINE_EXCEEDED", f"{what} took too long, try again")


current_deadline: ContextVar[Deadline | None] = ContextVar("current_deadline", default=None)
"""The deadline of the request being served, set by the server's interceptor."""


def backoff(attempt: int, *, base_s: float, cap_s: float, rng: random.Random) -> float:
    """Seconds to wait before attempt `attempt + 1`: full jitter.

    Uniform in [0, min(cap_s, base_s * 2**attempt)], attempt from 0. Source: AWS Architecture Blog, "Exponential
    Backoff And Jitter".
    """
    return rng.uniform(0.0, min(cap_s, base_s * 2.0 ** min(attempt, 32)))


async def retry(
    call: Callable[[], Awaitable[T]],
    *,
    attempts: int,
    deadline: Deadline,
    base_s: float = 0.1,
    cap_s: float = 2.0,
    rng: random.Random | None = None,
    sleep: Sleep = asyncio.sleep,
) -> T:
    """Calls until it succeeds, the error is not retryable, attempts are used up or the deadline leaves no room.

    Raises:
        ServiceError: The last error.
    """
    rng = rng or random.Random()
    for attempt in range(attempts):
        try:
            return await call()
        except ServiceError as error:
            wait_s = backoff(attempt, base_s=base_s, cap_s=cap_s, rng=rng)
            wait_s = max(wait_s, error.retry_after_s or 0.0)
            if not error.retryable or attempt + 1 == attempts or wait_s >= deadline.remaining_s:
                raise
        await sleep(wait_s)
    raise ValueError("attempts must be at least 1")


class BreakerState(Enum):
    """Closed: calls pass. Open: calls are refused. Half-open: one call is let through to try."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class CircuitBreaker:
    """Refuses calls to a part that keeps failing, and tries it again after a pause.

    `failure_threshold` failures in a row open it; after `reset_s` one call may try; its success closes it, its failure
    opens it for another `reset_s`. Only `ServiceError.retryable` failures and exceptions that are not a `ServiceError`
    count: a refused request says nothing about the part's health. A cancelled call counts as neither.

    Source: Nygard, "Release It!", ch. 5.
    """

    def __init__(
        self, name: str, *, failure_threshold: int = 5, reset_s: float = 10.0, clock: Clock = time.monotonic
    ) -> None:
        self.name = name
        self._threshold = failure_threshold
        self._reset_s = reset_s
        self._clock = clock
        self._failures = 0
        self._opened_at_s: float | None = None
        self._trial_running = False

    @property
    def state(self) -> BreakerState:
        """The state now."""
        if self._opened_at_s is None:
            return BreakerState.CLOSED
        waited = self._clock() - self._opened_at_s >= self._reset_s
        return BreakerState.HALF_OPEN if waited else BreakerState.OPEN

    def allow(self) -> bool:
        """Whether a call may go now; a half-open breaker lets one through until it is told how that ended."""
        state = self.state
        if state is BreakerState.HALF_OPEN and not self._trial_running:
            self._trial_running = True
            return True
        return state is BreakerState.CLOSED

    def record_success(self) -> None:
        """The call succeeded."""
        self._failures, self._opened_at_s, self._trial_running = 0, None, False

    def record_failure(self) -> None:
        """The call failed in a way that tells of the part's health."""
        self._failures += 1
        self._trial_running = False
        if self._opened_at_s is not None or self._failures >= self._threshold:
            self._opened_at_s = self._clock()

    def record_unknown(self) -> None:
        """The call ended without telling anything (cancelled, refused)."""
        self._trial_running = False

    async def __aenter__(self) -> None:
        """Raises `CIRCUIT_OPEN` (503) when calls are refused."""
        if not self.allow():
            raise unavailable("CIRCUIT_OPEN", f"{self.name} is failing, try again shortly", retry_after_s=self._reset_s)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Records how the call ended."""
        if error is None:
            self.record_success()
        elif isinstance(error, ServiceError) and not error.retryable:
            self.record_unknown()
        elif isinstance(error, Exception):
            self.record_failure()
        else:
            self.record_unknown()


class Bulkhead:
    """At most `limit` at once, at most `queue` waiting; more is refused at once with `OVERLOADED` (429)."""

    def __init__(self, name: str, *, limit: int, queue: int = 0) -> None:
        self.name = name
        self._slots = asyncio.Semaphore(limit)
        self._queue = queue
        self._waiting = 0

    async def __aenter__(self) -> None:
        """Waits for a place.

        Raises:
            ServiceError: OVERLOADED, when the queue is full.
        """
        if self._slots.locked() and self._waiting >= self._queue:
            raise exhausted("OVERLOADED", f"{self.name} is busy, try again shortly", retry_after_s=1.0)
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Gives the place back."""
        self._slots.release()
