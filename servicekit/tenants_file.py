"""Reads the tenants file, says on which line it is wrong, and follows its changes while a service runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from servicekit.settings import SettingRefused
from servicekit.telemetry import get_logger
from servicekit.tenants import Tenants

MAX_FILE_BYTES = 4 * 1024 * 1024
_LOOK_EVERY_S = 2.0

_log = get_logger("tenants")

Loc = tuple[int | str, ...]


class TenantsFileError(SettingRefused):
    """The file cannot be read or is wrong; the text names every line and field."""

    variable = "TENANTS_FILE"


def load_tenants(path: Path) -> Tenants:
    """Reads the file.

    Raises:
        TenantsFileError: It is not there, not YAML, or not what a tenants file may hold.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TenantsFileError(f"{path}: {error.strerror or error}") from None
    if len(data) > MAX_FILE_BYTES:
        raise TenantsFileError(f"{path}: larger than {MAX_FILE_BYTES} bytes")
    return _resolved(parse_tenants(data, path.name), path.resolve().parent)


def parse_tenants(data: bytes | str, name: str) -> Tenants:
    """Reads the file's text.

    Args:
        data: The text.
        name: How errors call the file.

    Raises:
        TenantsFileError: It is not YAML, or not what a tenants file may hold.
    """
    try:
        root = yaml.compose(data, Loader=yaml.SafeLoader)
        plain = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark is not None else name
        raise TenantsFileError(f"{where}: not YAML: {getattr(error, 'problem', None) or 'cannot be read'}") from None
    if root is None:
        raise TenantsFileError(f"{name}: the file is empty")
    _refuse_repeats(root, name)
    try:
        return Tenants.model_validate(plain)
    except ValidationError as wrong:
        raise TenantsFileError("\n".join(_explain(problem, root, name) for problem in wrong.errors())) from None


def _refuse_repeats(root: yaml.Node, name: str) -> None:
    """YAML readers keep the last of two equal keys; a tenant that is silently half gone is worse than an error."""
    waiting, met = [root], {id(root)}  # aliases make nodes meet again, even themselves
    while waiting:
        node = waiting.pop()
        children: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in seen:
                    raise TenantsFileError(f"{name}:{key.start_mark.line + 1}: {key.value} is there twice")
                seen.add(str(key.value))
                children.append(value)
        elif isinstance(node, yaml.SequenceNode):
            children = list(node.value)
        fresh = [child for child in children if id(child) not in met]
        met.update(map(id, fresh))
        waiting.extend(fresh)


def _explain(problem: Any, root: yaml.Node, name: str) -> str:
    loc: Loc = tuple(part for part in problem["loc"] if part != "[key]")
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        message = "no such field"
    return f"{name}:{_line(root, loc)}: {'.'.join(str(part) for part in loc) or 'the file'}: {message}"


def _line(root: yaml.Node, loc: Loc) -> int:
    """The line of a field; of what holds it, when it is missing."""
    node, line = root, root.start_mark.line + 1
    for part in loc:
        found = _child(node, part)
        if found is None:
            break
        node, line = found
    return line


def _child(node: yaml.Node, part: int | str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line + 1
    return None


def _resolved(tenants: Tenants, folder: Path) -> Tenants:
    """The same with paths that hold wherever the process stands."""
    held = {}
    for identity, tenant in tenants.tenants.items():
        issuers = [
            issuer.model_copy(
                update={
                    field: folder / path
                    for field in ("public_key_file", "secret_file")
                    if (path := getattr(issuer, field)) is not None
                }
            )
            for issuer in tenant.issuers
        ]
        knowledge = None if tenant.knowledge is None else folder / tenant.knowledge
        held[identity] = tenant.model_copy(update={"issuers": issuers, "knowledge": knowledge})
    return tenants.model_copy(update={"tenants": held})


class TenantBook:
    """The tenants of now.

    Args:
        tenants: What holds at first.
        path: The file to follow; None: what holds at first holds for good.
        check: Looks at a new version before it counts; it raises ValueError to refuse it.
    """

    def __init__(
        self, tenants: Tenants, path: Path | None = None, check: Callable[[Tenants], object] | None = None
    ) -> None:
        self.current = tenants
        self.version = 0
        self.broken = False
        self._path = path
        self._check = check
        self._seen = self._stamp()
        self._listeners: list[Callable[[Tenants], None]] = []

    @classmethod
    def open(cls, path: Path, check: Callable[[Tenants], object] | None = None) -> TenantBook:
        """The book of a file.

        Raises:
            TenantsFileError: The file is wrong; a service does not start with it.
        """
        tenants = load_tenants(path)
        if check is not None:
            try:
                check(tenants)
            except ValueError as error:
                raise TenantsFileError(f"{path.name}: {error}") from None
        return cls(tenants, path, check)

    def on_change(self, listener: Callable[[Tenants], None]) -> None:
        """Calls `listener` with every later version."""
        self._listeners.append(listener)

    def refresh(self) -> bool:
        """Reads the file again if it has changed; a broken one is logged and the old version stays.

        Returns:
            Whether a new version counts now.
        """
        return self._take(self._read())

    async def watch(self, every_s: float = _LOOK_EVERY_S) -> None:
        """Follows the file until it is cancelled; a large one is read beside the event loop."""
        while self._path is not None:
            await asyncio.sleep(every_s)
            self._take(await asyncio.to_thread(self._read))

    def _read(self) -> Tenants | ValueError | None:
        """The file's new version, what is wrong with it, or None when it is the one that was seen."""
        stamp = self._stamp()
        if self._path is None or stamp == self._seen:
            return None
        self._seen = stamp
        try:
            tenants = load_tenants(self._path)
            if self._check is not None:
                self._check(tenants)
        except ValueError as error:
            return error
        return tenants

    def _take(self, read: Tenants | ValueError | None) -> bool:
        if read is None:
            return False
        self.broken = isinstance(read, ValueError)
        if isinstance(read, ValueError):
            _log.error("the tenants file is wrong, the version before it stays", problem=str(read))
            return False
        self.current, self.version = read, self.version + 1
        _log.info("tenants read again", tenants=len(read.tenants), version=self.version)
        for listener in self._listeners:
            listener(read)
        return True

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            facts = self._path.stat() if self._path is not None else None
        except OSError:  # between two versions of a mounted file there may be none
            return None
        return None if facts is None else (facts.st_ino, facts.st_mtime_ns, facts.st_size)
