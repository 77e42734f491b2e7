"""A client that keeps the protocol's promises on its side, whatever the network does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

_AGAIN_S = 0.5
_MOST_S = 10.0
_WINDOW = 6
_ABANDONED = 1


def _about_hello(error: dict[str, Any]) -> bool:
    """Whether a hello was doubled or dropped: the edge says so, and the client comes again."""
    return error.get("field") == "type" or error["reason"] == "HELLO_REQUIRED"


class Talker:
    """Says so many things, until each is acknowledged and answered.

    Attributes:
        entries: What was taken, by seq, each once and in order.
        faults: What must not happen.
        seen: How often frames of which type came.
    """

    def __init__(self, port: int, name: str, messages: int, rng: random.Random) -> None:
        self._url = f"ws://127.0.0.1:{port}/v1/ws"
        self._rng = rng
        self._unsaid = [f"{name}-{number}" for number in range(messages)]
        self._waiting: dict[str, float] = {}
        self._abandoned: list[ClientConnection] = []
        self._socket: ClientConnection | None = None
        self._resuming = False
        self._patience_s = _AGAIN_S
        self.wanted = set(self._unsaid)
        self.known: dict[str, Any] = {}
        self.entries: list[dict[str, Any]] = []
        self.answered: set[str] = set()
        self.faults: list[str] = []
        self.seen: Counter[str] = Counter()
        self.joins = 0

    @property
    def done(self) -> bool:
        """Whether everything was said and answered."""
        said = {entry["client_msg_id"] for entry in self.entries if entry["author"] == "customer"}
        answers = sum(entry["author"] != "customer" for entry in self.entries)
        return said >= self.wanted and answers >= len(self.wanted)

    async def run(self) -> None:
        """Talks to the end."""
        while not self.done:
            with contextlib.suppress(ConnectionClosed, InvalidHandshake, OSError, TimeoutError, EOFError):
                await self._connection()
            if self._socket is not None:  # left open: what is still on its way may arrive late
                self._abandoned.append(self._socket)
                self._socket = None
                while len(self._abandoned) > _ABANDONED:
                    self._abandoned.pop(0).transport.abort()
            if not self.done:  # a machine that is busy is not helped by ever more connections
                await asyncio.sleep(self._rng.random() * self._patience_s)
                self._patience_s = min(_MOST_S, self._patience_s * 1.5)
        for socket in self._abandoned:
            socket.transport.abort()

    async def _connection(self) -> None:
        async with asyncio.timeout(3 * self._patience_s):
            self._socket = await connect(self._url, ping_interval=None, compression=None, max_size=None)
        self.joins += 1
        self._resuming = True
        known = {"last_seq": len(self.entries), **self.known} if self.known else {}
        await self._send(type="hello", **known)
        while not self.done:
            try:
                async with asyncio.timeout(self._patience_s):
                    data = await self._socket.recv()
            except TimeoutError:
                if self._resuming:
                    return  # no welcome: another connection
                await self._say(again=True)
                if not self._waiting:  # all is acknowledged, but the last entry may have been dropped on its way
                    await self._resume()
                continue
            await self._hear(json.loads(data))

    async def _hear(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        self.seen[kind] += 1
        if kind == "welcome":
            self.known = {key: frame[key] for key in ("token", "conversation", "epoch")}
        elif kind == "caught_up" and self.known:  # without its welcome nobody knows where this is
            self._resuming = False
            self._patience_s = _AGAIN_S
        elif kind == "entry":
            await self._take(frame)
        elif kind == "ack":
            self._waiting.pop(frame["client_msg_id"], None)
        elif kind == "gap":
            self.faults.append(f"gap {frame}")
        elif kind == "error" and not frame["retryable"] and not _about_hello(frame):
            self.faults.append(f"error {frame}")
        elif kind == "ping":
            await self._send(type="pong", t=frame["t"])
        if not self._resuming:
            await self._say()

    async def _take(self, entry: dict[str, Any]) -> None:
        following = len(self.entries) + 1
        if entry["seq"] == following:
            self.entries.append(entry)
            if self._rng.random() < 0.2:
                await self._send(type="receipt", delivered=following, read=following)
        elif entry["seq"] > following and not self._resuming:
            await self._resume()

    async def _resume(self) -> None:
        self._resuming = True
        known = {key: self.known[key] for key in ("conversation", "epoch")}
        await self._send(type="resume", last_seq=len(self.entries), **known)

    async def _say(self, *, again: bool = False) -> None:
        now = asyncio.get_running_loop().time()
        for name, sent_s in tuple(self._waiting.items()):
            if again or now - sent_s > 4 * _AGAIN_S:
                self._waiting[name] = now
                await self._send(type="message", client_msg_id=name, text=f"say {name}")
        while self._unsaid and len(self._waiting) < _WINDOW:
            name = self._unsaid.pop(0)
            self._waiting[name] = now
            await self._send(type="message", client_msg_id=name, text=f"say {name}")

    async def _send(self, **frame: Any) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(frame))
