"""What the watchdog does with what it sees, without a server."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from tritonclient.utils import InferenceServerException

from launcher.triton.control import Verdict
from launcher.triton.watchdog import Watchdog

pytestmark = pytest.mark.unit


@dataclass
class FakeControl:
    """A server with one model `m`, whose probes give the listed verdicts."""

    verdicts: list[Verdict] = field(default_factory=list)
    count: tuple[int, int] = (0, 0)
    state: str = "READY"
    loads: bool = True
    calls: list[str] = field(default_factory=list)

    async def states(self) -> dict[str, str]:
        return {"m": self.state}

    async def counts(self, model: str) -> tuple[int, int]:
        return self.count

    async def probe(self, model: str, timeout_s: float) -> Verdict:
        self.calls.append("probe")
        return self.verdicts.pop(0)

    async def unload(self, model: str) -> None:
        self.calls.append("unload")
        self.state = "UNAVAILABLE"

    async def load(self, model: str, timeout_s: float) -> None:
        self.calls.append("load")
        if not self.loads:
            raise InferenceServerException("no memory")
        self.state = "READY"


@dataclass
class Watched:
    """A watchdog on a fake, with what it said and whom it had restarted."""

    control: FakeControl
    said: list[str] = field(default_factory=list)
    restarts: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dog = Watchdog(
            self.control, ["m"], say=self.said.append, restart_server=self._restart, end=self.ended.append
        )

    async def _restart(self, reason: str) -> None:
        self.restarts.append(reason)


async def test_busy_model_is_left_in_peace() -> None:
    """Successes since the last round spare the probe."""
    watched = Watched(FakeControl(count=(5, 0)))
    await watched.dog.check()
    watched.control.count = (6, 0)
    await watched.dog.check()
    assert watched.control.calls == []


async def test_failures_are_looked_into_even_beside_successes() -> None:
    """One of two processes may be dead: new failures cause a probe."""
    watched = Watched(FakeControl([Verdict.ALIVE], count=(5, 0)))
    await watched.dog.check()
    watched.control.count = (9, 1)
    await watched.dog.check()
    assert watched.control.calls == ["probe"]


async def test_dead_model_is_unloaded_then_loaded() -> None:
    """In that order, because loading alone does nothing."""
    watched = Watched(FakeControl([Verdict.DEAD, Verdict.ALIVE]))
    await watched.dog.check()
    assert watched.control.calls == ["probe", "unload", "load", "probe"]
    assert watched.restarts == []


async def test_two_late_answers_are_forgiven_three_are_not() -> None:
    """A hung process is given up in the third round."""
    watched = Watched(FakeControl([Verdict.SILENT] * 3 + [Verdict.ALIVE]))
    await watched.dog.check()
    await watched.dog.check()
    assert watched.said == []
    await watched.dog.check()
    assert "load" in watched.control.calls


@pytest.mark.parametrize("control", [FakeControl([Verdict.DEAD], loads=False), FakeControl([Verdict.DEAD] * 2)])
async def test_model_that_stays_dead_costs_the_server(control: FakeControl) -> None:
    """A model that does not load, or is dead after loading, has the server restarted."""
    watched = Watched(control)
    await watched.dog.check()
    assert watched.restarts == ["model m could not be loaded again"]


async def test_model_that_is_loading_is_not_probed() -> None:
    """Only READY models are expected to answer."""
    watched = Watched(FakeControl(state="LOADING"))
    await watched.dog.check()
    assert watched.control.calls == []
