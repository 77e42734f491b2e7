"""Asks the parts whether they serve: gRPC health, HTTP readiness, the Redis protocol's PING."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote, urlsplit

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

_TIMEOUT_S = 2.0
_DEFAULT_REDIS_PORT = 6379


async def grpc_serves(address: str) -> bool:
    """Tells whether the server at `host:port` says SERVING for the whole of itself."""
    async with grpc.aio.insecure_channel(address) as channel:
        try:
            reply = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=_TIMEOUT_S, wait_for_ready=False
            )
        except grpc.RpcError:
            return False
    return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)


async def http_ok(host: str, port: int, path: str) -> bool:
    """Tells whether `GET path` answers 200; an IPv6 host may stand in brackets."""
    bare = host.strip("[]")
    named = f"[{bare}]" if ":" in bare else bare
    request = f"GET {path} HTTP/1.1\r\nHost: {named}:{port}\r\nConnection: close\r\n\r\n"
    line = await _exchange(bare, port, request.encode())
    return line.startswith(b"HTTP/1.1 200")


async def redis_version(url: str) -> str | None:
    """Returns what the server at a `redis://` or `rediss://` URL is, such as `valkey 9.1.2`; None when it is silent."""
    parts = urlsplit(url)
    commands = [b"AUTH " + _credentials(parts.username, parts.password)] if parts.password else []
    request = b"".join(command + b"\r\n" for command in [*commands, b"PING", b"INFO server", b"QUIT"])
    host, port = parts.hostname or "127.0.0.1", parts.port or _DEFAULT_REDIS_PORT
    reply = await _exchange(host, port, request, tls=parts.scheme == "rediss", whole=True)
    if b"+PONG" not in reply:
        return None
    info = dict(line.split(":", 1) for line in reply.decode("utf-8", "replace").splitlines() if ":" in line)
    name = "valkey" if "valkey_version" in info else "redis"
    return f"{name} {info.get('valkey_version') or info.get('redis_version') or '(version not told)'}"


def _credentials(user: str | None, password: str) -> bytes:
    return f"{unquote(user)} {unquote(password)}".encode() if user else unquote(password).encode()


async def _exchange(host: str, port: int, request: bytes, *, tls: bool = False, whole: bool = False) -> bytes:
    """Sends `request` and returns the first line of the answer, or all of it; empty when nobody answers."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port, ssl=tls or None)
            try:
                writer.write(request)
                return await (reader.read() if whole else reader.readline())
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""
