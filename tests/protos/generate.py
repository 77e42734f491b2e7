"""Generates the typed stubs beside the `.proto` files; with `--check`, compares instead of writing.

Usage: `python -m tests.protos.generate [--check]`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROTOS = ROOT / "protos"
SUFFIXES = ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb2_grpc.pyi")


def generate(target: Path) -> None:
    """Runs protoc with the mypy plugins for every `.proto` into `target`."""
    sources = sorted(str(p.relative_to(PROTOS)) for p in PROTOS.rglob("*.proto"))
    command = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        f"--plugin=protoc-gen-mypy={Path(sys.executable).parent / 'protoc-gen-mypy'}",
        f"--plugin=protoc-gen-mypy_grpc={Path(sys.executable).parent / 'protoc-gen-mypy_grpc'}",
        f"-I{PROTOS}",
        f"--python_out={target}",
        f"--grpc_python_out={target}",
        f"--mypy_out=quiet:{target}",
        f"--mypy_grpc_out=quiet:{target}",
        *sources,
    ]
    subprocess.run(command, check=True, cwd=PROTOS)
    for source in sources:
        stem = Path(source).with_suffix("")
        if "\nservice " not in (PROTOS / source).read_text(encoding="utf-8"):
            for suffix in ("_pb2_grpc.py", "_pb2_grpc.pyi"):
                target.joinpath(f"{stem}{suffix}").unlink(missing_ok=True)


def stubs(root: Path) -> dict[str, str]:
    """Relative path → text of every generated stub below `root`."""
    return {
        str(p.relative_to(root)): p.read_text(encoding="utf-8")
        for p in sorted(root.rglob("*"))
        if p.name.endswith(SUFFIXES)
    }


def drift() -> list[str]:
    """Paths of stubs that differ from what the protos generate now; empty when all is in step."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh, committed = stubs(Path(folder)), stubs(PROTOS)
    return sorted(path for path in fresh.keys() | committed.keys() if fresh.get(path) != committed.get(path))


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        stale = drift()
        if stale:
            sys.exit("stubs are out of step with the protos, run `make protos`: " + ", ".join(stale))
    else:
        generate(PROTOS)
