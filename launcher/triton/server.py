"""The embedded Triton's process: an ordinary model repository served on loopback ports."""

from __future__ import annotations

import os
import shutil
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from launcher.errors import LauncherError
from launcher.ports import LOOPBACK, free_ports
from launcher.process import ChildProcess
from launcher.triton.environment import TritonEnvironment
from launcher.triton.repository import Repository

_BACKENDS = Path(__file__).with_name("backends")
_EXIT_TIMEOUT_S = 8
STOP_GRACE_S = _EXIT_TIMEOUT_S + 4.0
START_TIMEOUT_S = 90.0
_POLL_S = 0.05
_READY_TIMEOUT_S = 1.0


@dataclass(frozen=True)
class TritonPorts:
    """The three ports of one server."""

    grpc: int
    http: int
    metrics: int

    @classmethod
    def choose(cls, grpc: int = 0) -> TritonPorts:
        """Takes free ports, and `grpc` as given unless it is 0."""
        free = free_ports(3)
        return cls(grpc or free[0], free[1], free[2])

    @property
    def url(self) -> str:
        """The gRPC address as clients take it: `host:port`."""
        return f"{LOOPBACK}:{self.grpc}"


def prepare_backends(environment: TritonEnvironment, target: Path) -> Path:
    """Lays out the backends folder of one server, replacing an earlier one.

    The Python backend's library must be a real file beside the stub of the right Python version (the server refuses a
    symlink that leaves the folder). The `onnxruntime` backend is ours: a Python program in the native one's place.

    Raises:
        LauncherError: The wheel carries no stub for the environment's Python.
    """
    server = environment.server_root
    stub = server / "python_backend_stubs" / environment.python / "triton_python_backend_stub"
    if not stub.exists():
        raise LauncherError(f"This Triton has no model stub for Python {environment.python}.")
    shutil.rmtree(target, ignore_errors=True)
    (target / "python").mkdir(parents=True)
    library = server / "backends" / "python"
    for path in (library / "libtriton_python.so", library / "triton_python_backend_utils.py", stub):
        shutil.copy2(path, target / "python")
    shutil.copytree(_BACKENDS / "onnxruntime", target / "onnxruntime", ignore=shutil.ignore_patterns("__pycache__"))
    return target


def command(environment: TritonEnvironment, repository: Repository, backends: Path, ports: TritonPorts) -> list[str]:
    """Returns the server's command line.

    Models are named one by one (explicit control), so that one that does not load leaves the others serving and the
    watchdog may unload and load a dead one. Configs are complete, so nothing is guessed at load time; a model's
    `configs/embedded.pbtxt` goes before its `config.pbtxt`.
    """
    return [
        str(environment.server_root / "bin" / "tritonserver"),
        f"--model-repository={repository.root}",
        "--model-config-name=embedded",
        f"--backend-directory={backends.resolve()}",
        f"--cache-directory={environment.server_root / 'caches'}",
        "--model-control-mode=explicit",
        *(f"--load-model={name}" for name in repository.models),
        "--disable-auto-complete-config", "--exit-on-error=false", "--strict-readiness=false",
        f"--exit-timeout-secs={_EXIT_TIMEOUT_S}", "--log-format=ISO8601", "--allow-gpu-metrics=false",
        f"--grpc-address={LOOPBACK}", f"--grpc-port={ports.grpc}",
        f"--http-address={LOOPBACK}", f"--http-port={ports.http}",
        f"--metrics-address={LOOPBACK}", f"--metrics-port={ports.metrics}",
        f"--backend-config=python,shm-region-prefix-name=stickerdesk{os.getpid()}_{ports.grpc}_",
    ]  # fmt: skip


def process_environment(environment: TritonEnvironment) -> dict[str, str]:
    """Returns the variables the server runs with: its own Python first on PATH, its own libraries, no GPU."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    env["PATH"] = os.pathsep.join([str(environment.root / "bin"), env.get("PATH", ""), "/usr/bin", "/bin"])
    libraries = [str(environment.library_dir), str(environment.bundled_libraries), env.get("LD_LIBRARY_PATH", "")]
    env["LD_LIBRARY_PATH"] = os.pathsep.join(path for path in libraries if path)
    env.setdefault("CUDA_VISIBLE_DEVICES", "")
    env.setdefault("TOKENIZERS_PARALLELISM", "false")
    return env


def is_ready(http_port: int) -> bool:
    """Tells whether the server accepts requests. It says so too when a model's process has died: see the watchdog."""
    try:
        with urllib.request.urlopen(
            f"http://{LOOPBACK}:{http_port}/v2/health/ready", timeout=_READY_TIMEOUT_S
        ) as reply:
            return bool(reply.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


class EmbeddedTriton:
    """A Triton server for the caller's own use, as tests and tools start it.

    The supervisor builds the same part from the functions above.
    """

    def __init__(self, process: ChildProcess, ports: TritonPorts, repository: Repository) -> None:
        """Wraps a server that `start` has seen ready."""
        self.process = process
        self.ports = ports
        self.repository = repository

    @property
    def url(self) -> str:
        """The gRPC address as clients take it: `host:port`."""
        return self.ports.url

    @classmethod
    def start(cls, environment: TritonEnvironment, repository: Repository, state_dir: Path) -> EmbeddedTriton:
        """Starts a server and waits until it accepts requests.

        Args:
            environment: What it runs in.
            repository: What it serves.
            state_dir: Where its backends folder and its log go.

        Raises:
            LauncherError: It ended or stayed silent.
        """
        ports = TritonPorts.choose()
        process = spawn(environment, repository, state_dir, ports)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not is_ready(ports.http):
            if process.returncode() is not None or time.monotonic() > deadline:
                process.stop(grace_s=0)
                raise LauncherError(f"Triton did not start: {process.last_words()}", f"See {process.log}.")
            time.sleep(_POLL_S)
        return cls(process, ports, repository)

    def stop(self) -> int:
        """Drains and ends the server; returns its exit status."""
        return self.process.stop(STOP_GRACE_S)


def spawn(
    environment: TritonEnvironment,
    repository: Repository,
    state_dir: Path,
    ports: TritonPorts,
    log: Path | None = None,
) -> ChildProcess:
    """Starts the server's process without waiting for it; `log` defaults to a file in `state_dir`."""
    state_dir.mkdir(parents=True, exist_ok=True)
    backends = prepare_backends(environment, state_dir / "backends")
    argv = command(environment, repository, backends, ports)
    return ChildProcess.spawn(argv, log=log or state_dir / "triton.log", env=process_environment(environment))
