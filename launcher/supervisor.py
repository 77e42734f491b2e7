"""Keeps parts running: starts them in order of need, restarts what crashes, stops all in reverse order."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from launcher.errors import LauncherError
from launcher.process import ChildProcess

FIRST_ATTEMPTS = 3  # a part that never came up is given up after so many; one that did is restarted for ever
WRONG_SETTINGS = 2  # the status of a service that cannot run on its settings: another attempt would end the same
BACKOFF_BASE_S = 0.5
BACKOFF_CAP_S = 30.0
STEADY_S = 60.0  # a part that ran so long has earned a quick restart again
_POLL_S = 0.1


class State(StrEnum):
    """What a part is doing."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    UNREACHABLE = "unreachable"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Part:
    """One part of the mesh.

    Attributes:
        name: What people call it.
        address: Where it is reached.
        needs: Names of the parts that must be ready before it starts.
        ready: Tells whether it serves now.
        spawn: Starts its process; None for a part that somebody else runs.
        watch: Runs while the part is ready and returns the reason when it must be restarted.
        start_timeout_s: How long it may take to become ready.
        stop_grace_s: How long it may take to drain.
    """

    name: str
    address: str
    ready: Callable[[], Awaitable[bool]]
    spawn: Callable[[], ChildProcess] | None = None
    needs: tuple[str, ...] = ()
    watch: Callable[[], Awaitable[str]] | None = None
    start_timeout_s: float = 60.0
    stop_grace_s: float = 15.0

    @property
    def embedded(self) -> bool:
        """Whether its process is ours."""
        return self.spawn is not None


@dataclass(frozen=True)
class Event:
    """A part changed its state.

    Attributes:
        part: Which one.
        state: What it does now.
        detail: A few words for people: how long it took, why it ended.
        pid: Its process, where it is ours and runs.
    """

    part: Part
    state: State
    detail: str = ""
    pid: int | None = None


class Supervisor:
    """Runs a set of parts until told to stop.

    Args:
        parts: In order of their start; they are stopped in the reverse of it.
        report: Told every change of state.
        sleep: Injected pause.
        clock: Injected monotonic clock, in seconds.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        report: Callable[[Event], None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts nothing yet."""
        self._parts = tuple(parts)
        self._report = report
        self._sleep = sleep
        self._clock = clock
        self._children: dict[str, ChildProcess] = {}
        self._was_ready = {part.name: asyncio.Event() for part in parts}

    async def run(self, stop: asyncio.Event, on_ready: Callable[[], None]) -> None:
        """Starts the parts and keeps them until `stop` is set, then stops them in reverse order.

        Args:
            stop: Ends the run. Set during the start it ends that.
            on_ready: Called once, when every part has become ready.

        Raises:
            LauncherError: A part never came up; whatever ran has been stopped.
        """
        keepers = [asyncio.create_task(self._keep(part), name=part.name) for part in self._parts]
        waiting = [asyncio.create_task(self._announce(on_ready)), asyncio.create_task(stop.wait()), *keepers]
        stopped = waiting[1]
        try:
            while not stopped.done():
                done, _ = await asyncio.wait([w for w in waiting if not w.done()], return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            await self._stop_all()

    def kill(self) -> None:
        """Ends every process at once, for somebody who does not want to wait for the drain."""
        for child in self._children.values():
            child.kill()

    async def _announce(self, on_ready: Callable[[], None]) -> None:
        for part in self._parts:
            await self._was_ready[part.name].wait()
        on_ready()

    async def _keep(self, part: Part) -> None:
        self._report(Event(part, State.WAITING))
        for name in part.needs:
            await self._was_ready[name].wait()
        if part.spawn is None:
            await self._keep_external(part)
            return
        attempt = 0
        while True:
            attempt += 1
            problem, ready_s = await self._live(part, part.spawn)
            if ready_s >= STEADY_S:
                attempt = 1
            hopeless = attempt >= FIRST_ATTEMPTS or self._children[part.name].returncode() == WRONG_SETTINGS
            if hopeless and not self._was_ready[part.name].is_set():
                raise LauncherError(f"{part.name} did not start: {problem}.", self._log_hint(part))
            delay_s = backoff_s(attempt)
            self._report(Event(part, State.RESTARTING, f"{problem}; again in {delay_s:g} s"))
            await self._sleep(delay_s)

    async def _live(self, part: Part, spawn: Callable[[], ChildProcess]) -> tuple[str, float]:
        """Runs the part once; returns why it ended and for how many seconds it had been ready."""
        started = self._clock()
        child = self._children[part.name] = spawn()
        self._report(Event(part, State.STARTING, pid=child.pid))
        problem = await self._until_ready(part, child, started)
        ready_at = self._clock()
        if problem is None:
            self._report(Event(part, State.READY, f"{ready_at - started:.1f} s", child.pid))
            self._was_ready[part.name].set()
            problem = await self._until_gone(part, child)
        ready_s = self._clock() - ready_at
        await asyncio.to_thread(child.stop, part.stop_grace_s)
        return problem, ready_s

    async def _until_ready(self, part: Part, child: ChildProcess, started: float) -> str | None:
        while not await part.ready():
            if (status := child.returncode()) is not None:
                return _obituary(status, child)
            if self._clock() - started > part.start_timeout_s:
                return f"not ready after {part.start_timeout_s:g} s"
            await self._sleep(_POLL_S)
        if (status := child.returncode()) is not None:  # somebody else answers on its port
            return _obituary(status, child)
        return None

    async def _until_gone(self, part: Part, child: ChildProcess) -> str:
        watch = asyncio.ensure_future(part.watch()) if part.watch else None
        try:
            while (status := child.returncode()) is None:
                if watch is not None and watch.done():
                    return watch.result()
                await self._sleep(_POLL_S)
            return _obituary(status, child)
        finally:
            if watch is not None:
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)

    async def _keep_external(self, part: Part) -> None:
        """Watches a part that somebody else runs."""
        started, was_up = self._clock(), False
        self._report(Event(part, State.STARTING, "external"))
        while True:
            is_up = await part.ready()
            if is_up and not was_up:
                self._report(Event(part, State.READY, "external"))
                self._was_ready[part.name].set()
            elif was_up and not is_up:
                self._report(Event(part, State.UNREACHABLE, "external, does not answer"))
            elif not self._was_ready[part.name].is_set() and self._clock() - started > part.start_timeout_s:
                raise LauncherError(f"{part.name} at {part.address} does not answer.", "Check its URL.")
            was_up = is_up
            await self._sleep(1.0)

    def _log_hint(self, part: Part) -> str:
        return f"Its log: {self._children[part.name].log}"

    async def _stop_all(self) -> None:
        for part in reversed(self._parts):
            child = self._children.get(part.name)
            if child is None:
                continue
            if child.returncode() is None:
                self._report(Event(part, State.STOPPING, pid=child.pid))
            status = await asyncio.to_thread(child.stop, part.stop_grace_s)
            detail = "" if status == 0 else "killed after its time to drain" if status == -9 else f"status {status}"
            self._report(Event(part, State.STOPPED, detail))


def backoff_s(attempt: int) -> float:
    """Returns the pause before the next attempt, after `attempt` of them: doubling, capped."""
    return float(min(BACKOFF_BASE_S * 2 ** min(attempt - 1, 16), BACKOFF_CAP_S))


def _obituary(status: int, child: ChildProcess) -> str:
    cause = f"ended by signal {-status}" if status < 0 else f"ended with status {status}"
    words = "" if status == -signal.SIGKILL else child.last_words()  # it had no time for any
    return f"{cause} ({words})" if words else cause
