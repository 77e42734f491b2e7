"""The virtual environment that the embedded Triton runs in.

The server binary comes in a wheel that needs numpy below 2, a Python of its own and Linux on x86-64, so it never shares
an environment with the services. A stamp file records what was installed: a second start only reads it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.errors import LauncherError

SERVER_VERSION = "2.51.0"
SERVER_REQUIREMENT = "nvidia-pytriton==0.7.0"
RUNTIME_REQUIREMENTS = (
    "numpy>=1.26,<2",
    "onnxruntime>=1.22",
    "tokenizers>=0.22",
    "pillow>=11.3",
    "rapidocr>=3.10",
    "opencv-python-headless<4.12",  # what rapidocr takes; later ones need numpy 2
)
PYTHON_VERSIONS = ("3.12", "3.11")
_MINIMUM_GLIBC = (2, 35)
_STAMP = "stickerdesk.json"
_INSTALL_TIMEOUT_S = 900
_ELSEWHERE = "Set STICKERDESK_TRITON_URL to a running Triton (host:port of its gRPC service)."
_VERSIONS_SCRIPT = """
import json, sysconfig
from importlib.metadata import version
names = ("numpy", "onnxruntime", "tokenizers", "pillow", "rapidocr", "nvidia-pytriton")
print(json.dumps({n: version(n) for n in names} | {"libdir": sysconfig.get_config_var("LIBDIR"),
                 "purelib": sysconfig.get_path("purelib"), "python": sysconfig.get_python_version()}))
"""


class TritonEnvironment:
    """An installed environment.

    Attributes:
        root: The directory of the virtual environment.
        python: Its Python's version, `major.minor`.
        packages: Where its packages are installed.
        library_dir: Where its Python's shared library lies, which the model stub is linked against.
        versions: What is installed, by distribution name.
    """

    def __init__(self, root: Path, facts: dict[str, str]) -> None:
        """Takes the facts that the environment told about itself."""
        self.root = root
        self.python = facts["python"]
        self.packages = Path(facts["purelib"])
        self.library_dir = Path(facts["libdir"])
        self.versions = {name: facts[name] for name in facts if name not in ("python", "purelib", "libdir")}

    @property
    def server_root(self) -> Path:
        """The part of the wheel that holds the server, its backends and its stubs."""
        return self.packages / "pytriton" / "tritonserver"

    @property
    def bundled_libraries(self) -> Path:
        """The shared libraries that the wheel brings for the server."""
        return self.packages / "nvidia_pytriton.libs"


def unsupported_reason() -> str | None:
    """Returns one sentence why this machine cannot run the embedded Triton, or None when it can."""
    if sys.platform != "linux" or platform.machine().lower() not in ("x86_64", "amd64"):
        return f"The embedded Triton runs on Linux x86-64 only, this is {platform.system()} {platform.machine()}."
    library, version = platform.libc_ver()
    if library != "glibc":
        return "The embedded Triton needs glibc, which this system does not use."
    if tuple(int(part) for part in version.split(".")[:2]) < _MINIMUM_GLIBC:
        return f"The embedded Triton needs glibc 2.35 or newer, this system has {version}."
    if shutil.which("bash") is None:
        return "The embedded Triton needs bash on PATH."
    return None


def installed(root: Path) -> TritonEnvironment | None:
    """Returns the environment at `root` if it is complete and of this release, else None. Installs nothing."""
    try:
        stamp = json.loads((root / _STAMP).read_text(encoding="utf-8"))
        environment = TritonEnvironment(root, stamp["facts"])
    except (OSError, ValueError, KeyError):
        return None
    complete = (environment.server_root / "bin" / "tritonserver").exists() and (root / "bin" / "python3").exists()
    return environment if stamp["wanted"] == _wanted() and complete else None


def ensure(root: Path, say: Callable[[str], None]) -> TritonEnvironment:
    """Returns the environment at `root`, creating and filling it when it is missing or of another release.

    Args:
        root: The directory of the virtual environment; its parent must exist.
        say: Told once, before an installation that takes a while.

    Raises:
        LauncherError: The machine is not supported, no fitting Python was found, or the installation failed.
    """
    if (environment := installed(root)) is not None:
        return environment
    if reason := unsupported_reason():
        raise LauncherError(reason, _ELSEWHERE)
    with _one_installer(root):
        if (environment := installed(root)) is not None:
            return environment
        say(f"installing Triton {SERVER_VERSION} into {root.name} (once, about a minute)")
        return _install(root)


def _install(root: Path) -> TritonEnvironment:
    """Builds the environment from nothing; the stamp is written last, so a broken attempt is repeated."""
    _run([str(find_python()), "-m", "venv", "--clear", str(root)], "create the Triton environment")
    pip = [str(root / "bin" / "python3"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--no-deps", SERVER_REQUIREMENT], f"install {SERVER_REQUIREMENT}")
    _run([*pip, *RUNTIME_REQUIREMENTS], "install what the models need")
    facts: dict[str, str] = json.loads(_run([str(root / "bin" / "python3"), "-c", _VERSIONS_SCRIPT], "read versions"))
    if int(facts["numpy"].split(".")[0]) >= 2:
        raise LauncherError(f"The Triton environment has numpy {facts['numpy']}; its model stub needs numpy below 2.")
    (root / _STAMP).write_text(json.dumps({"wanted": _wanted(), "facts": facts}, indent=1), encoding="utf-8")
    return TritonEnvironment(root, facts)


def find_python(running: str = f"{sys.version_info.major}.{sys.version_info.minor}") -> Path:
    """Returns a Python 3.12 or 3.11: the running one if it fits, else one from PATH that really starts.

    Args:
        running: The version of the running one, `major.minor`.

    Raises:
        LauncherError: There is none.
    """
    if running in PYTHON_VERSIONS:
        return Path(sys.executable)
    for version in PYTHON_VERSIONS:
        found = shutil.which(f"python{version}")
        if found and _version_of(found) == version:  # a version manager's shim may exist and refuse
            return Path(found)
    raise LauncherError(
        f"The embedded Triton needs Python 3.11 or 3.12, this is {running}.",
        f"Install one of them beside it. Or: {_ELSEWHERE}",
    )


def _version_of(python: str) -> str:
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    result = subprocess.run([python, "-c", script], capture_output=True, text=True, timeout=20, check=False)
    return result.stdout.strip()


def _run(argv: list[str], purpose: str) -> str:
    """Runs a step of the installation.

    Raises:
        LauncherError: It failed; the message carries its last line.
    """
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    try:
        result = subprocess.run(argv, capture_output=True, text=True, env=env, timeout=_INSTALL_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise LauncherError(f"Could not {purpose}: no end after {_INSTALL_TIMEOUT_S} s.", _ELSEWHERE) from error
    if result.returncode:
        lines = [line for line in (result.stderr or result.stdout).splitlines() if line.strip()]
        raise LauncherError(f"Could not {purpose}: {lines[-1] if lines else 'no output'}.", _ELSEWHERE)
    return result.stdout


def _wanted() -> str:
    """Names what this release installs; another name means: build it again."""
    return hashlib.sha256("\n".join((SERVER_REQUIREMENT, *RUNTIME_REQUIREMENTS)).encode()).hexdigest()[:16]


@contextmanager
def _one_installer(root: Path) -> Iterator[None]:
    """Lets one process at a time build the environment; the others wait and find it finished."""
    root.mkdir(parents=True, exist_ok=True)
    directory = os.open(root, os.O_RDONLY)  # `venv --clear` empties the directory and keeps it, and so the lock
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)
