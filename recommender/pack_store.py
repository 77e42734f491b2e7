"""Packs on disk: those that ship with the recommender, those that operators added, and what was removed.

`<data>/packs/<id>.zip` holds cleaned archives, `<data>/state.json` the rest. Every change is written whole and
renamed into place under a file lock, so that a crash leaves the old state and replicas that share the folder do not
lose each other's changes.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from recommender.catalogue import Localized, Pack
from recommender.pack import LoadedPack, read_pack
from recommender.pack_writer import write_pack
from servicekit.errors import ServiceError, conflict, internal
from servicekit.telemetry import get_logger

_MAX_RECEIPTS = 1000


@dataclass(frozen=True, slots=True)
class PackSummary:
    """A pack without its stickers: what callers are told of it."""

    id: str
    title_en: str
    title_zh: str
    licence: str
    version: str
    sticker_count: int
    added_at: float | None

    @classmethod
    def of(cls, pack: Pack) -> PackSummary:
        """Summarises a pack."""
        title: Localized[str] = pack.title
        return cls(pack.id, title.en, title.zh, pack.licence, pack.version, len(pack.stickers), pack.added_at)


@dataclass(slots=True)
class _State:
    added: dict[str, float] = field(default_factory=dict)
    removed_packs: list[str] = field(default_factory=list)
    removed_stickers: list[str] = field(default_factory=list)
    receipts: dict[str, Any] = field(default_factory=dict)


class PackStore:
    """All packs of one data folder. Methods block on disk and CPU: call them in a thread."""

    def __init__(self, shipped: Path, data_dir: Path, clock: Callable[[], float] = time.time) -> None:
        """Uses the archives in `shipped` (never written) and the folder `data_dir` (made when needed)."""
        self._shipped = shipped
        self._dir = data_dir
        self._clock = clock
        self._log = get_logger("packs")
        self._thread_lock = threading.Lock()
        self._seen: tuple[int, int] = (0, 0)

    def load(self) -> list[LoadedPack]:
        """Reads every pack, without what was removed.

        A stored archive that cannot be read is left out and logged: one broken file must not take the rest down.

        Raises:
            ServiceError: PACK_INVALID, a shipped archive is broken.
        """
        self._seen = self._stamp()
        state = self._read_state()
        removed = frozenset(state.removed_stickers)
        packs = {loaded.pack.id: loaded for loaded in self._shipped_packs() if loaded.pack.id not in state.added}
        for pack_id, added_at in state.added.items():
            try:
                packs[pack_id] = read_pack(self._path(pack_id).read_bytes(), trusted=True, added_at=added_at)
            except (ServiceError, OSError) as error:
                self._log.error("stored pack left out", pack=pack_id, problem=str(error))
        kept = (loaded for pack_id, loaded in sorted(packs.items()) if pack_id not in state.removed_packs)
        return [replace(loaded, pack=loaded.pack.without(removed)) for loaded in kept]

    def changed(self) -> bool:
        """Tells whether another process has changed the folder since the last `load`."""
        return self._stamp() != self._seen

    def add(self, request_id: str, archive: bytes, *, overwrite: bool) -> PackSummary:
        """Checks, cleans and stores a pack.

        Raises:
            ServiceError: PACK_INVALID, PACK_TOO_LARGE, or PACK_EXISTS when the id is taken and `overwrite` is false.
        """
        receipt_id = f"add:{request_id}"
        if (receipt := self._read_state().receipts.get(receipt_id)) is not None:
            return PackSummary(**receipt)
        loaded = read_pack(archive, added_at=self._clock())
        with self._change() as state:
            if receipt_id in state.receipts:
                return PackSummary(**state.receipts[receipt_id])
            if not overwrite and self._exists(loaded.pack.id, state):
                raise conflict("PACK_EXISTS", f"there is a pack {loaded.pack.id} already; ask to replace it")
            _write(self._path(loaded.pack.id), write_pack(loaded))
            state.added[loaded.pack.id] = loaded.pack.added_at or 0.0
            state.removed_packs = [pack for pack in state.removed_packs if pack != loaded.pack.id]
            prefix = f"{loaded.pack.id}/"
            state.removed_stickers = [one for one in state.removed_stickers if not one.startswith(prefix)]
            summary = PackSummary.of(loaded.pack)
            state.receipts[receipt_id] = asdict(summary)
            return summary

    def remove(self, request_id: str, sticker_ids: Sequence[str], pack_id: str, present: Mapping[str, Any]) -> int:
        """Removes stickers, and a whole pack if one is named; returns how many stickers are gone.

        Args:
            request_id: A repeated one answers as the first time.
            sticker_ids: Unknown ones do not count.
            pack_id: Pack to remove whole, or empty.
            present: The stickers that exist now, by id.
        """
        receipt_id = f"remove:{request_id}"
        with self._change() as state:
            if receipt_id in state.receipts:
                return int(state.receipts[receipt_id])
            gone = {one for one in sticker_ids if one in present}
            gone |= {one for one in present if pack_id and one.startswith(f"{pack_id}/")}
            state.removed_stickers = sorted({*state.removed_stickers, *gone})
            if pack_id:
                self._remove_pack(pack_id, state)
            state.receipts[receipt_id] = len(gone)
            return len(gone)

    def _remove_pack(self, pack_id: str, state: _State) -> None:
        state.removed_stickers = [one for one in state.removed_stickers if not one.startswith(f"{pack_id}/")]
        if state.added.pop(pack_id, None) is not None:
            self._path(pack_id).unlink(missing_ok=True)
        if pack_id not in state.removed_packs and any(one.pack.id == pack_id for one in self._shipped_packs()):
            state.removed_packs.append(pack_id)

    def _exists(self, pack_id: str, state: _State) -> bool:
        if pack_id in state.removed_packs:
            return False
        return pack_id in state.added or any(loaded.pack.id == pack_id for loaded in self._shipped_packs())

    def _shipped_packs(self) -> Iterator[LoadedPack]:
        for path in sorted(self._shipped.glob("*.zip")):
            yield read_pack(path.read_bytes(), trusted=True)

    def _path(self, pack_id: str) -> Path:
        return self._dir / "packs" / f"{pack_id}.zip"

    @property
    def _state_path(self) -> Path:
        return self._dir / "state.json"

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self._state_path.stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_ino)

    def _read_state(self) -> _State:
        try:
            return _State(**json.loads(self._state_path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return _State()
        except (ValueError, TypeError) as error:
            raise internal("STATE_UNREADABLE", f"{self._state_path.name} of the pack folder is damaged") from error

    @contextmanager
    def _change(self) -> Iterator[_State]:
        """Reads the state under the lock and writes it back, unless the block raises."""
        self._dir.mkdir(parents=True, exist_ok=True)
        with self._thread_lock, (self._dir / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = self._read_state()
            yield state
            for request_id in list(state.receipts)[:-_MAX_RECEIPTS]:
                del state.receipts[request_id]
            _write(self._state_path, json.dumps(asdict(state), ensure_ascii=False).encode())


def _write(path: Path, data: bytes) -> None:
    """Replaces a file so that a crash leaves either the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)
