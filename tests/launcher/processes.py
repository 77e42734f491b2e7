"""Finds processes that a server started, for tests that end them."""

from __future__ import annotations

from pathlib import Path


def model_processes(server: int, model: str) -> list[int]:
    """The processes that run `model` for the Triton server with the process id `server`; zombies are none."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (path / "cmdline").read_bytes().split(b"\0")
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == server and any(argument.startswith(f"{model}_0_".encode()) for argument in arguments):
            found.append(int(path.name))
    return found
