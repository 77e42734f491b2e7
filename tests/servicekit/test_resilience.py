import asyncio
import random

import pytest

from servicekit.errors import ServiceError, invalid, unavailable
from servicekit.resilience import BreakerState, Bulkhead, CircuitBreaker, Deadline, backoff, retry

pytestmark = pytest.mark.unit


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds


class Failing:
    def __init__(self, *errors: ServiceError) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def down(**extra: float) -> ServiceError:
    return unavailable("DOWN", "down", **extra)


def test_a_deadline_only_shrinks() -> None:
    """A step may use less than the whole, never more."""
    clock = Clock()
    whole = Deadline.after(2.0, clock)
    assert whole.shrink(5.0).remaining_s == 2.0
    assert whole.shrink(0.5).remaining_s == 0.5
    clock.now_s += 3
    assert whole.expired
    with pytest.raises(ServiceError, match="DEADLINE_EXCEEDED"):
        whole.check("the lookup")


def test_backoff_stays_within_its_bounds_and_spreads() -> None:
    """Full jitter: from zero to the exponential bound, capped; huge attempts do not overflow."""
    rng = random.Random(1)
    waits = [backoff(3, base_s=0.1, cap_s=5.0, rng=rng) for _ in range(500)]
    assert min(waits) < 0.1
    assert 0.7 < max(waits) <= 0.8
    assert backoff(10_000, base_s=1.0, cap_s=5.0, rng=rng) <= 5.0


async def test_retry_repeats_what_may_be_repeated() -> None:
    """Two retryable failures, then success."""
    clock, call = Clock(), Failing(down(), down())
    assert await retry(call, attempts=3, deadline=Deadline.after(60, clock), sleep=clock.sleep) == "done"
    assert call.calls == 3


async def test_retry_gives_up_on_what_stays_wrong() -> None:
    """A request that is wrong is sent once."""
    call = Failing(invalid("BAD", "bad"))
    with pytest.raises(ServiceError, match="BAD"):
        await retry(call, attempts=3, deadline=Deadline.after(60))
    assert call.calls == 1


async def test_retry_honours_the_wait_that_the_peer_asks_for_and_the_deadline() -> None:
    """With less time left than the peer asks to wait, it fails at once."""
    clock, call = Clock(), Failing(down(retry_after_s=5.0))
    assert await retry(call, attempts=2, deadline=Deadline.after(60, clock), sleep=clock.sleep) == "done"
    assert clock.now_s >= 105.0
    late = Failing(down(retry_after_s=5.0))
    with pytest.raises(ServiceError, match="DOWN"):
        await retry(late, attempts=2, deadline=Deadline.after(4, clock), sleep=clock.sleep)
    assert late.calls == 1


async def test_breaker_opens_tries_once_and_closes() -> None:
    """Closed → open after failures in a row → one trial after the pause → closed by its success."""
    clock = Clock()
    breaker = CircuitBreaker("llm", failure_threshold=2, reset_s=10, clock=clock)
    for _ in range(2):
        with pytest.raises(ServiceError, match="DOWN"):
            async with breaker:
                raise down()
    assert breaker.state is BreakerState.OPEN
    with pytest.raises(ServiceError, match="CIRCUIT_OPEN"):
        async with breaker:
            pytest.fail("an open breaker let a call through")
    clock.now_s += 10
    assert breaker.allow()
    assert not breaker.allow(), "only one trial at a time"
    breaker.record_success()
    assert breaker.state is BreakerState.CLOSED


async def test_a_failed_trial_opens_the_breaker_again() -> None:
    """One failure is enough in the half-open state."""
    clock = Clock()
    breaker = CircuitBreaker("llm", failure_threshold=1, reset_s=10, clock=clock)
    breaker.record_failure()
    clock.now_s += 10
    with pytest.raises(ServiceError, match="DOWN"):
        async with breaker:
            raise down()
    assert breaker.state is BreakerState.OPEN


async def test_refused_and_cancelled_calls_say_nothing_about_health() -> None:
    """A 400 or a cancelled call neither opens the breaker nor blocks the next trial."""
    clock = Clock()
    breaker = CircuitBreaker("llm", failure_threshold=1, reset_s=10, clock=clock)
    with pytest.raises(ServiceError, match="BAD"):
        async with breaker:
            raise invalid("BAD", "bad")
    assert breaker.state is BreakerState.CLOSED
    breaker.record_failure()
    clock.now_s += 10
    with pytest.raises(asyncio.CancelledError):
        async with breaker:
            raise asyncio.CancelledError
    assert breaker.allow(), "a cancelled trial must not leave the breaker stuck"


async def test_bulkhead_refuses_over_its_queue() -> None:
    """One runs, one waits, the third is refused at once; places come back."""
    bulkhead, release = Bulkhead("llm", limit=1, queue=1), asyncio.Event()

    async def work() -> None:
        async with bulkhead:
            await release.wait()

    running = [asyncio.create_task(work()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ServiceError, match="OVERLOADED"):
        async with bulkhead:
            pytest.fail("over the limit")
    release.set()
    await asyncio.gather(*running)
    async with bulkhead:
        pass
