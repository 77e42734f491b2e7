"""An identity provider: signs tokens, and publishes its keys on a real HTTP server that can be stopped."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

ISSUER = "https://login.acme.example"
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"}, private=True)
RSA_NEXT = RSAKey.generate_key(2048, {"kid": "rsa-2"}, private=True)
EC = ECKey.generate_key("P-256", {"kid": "ec-1"}, private=True)


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims, changed; None takes one away."""
    now_s = int(time.time())
    good = {"iss": ISSUER, "sub": "kim", "iat": now_s, "exp": now_s + 600, "jti": "t-1", **changes}
    return {name: value for name, value in good.items() if value is not None}


def sign(key: Key = RSA, algorithm: str = "RS256", header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A token."""
    headers = {"alg": algorithm, "kid": key.kid, **(header or {})}
    return jwt.encode({k: v for k, v in headers.items() if v is not None}, claims(**changes), key, [algorithm])


class Provider:
    """Serves `/jwks.json`."""

    def __init__(self) -> None:
        self.keys: list[Key] = [RSA]
        self.body: bytes | None = None
        self.asked = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/jwks.json"

    async def start(self) -> Provider:
        """Listens; again on the port of before."""
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Goes away."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        await reader.readuntil(b"\r\n\r\n")
        body = self.body
        if body is None:
            body = json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()
