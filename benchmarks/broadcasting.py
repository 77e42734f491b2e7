"""One announcement to every live client, measured from the request to the last who has it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.report import Report, Row
from benchmarks.services import Running
from benchmarks.stats import quantile
from benchmarks.visitor import Heard, Visitor
from servicekit.api_keys import ApiKey

GOAL_BROADCAST_S = 3.0
TENANT = "default"
_ANNOUNCED_S = 30.0


@dataclass
class _Announced:
    """A visitor that waits for an announcement.

    Attributes:
        count: How often it came.
        at_s: When it first did.
    """

    visitor: Visitor
    count: int = 0
    at_s: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, frame: Heard) -> None:
        """A frame came."""
        if frame.type == "entry" and frame.author == "system":
            self.count += 1
            self.at_s = self.at_s or time.perf_counter()
            self.done.set()


def tenants_file(folder: Path, key: ApiKey) -> Path:
    """A tenants file with one key that may broadcast."""
    path = folder / "tenants.yaml"
    path.write_text(
        f'version: 1\ntenants:\n  {TENANT}:\n    keys:\n      - {{id: {key.id}, hash: "{key.hash}", '
        f"scopes: [broadcast], created_at: 2026-01-01T00:00:00Z}}\n"
    )
    return path


async def broadcast(visitors: Sequence[Visitor], gateway: Running, key: ApiKey, report: Report) -> None:
    """One announcement to all, from the request to the last client that has it; then the same again to nobody."""
    waiting = [_Announced(visitor) for visitor in visitors if not visitor.closed]
    for one in waiting:
        one.visitor.listen = one.heard
    begun_s = time.perf_counter()
    first = await _announce(gateway, key)
    answered_s = time.perf_counter() - begun_s
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_ANNOUNCED_S):
            for one in waiting:
                await one.done.wait()
    again = await _announce(gateway, key)
    heard_s = sorted(one.at_s - begun_s for one in waiting if one.count) or [0.0]
    report.rows += [
        Row("broadcast: conversations reached", first["reached"]),
        Row("broadcast: half of the clients have it after", quantile(heard_s, 0.5), "s"),
        Row("broadcast: all clients have it after", heard_s[-1], "s", at_most=GOAL_BROADCAST_S),
        Row("broadcast: the caller has its answer after", answered_s, "s"),
        Row("broadcast: clients that never got it", sum(one.count == 0 for one in waiting), at_most=0),
        Row("broadcast: clients that got it twice", sum(one.count > 1 for one in waiting), at_most=0),
        Row("broadcast again: reached", again["reached"], at_most=0),
    ]
    for one in waiting:
        one.visitor.listen = None


async def _announce(gateway: Running, key: ApiKey) -> dict[str, int]:
    body = {"announcement_id": "bench", "text": {"en": "We are back at nine."}}
    async with httpx.AsyncClient(timeout=_ANNOUNCED_S) as http:
        answer = await http.post(
            f"http://{gateway.address}/v1/broadcasts", json=body, headers={"authorization": f"Bearer {key}"}
        )
    answer.raise_for_status()
    counts: dict[str, int] = answer.json()
    return counts
