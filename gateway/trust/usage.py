"""When API keys were last used: kept in Redis, or without one in a file, and written now and then."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redis.exceptions import RedisClusterException, RedisError

from servicekit.telemetry import get_logger

_EVERY_S = 10.0

_log = get_logger("gateway.keys")


class KeyUsage:
    """Remembers the last use of each key, to the second.

    Args:
        file: Where it is kept without Redis: a JSON object of `<tenant>/<id>` to seconds since 1970.
        redis: Where it is kept instead: a hash of the same.
        prefix: Before the hash's name.
        clock: Wall clock in seconds since 1970.
    """

    def __init__(
        self, file: Path, redis: Any = None, prefix: str = "sd", clock: Callable[[], float] = time.time
    ) -> None:
        self._file, self._redis, self._clock = file, redis, clock
        self._name = f"{prefix}:keys:used"
        self._fresh: dict[str, int] = {}

    def mark(self, tenant: str, identity: str) -> None:
        """A key was used."""
        self._fresh[f"{tenant}/{identity}"] = int(self._clock())

    async def write_for_ever(self) -> None:
        """Writes until it is cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            await self.write()

    async def write(self) -> None:
        """Writes what is new; what cannot be written is tried again with the next."""
        fresh, self._fresh = self._fresh, {}
        if not fresh:
            return
        try:
            if self._redis is not None:
                await self._redis.hset(self._name, mapping=fresh)
            else:
                await asyncio.to_thread(self._merge, fresh)
        except (RedisError, RedisClusterException, OSError) as error:
            _log.warning("the last use of keys cannot be written", problem=type(error).__name__)
            self._fresh = {**fresh, **self._fresh}

    def _merge(self, fresh: dict[str, int]) -> None:
        try:
            known = json.loads(self._file.read_bytes())
        except (FileNotFoundError, ValueError):
            known = {}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        made = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        made.write_text(json.dumps({**known, **fresh} if isinstance(known, dict) else fresh))
        os.replace(made, self._file)
