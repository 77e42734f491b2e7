"""The supervisor on real, tiny processes: order, restarts, giving up, stopping."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.errors import LauncherError
from launcher.process import ChildProcess
from launcher.supervisor import BACKOFF_CAP_S, Event, Part, State, Supervisor, backoff_s

pytestmark = pytest.mark.integration

# Makes its ready file, waits for SIGTERM, then writes its name into the shared log of endings.
_SERVER = """
import pathlib, signal, sys, threading
ready, endings, name = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
done = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: done.set())
ready.touch()
done.wait()
with endings.open("a") as file:
    file.write(name + "\\n")
"""


class Scene:
    """A folder with parts made of tiny processes, and what was reported about them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[Event] = []
        self.stop = asyncio.Event()
        self.all_ready = asyncio.Event()
        self.pauses: list[float] = []

    def part(self, name: str, *needs: str, script: str = _SERVER, **options: object) -> Part:
        """A part whose process runs `script`; it is ready when its file is there."""
        ready_file = self.folder / f"{name}.ready"

        def spawn() -> ChildProcess:
            ready_file.unlink(missing_ok=True)
            argv = [sys.executable, "-c", script, str(ready_file), str(self.folder / "endings"), name]
            return ChildProcess.spawn(argv, log=self.folder / f"{name}.log")

        async def ready() -> bool:
            return ready_file.exists()

        return Part(name, "nowhere", ready, spawn=spawn, needs=needs, **options)  # type: ignore[arg-type]

    async def pause(self, seconds: float) -> None:
        """Records a pause and makes it short."""
        self.pauses.append(seconds)
        await asyncio.sleep(min(seconds, 0.02))

    def run(self, *parts: Part) -> asyncio.Task[None]:
        """Starts a supervisor on `parts`."""
        supervisor = Supervisor(parts, self.events.append, sleep=self.pause)
        return asyncio.create_task(supervisor.run(self.stop, self.all_ready.set))

    def states(self, name: str) -> list[State]:
        """What was reported about one part."""
        return [event.state for event in self.events if event.part.name == name]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until something has been reported."""
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.01)

    def pid(self, name: str) -> int:
        """The process that was last reported for a part."""
        return next(event.pid for event in reversed(self.events) if event.part.name == name and event.pid)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """An empty scene."""
    return Scene(tmp_path)


async def test_starts_by_need_and_stops_in_reverse(scene: Scene) -> None:
    """A part starts after what it needs is ready; the drain goes the other way."""
    running = scene.run(scene.part("store"), scene.part("engine", "store"), scene.part("edge", "engine"))
    await asyncio.wait_for(scene.all_ready.wait(), 20)
    order = [(event.part.name, event.state) for event in scene.events]
    assert order.index(("store", State.READY)) < order.index(("engine", State.STARTING))
    assert order.index(("engine", State.READY)) < order.index(("edge", State.STARTING))
    scene.stop.set()
    await asyncio.wait_for(running, 20)
    assert (scene.folder / "endings").read_text().split() == ["edge", "engine", "store"]


async def test_crash_is_said_and_restarted(scene: Scene) -> None:
    """A part killed from outside comes back with another process, and its neighbours keep theirs."""
    running = scene.run(scene.part("store"), scene.part("engine", "store"))
    await asyncio.wait_for(scene.all_ready.wait(), 20)
    victim, neighbour = scene.pid("engine"), scene.pid("store")
    os.kill(victim, signal.SIGKILL)
    await scene.until(lambda: scene.states("engine").count(State.READY) == 2)
    assert scene.pid("engine") != victim
    assert scene.pid("store") == neighbour
    (crash,) = [event for event in scene.events if event.state is State.RESTARTING]
    assert crash.detail == "ended by signal 9; again in 0.5 s"
    scene.stop.set()
    await asyncio.wait_for(running, 20)


async def test_part_that_never_starts_is_given_up(scene: Scene) -> None:
    """Three attempts, then an error with the last words of its log; what already ran is stopped."""
    broken = "import sys; sys.exit('no such setting')"
    running = scene.run(scene.part("store"), scene.part("engine", "store", script=broken))
    with pytest.raises(LauncherError, match=r"engine did not start: ended with status 1 \(no such setting\)"):
        await asyncio.wait_for(running, 20)
    assert scene.states("engine").count(State.STARTING) == 3
    assert (scene.folder / "endings").read_text().split() == ["store"]


async def test_wrong_settings_are_not_tried_again(scene: Scene) -> None:
    """A service that says that its settings do not fit is believed at once, with its own words."""
    broken = "import sys; print('DIALECT: one of a, b', file=sys.stderr); sys.exit(2)"
    running = scene.run(scene.part("engine", script=broken))
    with pytest.raises(LauncherError, match=r"engine did not start: ended with status 2 \(DIALECT: one of a, b\)"):
        await asyncio.wait_for(running, 20)
    assert scene.states("engine").count(State.STARTING) == 1


async def test_part_that_once_ran_is_never_given_up(scene: Scene) -> None:
    """After it has been ready, a crash loop backs off further and further instead of ending everything."""
    brief = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(0.3)"
    running = scene.run(scene.part("engine", script=brief))
    await scene.until(lambda: scene.states("engine").count(State.RESTARTING) == 4)
    assert not running.done()
    delays = [event.detail.rpartition("again in ")[2] for event in scene.events if event.state is State.RESTARTING]
    assert delays == ["0.5 s", "1 s", "2 s", "4 s"]
    scene.stop.set()
    await asyncio.wait_for(running, 20)


async def test_watch_can_ask_for_a_restart(scene: Scene) -> None:
    """What watches a part may find that only a new process helps."""
    asked = 0

    async def watch() -> str:
        nonlocal asked
        asked += 1
        if asked == 1:
            return "a model could not be loaded again"
        return await asyncio.get_running_loop().create_future()

    running = scene.run(scene.part("triton", watch=watch))
    await scene.until(lambda: scene.states("triton").count(State.READY) == 2)
    (restart,) = [event for event in scene.events if event.state is State.RESTARTING]
    assert restart.detail.startswith("a model could not be loaded again")
    scene.stop.set()
    await asyncio.wait_for(running, 20)


async def test_deaf_process_is_killed_after_its_grace(scene: Scene) -> None:
    """A process that ignores SIGTERM does not hold up the drain for longer than it was given."""
    deaf = (
        "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
    )
    running = scene.run(scene.part("engine", script=deaf, stop_grace_s=0.2))
    await asyncio.wait_for(scene.all_ready.wait(), 20)
    scene.stop.set()
    await asyncio.wait_for(running, 20)
    assert scene.events[-1].detail == "killed after its time to drain"


async def test_stop_during_the_start_ends_it(scene: Scene) -> None:
    """A Ctrl-C before everything is up stops what was started."""
    silent = "import time; time.sleep(60)"
    running = scene.run(scene.part("store", script=silent, stop_grace_s=1), scene.part("engine", "store"))
    await scene.until(lambda: State.STARTING in scene.states("store"))
    scene.stop.set()
    await asyncio.wait_for(running, 20)
    assert scene.states("store")[-1] is State.STOPPED
    assert State.STARTING not in scene.states("engine")


async def test_outside_part_is_watched_and_never_started(scene: Scene) -> None:
    """A part that somebody else runs is reported when it goes and when it is back."""
    up = scene.folder / "up"
    up.touch()

    async def ready() -> bool:
        return up.exists()

    running = scene.run(Part("valkey", "redis://elsewhere", ready))
    await asyncio.wait_for(scene.all_ready.wait(), 20)
    up.unlink()
    await scene.until(lambda: State.UNREACHABLE in scene.states("valkey"))
    up.touch()
    await scene.until(lambda: scene.states("valkey").count(State.READY) == 2)
    scene.stop.set()
    await asyncio.wait_for(running, 20)


async def test_outside_part_that_does_not_answer_is_an_error(scene: Scene) -> None:
    """A wrong URL ends the start with the address in the sentence."""

    async def ready() -> bool:
        return False

    running = scene.run(Part("triton", "elsewhere:8001", ready, start_timeout_s=0.05))
    with pytest.raises(LauncherError, match="triton at elsewhere:8001 does not answer"):
        await asyncio.wait_for(running, 20)


def test_backoff_doubles_up_to_its_cap() -> None:
    """Pauses double and never pass the cap, however often a part has failed."""
    assert [backoff_s(attempt) for attempt in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert backoff_s(10_000) == BACKOFF_CAP_S
