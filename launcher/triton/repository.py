"""What a Triton model repository on disk can serve."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from launcher.errors import LauncherError

_STEP = re.compile(r'^\s*model_name:\s*"([^"]+)"', re.MULTILINE)
_COMMENT = re.compile(r"#.*$", re.MULTILINE)
_ENSEMBLE = re.compile(r'^\s*platform:\s*"ensemble"', re.MULTILINE)


@dataclass(frozen=True)
class Repository:
    """A scanned model repository.

    Attributes:
        root: Its directory.
        models: Names of the models that can be loaded, ensembles included, in alphabetic order.
        ensembles: Names among them that only connect others and have no process of their own.
        unbuilt: Names that have a config but lack weights, or connect one that does.
    """

    root: Path
    models: tuple[str, ...]
    ensembles: frozenset[str]
    unbuilt: tuple[str, ...]


def scan(root: Path) -> Repository:
    """Reads which models of the repository at `root` are complete.

    Raises:
        LauncherError: There is no repository, or Triton would refuse its path.
    """
    root = root.resolve()
    if not root.is_dir():
        raise LauncherError(f"No model repository at {root}.")
    if any(character.isspace() for character in str(root)):
        raise LauncherError(f"Triton refuses a model repository whose path has a space: {root}.", "Move the checkout.")
    configs = {
        path.parent.name: _COMMENT.sub("", path.read_text(encoding="utf-8")) for path in root.glob("*/config.pbtxt")
    }
    steps = {name: frozenset(_STEP.findall(text)) for name, text in configs.items() if _ENSEMBLE.search(text)}
    ready = {name for name in configs if name not in steps and _has_version(root / name)}
    while grown := {name for name, parts in steps.items() if name not in ready and parts <= ready}:
        ready |= grown
    return Repository(root, tuple(sorted(ready)), frozenset(steps) & ready, tuple(sorted(configs.keys() - ready)))


def _has_version(model: Path) -> bool:
    """Tells whether some numbered version has a graph or a program."""
    versions = [path for path in model.iterdir() if path.name.isdigit()]
    return any((path / name).exists() for path in versions for name in ("model.onnx", "model.py"))
