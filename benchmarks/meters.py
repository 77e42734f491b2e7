"""What a process has used: processor time to the nanosecond, memory in proportion to what it shares. Linux only."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def cpu_s(pid: int) -> float:
    """Processor seconds of all threads that a process has now."""
    total_ns = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # it ended while we looked
            total_ns += int((thread / "schedstat").read_text().split()[0])
    return total_ns / 1e9


def group(leader: int) -> list[int]:
    """The processes of a process group, by its leader."""
    members = []
    for process in Path("/proc").iterdir():
        with suppress(OSError, ValueError, IndexError):
            state = (process / "stat").read_text().rpartition(")")[2].split()
            if int(state[2]) == leader:
                members.append(int(process.name))
    return members


def pss_kib(pid: int) -> int:
    """Memory of a process in KiB; a page shared by n processes counts 1/n for each.

    Raises:
        OSError: There is no such process, or it is somebody else's.
        ValueError: The kernel does not tell.
    """
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise ValueError(f"no Pss of process {pid}")
