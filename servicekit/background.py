"""Work that goes on beside the requests for as long as the process lives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from servicekit.resilience import Sleep, backoff
from servicekit.telemetry import get_logger

_BASE_S, _CAP_S = 0.5, 30.0
_MOST_DOUBLINGS = 10

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
