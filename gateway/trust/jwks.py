"""Public keys of token issuers that publish them (JWKS, RFC 7517), kept in memory.

Verifying never waits for the issuer's host: keys are fetched when the edge starts, again every hour, and when a token
names a key that is not known. That last is held to one fetch in half a minute, so that made-up key names cannot make
the edge a hammer. While the host is down the keys of before go on to hold.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, RSAKey, import_key

from servicekit.errors import ServiceError, unavailable
from servicekit.telemetry import get_logger

MAX_AGE_S = 3600.0
MIN_INTERVAL_S = 30.0
_MAX_BYTES = 256 * 1024
_MAX_KEYS = 100
_TIMEOUT_S = 5.0
_MIN_RSA_BITS = 2048

_log = get_logger("gateway.jwks")

Fetch = Callable[[str], Awaitable[Any]]


class KeysPending(ServiceError):
    """The key that a token names is being looked for: the same token may be good in a moment."""

    def __init__(self, cache: JwksCache) -> None:
        pending = unavailable("UNAVAILABLE", "the token's key is being fetched, try again", retry_after_s=1.0)
        super().__init__(pending.code, pending.reason, pending.message, retry_after_s=pending.retry_after_s)
        self.cache = cache


def algorithm_of(key: Key) -> str | None:
    """The one algorithm that a key is used with: what a token's header says can never choose another."""
    if isinstance(key, RSAKey):
        return "RS256" if key.public_key.key_size >= _MIN_RSA_BITS else None
    if isinstance(key, ECKey):
        return "ES256" if key.curve_name == "P-256" else None
    return "HS256" if isinstance(key, OctKey) else None


async def fetch_json(url: str) -> Any:
    """A small JSON document; redirects are not followed.

    Raises:
        httpx.HTTPError: It cannot be had.
        ValueError: It is not JSON, or too large.
    """
    async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client, client.stream("GET", url) as answer:
        if answer.status_code != 200:
            raise ValueError(f"status {answer.status_code}")
        body = bytearray()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > _MAX_BYTES:
                raise ValueError("larger than 256 KiB")
        return json.loads(body)


class JwksCache:
    """The keys of one URL.

    Args:
        url: Where they are.
        fetch: Gets the document.
        clock: Monotonic seconds.
    """

    def __init__(self, url: str, fetch: Fetch = fetch_json, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: tuple[Key, ...] | None = None
        self._fetched_at_s = 0.0
        self._tried_at_s: float | None = None
        self._flight: asyncio.Task[None] | None = None

    def find(self, kid: str | None, algorithm: str) -> tuple[Key, ...]:
        """The keys that a token with this header may be signed by; none when there is no such key.

        Raises:
            KeysPending: It may be a new one, and is being fetched.
        """
        if self._keys is not None and self._clock() - self._fetched_at_s > MAX_AGE_S:
            self._begin()
        found = tuple(key for key in self._keys or () if (kid is None or key.kid == kid))
        if found:
            return tuple(key for key in found if algorithm_of(key) == algorithm)
        if self._begin() or self._keys is None:
            raise KeysPending(self)
        return ()

    async def refresh(self) -> None:
        """Fetches the keys, unless that was tried just now; who asks during a fetch waits for it."""
        self._begin()
        if self._flight is not None:
            await asyncio.shield(self._flight)

    def _begin(self) -> bool:
        """Begins a fetch if one is due; whether one is under way."""
        if self._flight is not None and not self._flight.done():
            return True
        now_s = self._clock()
        if self._tried_at_s is not None and now_s - self._tried_at_s < MIN_INTERVAL_S:
            return False
        self._tried_at_s = now_s
        self._flight = asyncio.get_running_loop().create_task(self._load())
        return True

    async def _load(self) -> None:
        try:
            keys = _read(await self._fetch(self.url))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError, RecursionError) as error:
            _log.warning("keys of a token issuer cannot be fetched", url=self.url, problem=type(error).__name__)
            return
        self._keys, self._fetched_at_s = keys, self._clock()
        _log.info("keys of a token issuer fetched", url=self.url, keys=len(keys))


def _read(document: Any) -> tuple[Key, ...]:
    """The usable keys of a set; one that is of no use to us (another kind, for encryption) is passed over."""
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("not a key set")
    usable: list[Key] = []
    for item in listed[:_MAX_KEYS]:
        if not isinstance(item, dict) or item.get("kty") not in ("RSA", "EC") or item.get("use", "sig") != "sig":
            continue
        try:
            key = import_key(item)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if algorithm_of(key) is not None and item.get("alg", algorithm_of(key)) == algorithm_of(key):
            usable.append(key)
    return tuple(usable)
