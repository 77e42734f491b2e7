"""Notices a model whose process has died, and brings it back.

Triton never restarts a model stub that crashed, and its readiness stays true: each request then waits a second and
fails. Only an inference tells. A model that answered somebody since the last round is left in peace; any other is
probed. A dead one is unloaded and loaded again (loading alone does nothing), and where that fails the server goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from tritonclient.utils import InferenceServerException

from launcher.triton.control import Verdict
from launcher.triton.stubs import end_processes

INTERVAL_S = 3.0
_PROBE_TIMEOUT_S = 5.0
_UNLOAD_WAIT_S = 1.0
_LOAD_TIMEOUT_S = 60.0
_POLL_S = 0.05
_SILENT_ROUNDS = 3  # a loaded machine may be late twice; a process that hangs is late for ever


class Control(Protocol):
    """What the watchdog needs of a server; `TritonControl` is one."""

    async def states(self) -> dict[str, str]:
        """Returns each model's state."""

    async def counts(self, model: str) -> tuple[int, int]:
        """Returns successes and failures so far."""

    async def probe(self, model: str, timeout_s: float) -> Verdict:
        """Runs a real inference."""

    async def unload(self, model: str) -> None:
        """Lets go of the model."""

    async def load(self, model: str, timeout_s: float) -> None:
        """Loads the model."""


class Watchdog:
    """Watches the models of one server.

    Args:
        control: The server.
        models: Names of the models that have a process of their own (not ensembles).
        say: Told each time something was found or done.
        restart_server: Called when a model could not be brought back alone.
        end: Ends the processes that are left of a model.
        sleep: Injected pause.
    """

    def __init__(
        self,
        control: Control,
        models: Iterable[str],
        *,
        say: Callable[[str], None],
        restart_server: Callable[[str], Awaitable[None]],
        end: Callable[[str], None] = end_processes,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Starts with no history: every model is probed in the first round."""
        self._control = control
        self._models = tuple(models)
        self._say = say
        self._restart_server = restart_server
        self._end = end
        self._sleep = sleep
        self._seen: dict[str, tuple[int, int]] = {}
        self._silent: dict[str, int] = {}

    async def run(self, interval_s: float = INTERVAL_S) -> None:
        """Watches until cancelled. A server that does not answer at all is the supervisor's concern, not ours."""
        while True:
            await self._sleep(interval_s)
            try:
                await self.check()
            except InferenceServerException:
                self._seen.clear()

    async def check(self) -> None:
        """Makes one round over the models.

        Raises:
            InferenceServerException: The server does not answer.
        """
        states = await self._control.states()
        for model in self._models:
            if states.get(model) == "READY" and not await self._is_alive(model):
                await self._recover(model)

    async def _is_alive(self, model: str) -> bool:
        counts = await self._control.counts(model)
        successes, failures = self._seen.get(model, (0, 0))
        if counts[0] > successes and counts[1] == failures:
            self._seen[model] = counts
            return True
        verdict = await self._control.probe(model, _PROBE_TIMEOUT_S)
        self._seen[model] = await self._control.counts(model)
        if verdict is Verdict.SILENT:
            self._silent[model] = self._silent.get(model, 0) + 1
            return self._silent[model] < _SILENT_ROUNDS
        self._silent.pop(model, None)
        return verdict is Verdict.ALIVE

    async def _recover(self, model: str) -> None:
        """Loads the model afresh, or has the server restarted when that does not help."""
        self._say(f"model {model} has died without a word; loading it again")
        self._silent.pop(model, None)
        self._end(model)
        try:
            await self._control.unload(model)
            await self._wait_unloaded(model)
            await self._control.load(model, _LOAD_TIMEOUT_S)
            alive = await self._control.probe(model, _PROBE_TIMEOUT_S) is Verdict.ALIVE
        except InferenceServerException:
            alive = False
        self._seen.pop(model, None)
        if alive:
            self._say(f"model {model} is back")
        else:
            await self._restart_server(f"model {model} could not be loaded again")

    async def _wait_unloaded(self, model: str) -> None:
        """Waits a moment for the end of the unloading.

        With a dead process the server may report UNLOADING for ever; loading then works none the less.
        """
        rounds = int(_UNLOAD_WAIT_S / _POLL_S)
        for _ in range(rounds):
            if (await self._control.states()).get(model) not in ("READY", "UNLOADING"):
                return
            await self._sleep(_POLL_S)
