"""The processes in which a Triton server of ours runs its models."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

_PROGRAM = "triton_python_backend_stub"


def model_processes(model: str, server: int | None = None) -> list[int]:
    """Returns the living processes of `model` under the Triton `server`, or under every one of this process."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            program, *arguments = (path / "cmdline").read_text(errors="replace").split("\0")
            of_model = any(argument.startswith(f"{model}_0_") for argument in arguments)
            if program.endswith(_PROGRAM) and of_model and _is_ours(_parent(int(path.name)), server):
                found.append(int(path.name))
    return found


def _is_ours(parent: int, server: int | None) -> bool:
    return _parent(parent) == os.getpid() if server is None else parent == server


def end_processes(model: str, server: int | None = None) -> None:
    """Ends what is left of a model of which one instance has died, under one server where several were started.

    Triton does not: the unloading waits for the dead one for ever, and the living ones would stay beside those that
    are loaded afresh.
    """
    for pid in model_processes(model, server):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _parent(pid: int) -> int:
    return int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
