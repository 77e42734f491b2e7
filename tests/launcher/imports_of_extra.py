"""Imports every module of a service while whatever its extra does not bring is refused; prints what is missing."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

_NOT_IMPORTED = ("backends", "migrations")  # run by others than the service


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _closure(requirements: Iterable[str]) -> set[str]:
    """Names of all distributions that requirements bring."""
    todo, seen = [Requirement(one) for one in requirements], set()
    while todo:
        one = todo.pop()
        key = (_plain(one.name), tuple(sorted(one.extras)))
        if key in seen:
            continue
        seen.add(key)
        try:
            further = [Requirement(text) for text in requires(one.name) or ()]
        except PackageNotFoundError:
            continue
        wanted = ("", *one.extras)
        todo += [f for f in further if f.marker is None or any(f.marker.evaluate({"extra": e}) for e in wanted)]
    return {name for name, _ in seen}


class Refusing:
    """Finds no module of a distribution that is not allowed."""

    def __init__(self, allowed: set[str]) -> None:
        self._allowed, self._owners = allowed | {"stickerdesk"}, packages_distributions()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Refuses, or leaves it to the next finder."""
        owners = {_plain(one) for one in self._owners.get(name.partition(".")[0], ())}
        if owners and not owners & self._allowed:
            raise ModuleNotFoundError(f"{name} is of {', '.join(owners)}", name=name)


def main(service: str) -> int:
    """Prints each module that lacks something; 1 when there is one."""
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    allowed = _closure([*project["dependencies"], *project["optional-dependencies"][service]])
    sys.path[:0] = [".", "protos"]
    sys.meta_path.insert(0, Refusing(allowed))  # type: ignore[arg-type]
    missing = []
    for module in pkgutil.walk_packages(importlib.import_module(service).__path__, f"{service}."):
        if not set(_NOT_IMPORTED) & set(module.name.split(".")):
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as error:
                missing.append(f"{module.name}: {error}")
    print("\n".join(missing), end="")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
