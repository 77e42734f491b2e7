"""Runs a command that dies with its parent: `python -I -S tether.py PARENT_PID COMMAND ARGUMENT…`.

The kernel's parent-death signal must be requested by the child itself. Doing it in this small program, rather than in
a `preexec_fn`, keeps Python code out of the window between fork and exec, where a multi-threaded parent may deadlock.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Asks for SIGTERM at the parent's death, then becomes the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the request was made
        sys.exit(1)
    os.execvpe(command[0], command, os.environ)


if __name__ == "__main__":
    main()
