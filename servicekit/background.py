"""Work that goes on beside the requests for as long as the process lives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from servicekit.resilience import Sleep, backoff
from servicekit.telemetry import get_logger

_BASE_S, _CAP_S = 0.5, 30.0
_MOST_DOUBLINGS = 10
_AGAIN_S = 5.0

_log = get_logger("background")


async def keep_running(
    work: Callable[[], Awaitable[object]],
    *,
    name: str,
    sleep: Sleep = asyncio.sleep,
    rng: random.Random | None = None,
) -> None:
    """Runs `work` until it returns or is cancelled; what it raises is logged, and it begins again after a pause.

    A task that dies of an error nobody foresaw is silent: its exception waits for somebody who awaits it, health goes
    on saying SERVING, and abandoned turns are no longer taken over or old records no longer removed.

    Args:
        work: A loop that begins where it was when it is called again.
        name: How the log calls it.
        sleep: Passes the time between two tries.
        rng: For jitter.
    """
    failures, rng = 0, rng or random.Random()
    while True:
        try:
            await work()
            return
        except Exception:
            _log.exception("background work failed and begins again", work=name, failures=failures + 1)
        await sleep(backoff(failures, base_s=_BASE_S, cap_s=_CAP_S, rng=rng))
        failures = min(failures + 1, _MOST_DOUBLINGS)


async def stop(work: Iterable[asyncio.Future[Any]], *, again_s: float = _AGAIN_S) -> None:
    """Cancels work that goes on for ever, and returns when it is over.

    A cancellation can be lost: a client library that gets it in the moment in which its answer comes may give the
    answer instead, and a loop around that goes on. Waiting for it would then hold up the end of the process for ever,
    so what has not ended is cancelled again.

    Args:
        work: Tasks or futures; one that is over already does no harm.
        again_s: How long an end may take before it is asked for again.
    """
    left = set(work)
    while left:
        for one in left:
            one.cancel()
        over, left = await asyncio.wait(left, timeout=again_s)
        for one in over:
            if not one.cancelled() and (error := one.exception()) is not None:
                _log.warning("background work ended with an error", exc_info=error)
